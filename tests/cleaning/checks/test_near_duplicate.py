"""The same photo, edited."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photos import scene
from whatsit.cleaning.checks import CHECKS
from whatsit.cleaning.looks import look_at_all
from whatsit.data.readers import read
from whatsit.image import encode_jpeg


@pytest.mark.parametrize(
    ("edit", "how"),
    [
        (lambda picture: picture, "as it is"),
        (lambda picture: picture[::2, ::2], "as it is"),
        (lambda picture: picture // 2 + 30, "as it is"),
        (lambda picture: picture[:, ::-1], "mirrored"),
        (lambda picture: picture[::-1, ::-1], "upside down"),
        (lambda picture: np.rot90(picture), "turned by a quarter"),
        (lambda picture: np.rot90(picture, 3), "turned by a quarter"),
    ],
)
def test_an_edited_copy_is_a_near_duplicate(folder: Path, edit: object, how: str) -> None:
    copy = np.ascontiguousarray(edit(scene(seed=3)))  # type: ignore[operator]
    (folder / "cat" / "copy.jpg").write_bytes(encode_jpeg(copy, quality=60))
    (finding,) = CHECKS["near-duplicate"].judge(look_at_all(read(folder)))
    assert {finding.photo, finding.detail["of"]} == {"cat/copy.jpg", "cat/3.jpg"}
    assert finding.detail["how"] == how

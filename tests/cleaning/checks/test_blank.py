"""Photos of one colour."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from checked import found
from whatsit.image import encode_png


def test_a_photo_of_one_colour_is_blank(folder: Path) -> None:
    (folder / "dog" / "grey.png").write_bytes(encode_png(np.full((90, 90, 3), 128, np.uint8)))
    assert found(folder, "blank") == {"dog/grey.png": "all of it within 0.0 grey levels"}


@pytest.mark.parametrize(("step", "is_blank"), [(6, True), (10, False)])
def test_four_grey_levels_are_the_least_that_a_photo_varies(folder: Path, step: int, is_blank: bool) -> None:
    halves = np.full((90, 90, 3), 128, np.uint8)
    halves[:45] += np.uint8(step)  # a standard deviation of half the step
    (folder / "dog" / "halves.png").write_bytes(encode_png(halves))
    assert bool(found(folder, "blank")) == is_blank

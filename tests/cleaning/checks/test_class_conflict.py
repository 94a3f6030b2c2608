"""One photo in two classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from checked import found
from photos import scene
from whatsit.image import encode_jpeg


def test_a_copy_in_another_class_is_a_conflict_of_both(folder: Path) -> None:
    (folder / "dog" / "9.jpg").write_bytes((folder / "cat" / "1.jpg").read_bytes())
    assert found(folder, "exact-duplicate") == {}
    assert found(folder, "class-conflict") == {
        "cat/1.jpg": "the same file is dog/9.jpg, in dog",
        "dog/9.jpg": "the same file is cat/1.jpg, in cat",
    }


def test_a_shrunk_copy_in_another_class_is_a_conflict_too(folder: Path) -> None:
    (folder / "dog" / "9.jpg").write_bytes(encode_jpeg(np.ascontiguousarray(scene(seed=3)[::2, ::2])))
    assert found(folder, "class-conflict") == {
        "cat/3.jpg": "nearly the same photo is dog/9.jpg, in dog",
        "dog/9.jpg": "nearly the same photo is cat/3.jpg, in cat",
    }

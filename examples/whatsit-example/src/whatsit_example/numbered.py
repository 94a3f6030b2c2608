"""A reader: a folder of photos whose names begin with their class, as in cat_1.jpg, cat_2.jpg, dog_1.jpg."""

from __future__ import annotations

import re
from pathlib import Path

from whatsit.data.dataset import Dataset, Skipped, dataset_of
from whatsit.data.photos import Files
from whatsit.image import SUFFIXES

_NAME = re.compile(r"(?P<label>.*[^\W\d_])[_\-. ]*\d+")
_FEWEST = 2  # classes: else every camera's folder would be a data set of the class IMG


def matches(path: Path) -> bool:
    """A folder without folders in which the photos are of several classes, judged by names alone."""
    if not path.is_dir() or any(entry.is_dir() and not entry.name.startswith(".") for entry in path.iterdir()):
        return False
    return len({label for _, label in _list_photos(path) if label}) >= _FEWEST


def read(path: Path) -> Dataset:
    """The photos by class; one without a number in its name is left out, and that is said."""
    photos = _list_photos(path)
    named = [(name, label) for name, label in photos if label]
    skipped = [Skipped(name, "its name does not say a class") for name, label in photos if not label]
    names, labels = [name for name, _ in named], [label for _, label in named]
    return dataset_of(path.name, Files(path, names), labels, root=path, skipped=skipped)


def _list_photos(path: Path) -> list[tuple[str, str]]:
    """Each photo with its class, "" where its name says none."""
    photos = sorted(entry.name for entry in path.iterdir() if entry.suffix.lower() in SUFFIXES)
    found = ((name, _NAME.fullmatch(Path(name).stem)) for name in photos)
    return [(name, match["label"] if match else "") for name, match in found]

"""NumPy's .npz: `x_train, y_train, x_test, y_test` and their like, or `images, labels`, and perhaps `classes`.
`groups` (`groups_train`, …) say which photos belong together.

A folder of .npy files of these names is read in the same way.

Arrays of Python objects are never unpickled. Photos are streamed out of the archive, never held in memory whole.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from whatsit.data.arrays import unpack
from whatsit.data.dataset import Dataset, dataset_of
from whatsit.data.photos import Arrays
from whatsit.data.readers.arrays.classes import SAVE, check_used, name_classes, name_labels, to_text
from whatsit.data.readers.arrays.members import (
    Archive,
    Folder,
    check_photos,
    check_range,
    read_array,
    read_content,
    read_header,
    refuse,
)
from whatsit.data.readers.labels import ONE, SEVERAL_ALWAYS, labelled
from whatsit.data.splitting.groups import ALONE, number_names
from whatsit.errors import UserError
from whatsit.files import readable

# part → the names people give its photos and its labels
_PARTS = {"": ("",), "train": ("train",), "val": ("val", "valid", "validation"), "test": ("test",)}
_PAIRS = (("x", "y"), ("images", "labels"))
_PHOTO_NAMES = frozenset(
    {x for x, _ in _PAIRS}
    | {
        name
        for part in _PARTS.values()
        for word in part
        if word
        for x, _ in _PAIRS
        for name in (f"{x}_{word}", f"{word}_{x}")
    }
)
_CLASSES = ("classes", "class_names", "label_names")
GROUPS = "groups"
NO_GROUP = -1  # not 0, from which people count groups


def matches(path: Path) -> bool:
    """A file called .npz, a folder with .npy files of photos and labels, or one of these files."""
    if path.suffix.casefold() == ".npy" and path.is_file():
        return True
    if path.is_dir():
        return any(file.stem.casefold() in _PHOTO_NAMES for file in path.glob("*.npy"))
    return path.is_file() and path.suffix.casefold() == ".npz"


def read(path: Path, labels: str | None = None) -> Dataset:
    """The photos of every part in the file. Raises UserError where arrays are missing or of another kind.

    labels: SEVERAL_ALWAYS where a photo has any number: a row a photo of 1s and 0s, -1 where nobody looked
    """
    if labels not in (None, ONE, SEVERAL_ALWAYS):
        raise UserError(
            f"--labels {labels} names columns, and {str(path)!r} has arrays.",
            hint="Rows of 1s and 0s are read as several labels with --labels several.",
        )
    several = labels == SEVERAL_ALWAYS
    if path.is_dir() or path.suffix.casefold() == ".npy":
        folder = path if path.is_dir() else path.parent
        return _read(folder, Folder(folder), sorted(folder.glob("*.npy")), several)
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(path, archive, [path], several)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UserError(
            f"{str(path)!r} is damaged or no .npz file: {error}.", hint="Get the file again."
        ) from None


def _read(path: Path, archive: Archive, files: Sequence[Path], several: bool) -> Dataset:
    members = {name.removesuffix(".npy").casefold(): name for name in archive.namelist() if name.endswith(".npy")}
    pairs = [(part, *pair) for part in _PARTS if (pair := _pair(path, members, part))]
    if not pairs:
        raise UserError(
            f"{str(path)!r} has no photos we know by name; it holds: {', '.join(members) or 'nothing'}.",
            hint="Name them images and labels, or x_train, y_train, x_test, y_test.",
        )
    photos = [read_header(path, archive, images) for _, images, _ in pairs]
    for member in photos:
        check_photos(path, member, photos[0])
    labels = [read_array(path, archive, label_name) for _, _, label_name in pairs]
    named = next((members[name] for name in _CLASSES if name in members), None)
    class_names = None if named is None else [to_text(name) for name in read_array(path, archive, named).ravel()]
    classes: list[str] = []
    for (_, _, label_name), member, values in zip(pairs, photos, labels, strict=True):
        say = name_labels if several else name_classes
        classes += say(path, label_name, values, member.shape[0], class_names)
    if not several:
        check_used(path, class_names, classes)
    if np.issubdtype(photos[0].dtype, np.floating):
        check_range(path, archive, photos)
    shape = (sum(member.shape[0] for member in photos), *photos[0].shape[1:])
    array, identity = unpack(files, shape, photos[0].dtype, lambda: read_content(path, archive, photos))
    names = [
        f"{part or 'photo'}/{row}"
        for (part, *_), member in zip(pairs, photos, strict=True)
        for row in range(member.shape[0])
    ]
    parts = [part for (part, *_), member in zip(pairs, photos, strict=True) for _ in range(member.shape[0])]
    named_groups = [
        name
        for (part, *_), member in zip(pairs, photos, strict=True)
        for name in _groups(path, archive, members, part, member.shape[0])
    ]
    groups = number_names(named_groups) if any(named_groups) else None
    make = labelled if several else dataset_of
    return make(
        readable(path.stem),
        Arrays(array, names, identity),
        classes,
        parts,
        root=path,
        groups=groups,
        grouped_by="" if groups is None else GROUPS,
    )


def _groups(path: Path, archive: Archive, members: dict[str, str], part: str, count: int) -> Sequence[str]:
    """The name of each photo's group, as numbers (-1: none) or names state it; ALONE where nothing does."""
    words = _PARTS[part] if part else ()
    spelt = [name for word in words for name in (f"{GROUPS}_{word}", f"{word}_{GROUPS}")] or [GROUPS]
    found = next((members[name] for name in spelt if name in members), None)
    if found is None:
        return [ALONE] * count
    values = read_array(path, archive, found)
    if values.shape != (count,) or values.dtype.kind not in "biuUS":
        raise refuse(
            path,
            found,
            f"({values.dtype}, shape {values.shape}) does not give each of {count:,} photos one group",
            hint="A group is a number or a name; -1 or an empty name is none.",
        )
    return [ALONE if value in ("", str(NO_GROUP)) else value for value in map(to_text, values.tolist())]


def _pair(path: Path, members: dict[str, str], part: str) -> tuple[str, str] | None:
    """The members with one part's photos and labels, if the archive has them."""
    for spelling in _PARTS[part]:
        for x, y in _PAIRS:
            joined = [(f"{x}_{spelling}", f"{y}_{spelling}"), (f"{spelling}_{x}", f"{spelling}_{y}")]
            for images, labels in joined if spelling else [(x, y)]:
                if images in members and labels in members:
                    return members[images], members[labels]
                if images in members:
                    raise UserError(
                        f"{str(path)!r} has the photos {images!r} and no {labels!r}.", hint=f"Save both: {SAVE}"
                    )
    return None

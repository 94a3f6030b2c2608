"""NumPy's .npz: `x_train, y_train, x_test, y_test` and their like, or `images, labels`, and perhaps `classes`.
`groups` (`groups_train`, …) say which photos belong together.

A folder of .npy files of these names is read in the same way.

Arrays of Python objects are never unpickled. Photos are streamed out of the archive, never held in memory whole.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from whatsit.data.arrays import CHUNK, unpack
from whatsit.data.dataset import Dataset, dataset_of
from whatsit.data.photos import Arrays
from whatsit.data.readers.columns import NO_LABEL
from whatsit.data.readers.labels import ONE, SEVERAL_ALWAYS, labelled, write_labels
from whatsit.data.splitting.groups import ALONE, number_names
from whatsit.data.target import UNKNOWN
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
_SAVE = "np.savez(path, images=…, labels=…, classes=…)"


@dataclass(frozen=True)
class _Member:
    """One array of the archive: where it is and what its header says."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


class _Archive(Protocol):
    """Where arrays lie by name: a zip file, or a folder."""

    def namelist(self) -> list[str]:
        """The names of the arrays, each with `.npy` at its end."""

    def open(self, name: str) -> IO[bytes]:
        """One of them."""


@dataclass(frozen=True)
class _Folder:
    """A folder of .npy files as an archive."""

    path: Path

    def namelist(self) -> list[str]:
        return sorted(file.name for file in self.path.glob("*.npy"))

    def open(self, name: str) -> IO[bytes]:
        return (self.path / name).open("rb")


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
        return _read(folder, _Folder(folder), sorted(folder.glob("*.npy")), several)
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(path, archive, [path], several)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UserError(
            f"{str(path)!r} is damaged or no .npz file: {error}.", hint="Get the file again."
        ) from None


def _read(path: Path, archive: _Archive, files: Sequence[Path], several: bool) -> Dataset:
    members = {name.removesuffix(".npy").casefold(): name for name in archive.namelist() if name.endswith(".npy")}
    pairs = [(part, *pair) for part in _PARTS if (pair := _pair(path, members, part))]
    if not pairs:
        raise UserError(
            f"{str(path)!r} has no photos we know by name; it holds: {', '.join(members) or 'nothing'}.",
            hint="Name them images and labels, or x_train, y_train, x_test, y_test.",
        )
    photos = [_header(path, archive, images) for _, images, _ in pairs]
    for member in photos:
        _check_photos(path, member, photos[0])
    labels = [_array(path, archive, label_name) for _, _, label_name in pairs]
    named = next((members[name] for name in _CLASSES if name in members), None)
    class_names = None if named is None else [_text(name) for name in _array(path, archive, named).ravel()]
    classes: list[str] = []
    for (_, _, label_name), member, values in zip(pairs, photos, labels, strict=True):
        say = _labels_of_each if several else _class_of_each
        classes += say(path, label_name, values, member.shape[0], class_names)
    if not several:
        _check_used(path, class_names, classes)
    if np.issubdtype(photos[0].dtype, np.floating):
        _check_range(path, archive, photos)
    shape = (sum(member.shape[0] for member in photos), *photos[0].shape[1:])
    array, identity = unpack(files, shape, photos[0].dtype, lambda: _content(path, archive, photos))
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


def _groups(path: Path, archive: _Archive, members: dict[str, str], part: str, count: int) -> Sequence[str]:
    """The name of each photo's group, as numbers (-1: none) or names state it; ALONE where nothing does."""
    words = _PARTS[part] if part else ()
    spelt = [name for word in words for name in (f"{GROUPS}_{word}", f"{word}_{GROUPS}")] or [GROUPS]
    found = next((members[name] for name in spelt if name in members), None)
    if found is None:
        return [ALONE] * count
    values = _array(path, archive, found)
    if values.shape != (count,) or values.dtype.kind not in "biuUS":
        raise _refused(
            path,
            found,
            f"({values.dtype}, shape {values.shape}) does not give each of {count:,} photos one group",
            hint="A group is a number or a name; -1 or an empty name is none.",
        )
    return [ALONE if value in ("", str(NO_GROUP)) else value for value in map(_text, values.tolist())]


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
                        f"{str(path)!r} has the photos {images!r} and no {labels!r}.", hint=f"Save both: {_SAVE}"
                    )
    return None


def _header(path: Path, archive: _Archive, name: str) -> _Member:
    with archive.open(name) as file:
        return _read_header(path, name, file)


def _read_header(path: Path, name: str, file: IO[bytes]) -> _Member:
    """What a member says of itself; the file is left at its first value."""
    try:
        version = np.lib.format.read_magic(file)
        first = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = first(file)
    except (ValueError, SyntaxError, TypeError) as error:
        raise _refused(path, name, f"is damaged: {error}", hint="Get the file again.") from None
    if dtype.hasobject:
        raise _refused(
            path,
            name,
            "holds Python objects, which are never unpickled: they can run any code",
            hint="Save it as plain numbers or text: labels.astype(str), or one array of photos of one size.",
        )
    if fortran and len(shape) > 1:
        raise _refused(
            path, name, "is stored column by column (Fortran order)", hint="Save np.ascontiguousarray(photos)."
        )
    return _Member(name, shape, dtype)


def _check_photos(path: Path, member: _Member, first: _Member) -> None:
    shape = member.shape
    if len(shape) == 4 and shape[1] in (1, 3, 4) and shape[3] not in (1, 3, 4):
        raise _refused(
            path,
            member.name,
            f"has the shape {shape}: its channels come first",
            hint="Save photos.transpose(0, 2, 3, 1): photo, height, width, channel.",
        )
    if len(shape) not in (3, 4) or 0 in shape or (len(shape) == 4 and shape[3] not in (1, 3, 4)):
        raise _refused(
            path,
            member.name,
            f"has the shape {shape}, which is not (photos, height, width[, 1, 3 or 4])",
            hint="Save one array of photos of one size.",
        )
    if not _is_read(member.dtype):
        raise _refused(
            path,
            member.name,
            f"holds {member.dtype} values; photos are uint8, uint16, bool, or floats from 0 to 1",
            hint=_advise_type(member.dtype),
        )
    if (shape[1:], member.dtype) != (first.shape[1:], first.dtype):
        raise _refused(
            path,
            member.name,
            f"holds photos of another size or type than {_called(first.name)!r}",
            hint="Save all parts with the same shape and type.",
        )


def _is_read(dtype: np.dtype[Any]) -> bool:
    return dtype.isnative and (dtype.kind in "bf" or dtype in (np.uint8, np.uint16))


def _advise_type(dtype: np.dtype[Any]) -> str:
    """How to save values of another type so that none of them changes: a cast to uint8 wraps 256 to 0."""
    native = dtype.newbyteorder("=")
    if _is_read(native):
        return f"They are in the byte order of another machine: save photos.astype('{native.name}')."
    if dtype.kind not in "iu":
        return "Save real numbers: the brightness of red, green and blue."
    return (
        "Look at photos.min() and photos.max(). From 0 to 255: save photos.astype('uint8'). From 0 to 65535: "
        "save photos.astype('uint16'). Anything else is scaled to 0 to 1: save (photos - photos.min()) / "
        "(photos.max() - photos.min())."
    )


def _array(path: Path, archive: _Archive, name: str) -> NDArray[Any]:
    """A small array (labels, names) in memory."""
    with archive.open(name) as file:
        member = _read_header(path, name, file)
        content = file.read()
    count = int(np.prod(member.shape))
    if len(content) != count * member.dtype.itemsize:
        raise UserError(
            f"{name.removesuffix('.npy')!r} in {str(path)!r} is cut short.", hint="Get the file again."
        )
    return np.frombuffer(content, member.dtype, count).reshape(member.shape)


def _class_of_each(
    path: Path, name: str, labels: NDArray[Any], count: int, class_names: Sequence[str] | None
) -> list[str]:
    called = name.removesuffix(".npy")
    if len(labels) != count if labels.ndim else True:
        raise UserError(
            f"{called!r} in {str(path)!r} has {labels.size:,} labels for {count:,} photos.",
            hint=f"Save both: {_SAVE}",
        )
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 2 and labels.dtype.kind in "biuf" and _is_one_hot(labels):
        labels = labels.argmax(axis=1)
    if labels.ndim == 1 and labels.dtype.kind in "US":
        named = [_text(label) for label in labels]
        _refuse_no_name(path, called, named)
        return named
    if labels.ndim == 1 and labels.dtype.kind == "f" and (labels == np.rint(labels)).all():
        labels = labels.astype(np.int64)
    if labels.ndim != 1 or labels.dtype.kind not in "biu":
        raise _refused(
            path,
            name,
            f"({labels.dtype}, shape {labels.shape}) does not give each photo one class",
            hint="A label is a number from 0, a name, or a row with a single 1 (several: --labels several).",
        )
    if class_names is None:
        _refuse_negative(path, name, labels)
        return [str(int(label)) for label in labels]
    if labels.min(initial=0) < 0 or labels.max(initial=0) >= len(class_names):
        raise _refused(
            path,
            name,
            f"has labels from {labels.min()} to {labels.max()}, and there are {len(class_names)} class names",
            hint="Labels count from 0.",
        )
    return [class_names[int(label)] for label in labels]


def _labels_of_each(
    path: Path, name: str, labels: NDArray[Any], count: int, class_names: Sequence[str] | None
) -> list[str]:
    """The labels of each photo as one text (see labels.py), from a row of 1s, 0s and -1s."""
    if labels.ndim != 2 or len(labels) != count or not np.isin(labels, (0, 1, UNKNOWN)).all():
        raise _refused(
            path,
            name,
            f"({labels.dtype}, shape {labels.shape}) is no row of 1s and 0s for each of {count:,} photos",
            hint="Several labels are a column each: 1 it is there, 0 it is not, -1 nobody looked.",
        )
    named = class_names or [str(place) for place in range(labels.shape[1])]
    if len(named) != labels.shape[1]:
        raise _refused(
            path, name, f"has {labels.shape[1]} columns, and there are {len(named)} class names", hint="Name each."
        )
    return [
        write_labels(
            path,
            row,
            (one for one, is_there in zip(named, values, strict=True) if is_there == 1),
            (one for one, is_there in zip(named, values, strict=True) if is_there == UNKNOWN),
        )
        for row, values in enumerate(labels, 1)
    ]


def _refuse_no_name(path: Path, called: str, labels: Sequence[str]) -> None:
    for row, label in enumerate(labels):
        if label in NO_LABEL or not label.strip():
            raise UserError(
                f"Photo {row} in {str(path)!r} has the class {label!r} in {called!r}, which means none.",
                hint="Leave the photo out, or give it its class.",
            )


def _refuse_negative(path: Path, name: str, labels: NDArray[Any]) -> None:
    """-1 is how photos without a class are marked, but for -1 and 1, which are two classes."""
    if labels.size and labels.min() < 0 and set(np.unique(labels).tolist()) != {-1, 1}:
        raise _refused(
            path,
            name,
            f"has the label {int(labels.min())} for photo {int(labels.argmin())}, which is how a missing class is "
            "marked",
            hint="Leave those photos out: keep = labels >= 0; photos[keep], labels[keep].",
        )


def _is_one_hot(labels: NDArray[Any]) -> bool:
    return bool(((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all())


def _text(name: Any) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def _check_used(path: Path, class_names: Sequence[str] | None, used: Sequence[str]) -> None:
    unused = sorted(set(class_names or ()) - set(used))
    if unused:
        raise UserError(
            f"The class {unused[0]!r} of {str(path)!r} has no photos.",
            hint="Add photos of it, or remove its name.",
        )


def _check_range(path: Path, archive: _Archive, photos: Sequence[_Member]) -> None:
    """Floats must lie in 0..1: a set of 0..255 would be taken for white wherever it is not black."""
    for member in photos:
        for block in _blocks(path, archive, member):
            values = np.frombuffer(block, member.dtype)
            _check_floats(path, member, values)


def _check_floats(path: Path, member: _Member, values: NDArray[np.floating]) -> None:
    unknown = int((~np.isfinite(values)).sum())
    if unknown:
        raise _refused(
            path,
            member.name,
            f"holds values that are no numbers (NaN or infinite), {unknown:,} in the first megabyte that has some",
            hint="Leave those photos out: photos[np.isfinite(photos).reshape(len(photos), -1).all(axis=1)], and "
            "their labels with them.",
        )
    low, high = values.min(), values.max()
    if low < 0 or high > 1:
        raise _refused(
            path,
            member.name,
            f"holds floats outside 0 to 1 ({low:.4g} to {high:.4g})",
            hint="If they go from 0 to 255, save photos / 255. If they were normalised, undo that first: "
            "photos * deviation + mean.",
        )


def _content(path: Path, archive: _Archive, photos: Sequence[_Member]) -> Iterator[bytes]:
    for member in photos:
        yield from _blocks(path, archive, member)


def _blocks(path: Path, archive: _Archive, member: _Member) -> Iterator[bytes]:
    """A member's values, a megabyte at a time."""
    with archive.open(member.name) as file:
        _read_header(path, member.name, file)
        while block := file.read(CHUNK):
            yield block


def _refused(path: Path, name: str, why: str, hint: str) -> UserError:
    return UserError(f"{_called(name)!r} in {str(path)!r} {why}.", hint)


def _called(name: str) -> str:
    return name.removesuffix(".npy")

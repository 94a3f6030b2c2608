"""Arrays by name in an .npz or a folder of .npy files: their headers, checks of photos, values in blocks.

Arrays of Python objects are never unpickled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from whatsit.data.arrays import CHUNK
from whatsit.errors import UserError


@dataclass(frozen=True)
class Member:
    """One array of the archive: where it is and what its header says."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


class Archive(Protocol):
    """Where arrays lie by name: a zip file, or a folder."""

    def namelist(self) -> list[str]:
        """The names of the arrays, each with `.npy` at its end."""

    def open(self, name: str) -> IO[bytes]:
        """One of them."""


@dataclass(frozen=True)
class Folder:
    """A folder of .npy files as an archive."""

    path: Path

    def namelist(self) -> list[str]:
        return sorted(file.name for file in self.path.glob("*.npy"))

    def open(self, name: str) -> IO[bytes]:
        return (self.path / name).open("rb")


def read_header(path: Path, archive: Archive, name: str) -> Member:
    """What a member says of itself. Raises UserError where it is damaged or holds Python objects."""
    with archive.open(name) as file:
        return _read_start(path, name, file)


def _read_start(path: Path, name: str, file: IO[bytes]) -> Member:
    """What a member says of itself; the file is left at its first value."""
    try:
        version = np.lib.format.read_magic(file)
        first = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = first(file)
    except (ValueError, SyntaxError, TypeError) as error:
        raise refuse(path, name, f"is damaged: {error}", hint="Get the file again.") from None
    if dtype.hasobject:
        raise refuse(
            path,
            name,
            "holds Python objects, which are never unpickled: they can run any code",
            hint="Save it as plain numbers or text: labels.astype(str), or one array of photos of one size.",
        )
    if fortran and len(shape) > 1:
        raise refuse(
            path, name, "is stored column by column (Fortran order)", hint="Save np.ascontiguousarray(photos)."
        )
    return Member(name, shape, dtype)


def read_array(path: Path, archive: Archive, name: str) -> NDArray[Any]:
    """A small array (labels, names) in memory."""
    with archive.open(name) as file:
        member = _read_start(path, name, file)
        content = file.read()
    count = int(np.prod(member.shape))
    if len(content) != count * member.dtype.itemsize:
        raise refuse(path, name, "is cut short", hint="Get the file again.")
    return np.frombuffer(content, member.dtype, count).reshape(member.shape)


def check_photos(path: Path, member: Member, first: Member) -> None:
    """Raises UserError where one is not (photos, height, width[, channels]), of the first's size and type."""
    shape = member.shape
    if len(shape) == 4 and shape[1] in (1, 3, 4) and shape[3] not in (1, 3, 4):
        raise refuse(
            path,
            member.name,
            f"has the shape {shape}: its channels come first",
            hint="Save photos.transpose(0, 2, 3, 1): photo, height, width, channel.",
        )
    if len(shape) not in (3, 4) or 0 in shape or (len(shape) == 4 and shape[3] not in (1, 3, 4)):
        raise refuse(
            path,
            member.name,
            f"has the shape {shape}, which is not (photos, height, width[, 1, 3 or 4])",
            hint="Save one array of photos of one size.",
        )
    if not _is_read(member.dtype):
        raise refuse(
            path,
            member.name,
            f"holds {member.dtype} values; photos are uint8, uint16, bool, or floats from 0 to 1",
            hint=_advise_type(member.dtype),
        )
    if (shape[1:], member.dtype) != (first.shape[1:], first.dtype):
        raise refuse(
            path,
            member.name,
            f"holds photos of another size or type than {spell(first.name)!r}",
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


def check_range(path: Path, archive: Archive, photos: Sequence[Member]) -> None:
    """Floats must lie in 0..1: a set of 0..255 would be taken for white wherever it is not black."""
    for member in photos:
        for block in _blocks(path, archive, member):
            values = np.frombuffer(block, member.dtype)
            _check_floats(path, member, values)


def _check_floats(path: Path, member: Member, values: NDArray[np.floating]) -> None:
    unknown = int((~np.isfinite(values)).sum())
    if unknown:
        raise refuse(
            path,
            member.name,
            f"holds values that are no numbers (NaN or infinite), {unknown:,} in the first megabyte that has some",
            hint="Leave those photos out: photos[np.isfinite(photos).reshape(len(photos), -1).all(axis=1)], and "
            "their labels with them.",
        )
    low, high = values.min(), values.max()
    if low < 0 or high > 1:
        raise refuse(
            path,
            member.name,
            f"holds floats outside 0 to 1 ({low:.4g} to {high:.4g})",
            hint="If they go from 0 to 255, save photos / 255. If they were normalised, undo that first: "
            "photos * deviation + mean.",
        )


def read_content(path: Path, archive: Archive, photos: Sequence[Member]) -> Iterator[bytes]:
    """The values of all members, one after the other, a megabyte at a time."""
    for member in photos:
        yield from _blocks(path, archive, member)


def _blocks(path: Path, archive: Archive, member: Member) -> Iterator[bytes]:
    """A member's values, a megabyte at a time."""
    with archive.open(member.name) as file:
        _read_start(path, member.name, file)
        while block := file.read(CHUNK):
            yield block


def refuse(path: Path, name: str, why: str, hint: str) -> UserError:
    """The error that names the array and its file."""
    return UserError(f"{spell(name)!r} in {str(path)!r} {why}.", hint)


def spell(name: str) -> str:
    """A member's name as its owner gave it."""
    return name.removesuffix(".npy")

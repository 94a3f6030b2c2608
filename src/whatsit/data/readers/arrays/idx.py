"""MNIST's IDX files: a folder of `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-…`, gzipped or not.

The format (Y. LeCun): two zero bytes, a type, the number of dimensions, each dimension as a big-endian 32-bit
number, then the values, last dimension fastest.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from whatsit import words
from whatsit.data.arrays import CHUNK, unpack
from whatsit.data.dataset import Dataset, dataset_of
from whatsit.data.photos import Arrays
from whatsit.errors import UserError

_NAME = re.compile(r"(?P<part>.*?)[-_.]?(?P<what>images|labels)[-_.]idx\d[-_.]ubyte(\.gz)?", re.IGNORECASE)
_UNSIGNED_BYTE = 8
_PARTS = {"t10k": "test", "test": "test", "val": "val", "train": "train"}


@dataclass(frozen=True)
class _Pair:
    """The two files of one part, and the shape (n, height, width) of its photos."""

    part: str
    images: Path
    labels: Path
    shape: tuple[int, ...]


def matches(path: Path) -> bool:
    """Any folder with an IDX file of photos in it."""
    return path.is_dir() and any(_named(path, "images"))


def read(path: Path, class_names: Sequence[str] = ()) -> Dataset:
    """The photos of every images file, each part as its file name says.

    class_names: what the labels 0, 1, … mean; without them a class is called by its number.
    """
    pairs = [_pair(path, stem, file) for stem, file in sorted(_named(path, "images").items())]
    height, width = pairs[0].shape[1:]
    for pair in pairs:
        if pair.shape[1:] != (height, width):
            raise UserError(
                f"{pair.images.name!r} holds photos of another size than {pairs[0].images.name!r}.",
                hint="Keep each data set in a folder of its own.",
            )
    shape = (sum(pair.shape[0] for pair in pairs), height, width)
    files = [pair.images for pair in pairs]
    array, identity = unpack(files, shape, np.dtype(np.uint8), lambda: _content(files))
    labels = np.concatenate([_labels(pair) for pair in pairs])
    if class_names and labels.max() >= len(class_names):
        raise UserError(
            f"{str(path)!r} has a label {labels.max()}, and the names of {words.count(len(class_names), 'class')}."
        )
    names = [f"{pair.part or path.name}/{row}" for pair in pairs for row in range(pair.shape[0])]
    classes = [class_names[label] if class_names else str(label) for label in labels.tolist()]
    parts = [pair.part for pair in pairs for _ in range(pair.shape[0])]
    return dataset_of(path.name, Arrays(array, names, identity), classes, parts, root=path)


def _named(path: Path, what: str) -> dict[str, Path]:
    """The IDX files of photos or of labels by what their names begin with; a plain one goes before its .gz."""
    found: dict[str, Path] = {}
    for file in sorted(path.iterdir(), reverse=True):
        name = _NAME.fullmatch(file.name)
        if name and name["what"].casefold() == what and file.is_file():
            found[name["part"]] = file
    return found


def _pair(path: Path, stem: str, images: Path) -> _Pair:
    labels = _named(path, "labels").get(stem)
    if labels is None:
        raise UserError(
            f"There is no file of labels beside {str(images)!r}.",
            hint=f"It should be called {images.name.replace('images', 'labels').replace('idx3', 'idx1')!r}.",
        )
    part = next((part for word, part in _PARTS.items() if word in stem.casefold()), "")
    with _open(images) as file:
        shape = _shape(images, file)
    if len(shape) != 3 or 0 in shape:
        raise UserError(
            f"{str(images)!r} holds no photos: its dimensions are {shape}.", hint="Get the file again."
        )
    return _Pair(part, images, labels, shape)


def _labels(pair: _Pair) -> NDArray[np.uint8]:
    with _open(pair.labels) as file:
        shape = _shape(pair.labels, file)
        values = np.frombuffer(b"".join(_chunks(pair.labels, file)), np.uint8)
    if shape != (len(values),) or len(values) != pair.shape[0]:
        raise UserError(
            f"{pair.labels.name!r} has {words.count(len(values), 'label')} for the "
            f"{words.photos(pair.shape[0])} of {pair.images.name!r}.",
            hint="Get both files again.",
        )
    return values


def _content(files: Sequence[Path]) -> Iterator[bytes]:
    for path in files:
        with _open(path) as file:
            _shape(path, file)
            yield from _chunks(path, file)


def _open(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path)) if path.suffix.casefold() == ".gz" else path.open("rb")


def _shape(path: Path, file: IO[bytes]) -> tuple[int, ...]:
    """The dimensions in a file's header; the file is left at its first value."""
    start = _read(path, file, 4)
    if start[:2] != b"\0\0" or len(start) < 4:
        raise UserError(f"{str(path)!r} is no IDX file: it does not begin with two zero bytes.")
    if start[2] != _UNSIGNED_BYTE:
        raise UserError(f"{str(path)!r} is an IDX file of type {start[2]}, and only bytes (8) are read.")
    dimensions = _read(path, file, 4 * start[3])
    return tuple(int(value) for value in np.frombuffer(dimensions[: len(dimensions) // 4 * 4], ">u4"))


def _chunks(path: Path, file: IO[bytes]) -> Iterator[bytes]:
    while chunk := _read(path, file, CHUNK):
        yield chunk


def _read(path: Path, file: IO[bytes], count: int) -> bytes:
    try:
        return file.read(count)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UserError(f"{str(path)!r} is damaged: {error}.", hint="Get the file again.") from None

"""`cifar-10-batches-py`: the pickled batches of CIFAR-10, read without giving a pickle anything to call.

A pickle is a program. This one may name five things, and each is replaced by a stand-in of ours that only
keeps what it is given; whatever else a file asks for, it is refused before it is called.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.arrays import unpack
from whatsit.data.dataset import Dataset, dataset_of
from whatsit.data.photos import Arrays
from whatsit.errors import UserError

SIDE = 32
META = "batches.meta"


def matches(path: Path) -> bool:
    """A folder with CIFAR-10's list of class names, or its first batch."""
    return path.is_dir() and ((path / META).is_file() or (path / "data_batch_1").is_file())


def read(path: Path) -> Dataset:
    """The photos of all batches that are there: `data_batch_*` as train, `test_batch` as test."""
    class_names = [_text(name) for name in _field(path / META, "label_names", list)]
    batches = sorted(path.glob("data_batch_[0-9]*"), key=lambda file: (len(file.name), file.name))
    files = [*batches, *(file for file in [path / "test_batch"] if file.is_file())]
    if not files:
        raise UserError(f"{str(path)!r} has no batches.", hint="It should hold data_batch_1 to 5 and test_batch.")
    labels = {file: _labels(file, len(class_names)) for file in files}
    shape = (sum(map(len, labels.values())), SIDE, SIDE, 3)
    array, identity = unpack(files, shape, np.dtype(np.uint8), lambda: _content(labels))
    parts = ["test" if file.name == "test_batch" else "train" for file in files for _ in labels[file]]
    first_test = parts.index("test") if "test" in parts else len(parts)
    names = [f"{part}/{row - first_test * (part == 'test')}" for row, part in enumerate(parts)]
    classes = [class_names[label] for file in files for label in labels[file]]
    return dataset_of(path.name, Arrays(array, names, identity), classes, parts, root=path)


def _labels(file: Path, classes: int) -> Sequence[int]:
    labels: list[int] = _field(file, "labels", list)
    if not all(isinstance(label, int) and 0 <= label < classes for label in labels):
        raise _damaged(file, "it has labels that are no class of the set")
    return labels


def _content(labels: dict[Path, Sequence[int]]) -> Iterator[memoryview]:
    """A batch's photos, (n, 3 × 1024) planes in the file, as (n, 32, 32, 3)."""
    for file, batch_labels in labels.items():
        planes = _field(file, "data", _Array).array(file)
        if planes.shape != (len(batch_labels), 3 * SIDE * SIDE):
            raise _damaged(file, f"its photos have the shape {planes.shape}")
        photos = np.ascontiguousarray(planes.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1))
        yield photos.reshape(-1).data


def _field(file: Path, name: str, kind: type) -> Any:
    content = _unpickle(file)
    value = content.get(name.encode(), content.get(name)) if isinstance(content, dict) else None
    if not isinstance(value, kind):
        raise _damaged(file, f"it has no {name!r}")
    return value


def _text(name: Any) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def _unpickle(file: Path) -> Any:
    try:
        with file.open("rb") as opened:
            return _Unpickler(opened, encoding="bytes").load()
    except FileNotFoundError:
        raise UserError(
            f"There is no {file.name!r} in {str(file.parent)!r}.", hint="Get the data set again."
        ) from None
    except UserError:
        raise
    except Exception as error:  # a damaged pickle can raise anything
        raise _damaged(file, "it is not a whole pickle") from error


def _damaged(file: Path, why: str) -> UserError:
    return UserError(f"{str(file)!r} is damaged or no CIFAR-10 batch: {why}.", hint="Get the data set again.")


class _Array:
    """Stands in for a NumPy array: keeps what the pickle says of it."""

    def __init__(self, *_shape: Any) -> None:
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def array(self, file: Path) -> NDArray[np.uint8]:
        """The array, which must be one of bytes in C order."""
        match self.state:
            case (int(), (int(rows), int(columns)), _Dtype(name="u1"), False, bytes(raw)):
                if rows >= 0 and columns >= 0 and rows * columns == len(raw):
                    return np.frombuffer(raw, np.uint8).reshape(rows, columns)
        raise _damaged(file, "its photos are not an array of bytes")


class _Dtype:
    """Stands in for a NumPy type."""

    def __init__(self, name: Any, *_rest: Any) -> None:
        self.name = _text(name)

    def __setstate__(self, state: Any) -> None:
        """Byte order and the like, which bytes do not have."""


def _reconstruct(*_arguments: Any) -> _Array:
    return _Array()


def _encode(text: str, _encoding: str) -> bytes:
    """How Python 3 writes bytes into an old pickle."""
    return text.encode("latin-1")


_STAND_INS = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _encode,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str) -> Any:
        if (module_name, global_name) not in _STAND_INS:
            raise UserError(
                f"A batch asks to run {module_name}.{global_name}: it is no CIFAR-10 batch, and was not run.",
                hint="Do not trust the place it came from; get the data set again.",
            )
        return _STAND_INS[module_name, global_name]

    def persistent_load(self, _pid: Any) -> Any:
        raise pickle.UnpicklingError("CIFAR-10 has no persistent ids")

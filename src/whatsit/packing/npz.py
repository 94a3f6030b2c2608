"""One .npz with the names that Keras's own data sets use; plain arrays, nothing pickled.

`x_train` (n, h, w, 3) uint8, `y_train` (n,) int64, the same for val and test, and `classes`; of several labels
`y_train` is (n, classes) of 1, 0 and -1 (nobody looked). `groups_train` (n,) int64 and so on where some photos
belong together, -1 for those that do not. It is written photo by photo, so a pack may be larger than memory.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from whatsit.data.readers.arrays.npz import GROUPS, NO_GROUP
from whatsit.events import Advance
from whatsit.files import writing
from whatsit.image import Pixels
from whatsit.packing.contents import Contents


def write(folder: Path, contents: Contents, step: Advance) -> None:
    """Write `data.npz` into a folder; `step` is told each photo."""
    with writing(folder / "data.npz") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for part in contents.parts():
            labels = contents.labels(part)
            shape = (len(labels), *contents.decoded.size, 3)
            _write_array(archive, f"x_{part}", shape, np.dtype(np.uint8), _count(contents.pixels(part), step))
            _write_array(archive, f"y_{part}", labels.shape, labels.dtype, [labels])
            if contents.has_groups:
                _write_array(archive, f"{GROUPS}_{part}", (len(labels),), labels.dtype, [_groups(contents, part)])
        classes = np.array(contents.dataset.classes)
        _write_array(archive, "classes", classes.shape, classes.dtype, [classes])


def _groups(contents: Contents, part: str) -> NDArray[np.int64]:
    """(n,) the group of each entry of a part; NO_GROUP of one that belongs to none."""
    return np.array([contents.group(entry) or NO_GROUP for entry in contents.entries[part]], np.int64)


def _count(pictures: Iterable[Pixels], step: Advance) -> Iterator[Pixels]:
    for picture in pictures:
        yield picture
        step(1)


def _write_array(
    archive: zipfile.ZipFile,
    name: str,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    pieces: Iterable[NDArray[Any]],
) -> None:
    with archive.open(f"{name}.npy", "w", force_zip64=True) as out:
        header = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
        npy.write_array_header_2_0(out, header)
        for piece in pieces:
            out.write(np.ascontiguousarray(piece).tobytes())

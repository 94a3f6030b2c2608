"""Where each tensor stands in a weights file of torch's first format: the tables that such files are read by.

    python tools/tensors.py FILE.pth > src/whatsit/model/backbones/tensors/NAME.csv

That format is a few pickles and, behind them, the numbers. The pickles are read here, once, by a reader that knows
three names and calls nothing else; whoever has the table reads the same file (known by its SHA-256) without them.
"""

from __future__ import annotations

import csv
import pickle
import sys
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
SIZES = {"FloatStorage": 4, "LongStorage": 8}  # bytes of a number


def _storage(kind: str) -> type:
    return type(kind, (), {})


def _tensor(
    storage: tuple[str, str], start: int, shape: tuple[int, ...], strides: tuple[int, ...], *_rest: Any
) -> Any:
    key, kind = storage
    return key, kind, start, shape, strides


NAMES: dict[str, Callable[..., Any]] = {
    "collections.OrderedDict": OrderedDict,
    "torch._utils._rebuild_tensor_v2": _tensor,
    **{f"torch.{kind}": _storage(kind) for kind in SIZES},
}


class _Names(pickle.Unpickler):
    """Reads the names and shapes of tensors, and calls nothing but NAMES."""

    def find_class(self, module: str, name: str) -> Any:
        return NAMES[f"{module}.{name}"]

    def persistent_load(self, found: Any) -> tuple[str, str]:
        _what, kind, key, _device, _count, _view = found
        return key, kind.__name__


def table(file: Path) -> list[tuple[str, int, str, str]]:
    """A row a tensor of float32: its name, where its first byte stands, its shape as in `32 3 3 3`, and how many
    numbers lie from one to the next along each axis."""
    with file.open("rb") as content:
        magic, protocol, _sizes, tensors, keys = (_Names(content).load() for _ in range(5))
        if (magic, protocol) != (MAGIC, PROTOCOL):
            raise ValueError(f"{file} is of another format")
        kinds = {key: kind for key, kind, *_ in tensors.values()}
        places, end = {}, content.tell()
        for key in keys:
            content.seek(end)
            count = int.from_bytes(content.read(8), "little")
            places[key] = end + 8
            end += 8 + count * SIZES[kinds[key]]
    if end != file.stat().st_size:
        raise ValueError(f"{file} does not end behind its last tensor")
    return [
        (name, places[key] + 4 * start, " ".join(map(str, shape)), " ".join(map(str, strides)))
        for name, (key, kind, start, shape, strides) in tensors.items()
        if kind == "FloatStorage"
    ]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(("name", "offset", "shape", "steps"))
    rows.writerows(table(Path(sys.argv[1])))

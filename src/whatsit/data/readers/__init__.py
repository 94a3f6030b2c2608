"""Every format a data set comes in: one file a format, tried in the order of READERS."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from whatsit.data.dataset import Dataset
from whatsit.data.readers import digits, folders
from whatsit.errors import UserError, nearest


class Reader(Protocol):
    """A format: whether a path looks like it, and how it is read."""

    def matches(self, path: Path) -> bool:
        """Whether `path` is of this format, judged by names alone."""

    def read(self, path: Path) -> Dataset:
        """The data set at `path`. Raises UserError where it is not whole."""


READERS: dict[str, Reader] = {"folders": folders}
NAMED = {"digits": digits.read}


def read(source: str | Path) -> Dataset:
    """The data set that `source` names: a path, or one of the known names."""
    path = Path(source)
    if not path.exists():
        if str(source) in NAMED:
            return NAMED[str(source)]()
        raise UserError(f"There is no folder, file or data set {str(source)!r}.", hint=nearest(str(source), NAMED))
    for reader in READERS.values():
        if reader.matches(path):
            return reader.read(path)
    raise UserError(f"{str(path)!r} is no data set we read.", hint="Give a folder with one folder a class.")

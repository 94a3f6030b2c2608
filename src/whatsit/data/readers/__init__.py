"""Every format a data set comes in: one file a format, tried in the order of READERS."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from whatsit.data.dataset import Dataset
from whatsit.data.readers import cifar, described, folders, hub, idx, named, npz, parquet, table
from whatsit.errors import UserError, suggest_nearest
from whatsit.files import readable

NAMED = named.NAMED


class Reader(Protocol):
    """A format: whether a path looks like it, and how it is read."""

    def matches(self, path: Path) -> bool:
        """Whether `path` is of this format, judged by names alone."""

    def read(self, path: Path) -> Dataset:
        """The data set at `path`. Raises UserError where it is not whole."""


READERS: dict[str, Reader] = {
    "cifar": cifar,
    "idx": idx,
    "npz": npz,
    "described": described,
    "parquet": parquet,
    "folders": folders,
    "table": table,
}


def read(source: str | Path, data_dir: Path | None = None) -> Dataset:
    """The data set that `source` names: a path, a known name, or one of the Hub, `hf:owner/name`.

    data_dir: where a known name is looked for first; see `named.read`
    """
    if str(source).startswith(hub.PREFIX):
        return hub.read(str(source))
    try:
        return _read(source, Path(source), data_dir)
    except OSError as error:
        raise UserError(
            f"{readable(str(source))!r:.200} cannot be opened ({error.strerror}).",
            hint="Is the name right, and may you read it?",
        ) from None


def _read(source: str | Path, path: Path, data_dir: Path | None) -> Dataset:
    if not path.exists():
        if str(source) in NAMED:
            return named.read(str(source), data_dir)
        raise UserError(
            f"There is no folder, file or data set {str(source)!r}.", hint=suggest_nearest(str(source), NAMED)
        )
    for reader in READERS.values():
        if reader.matches(path):
            return reader.read(path)
    raise UserError(
        f"{str(path)!r} is no data set we read.",
        hint="Give a folder with one folder of photos a class, a table, an .npz, a known name, or hf:owner/name.",
    )

"""Every format a data set comes in: one file a format, tried in the order of READERS."""

from __future__ import annotations

import contextlib
import difflib
import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from whatsit.buckets import address_of, open_mirror
from whatsit.data.dataset import Dataset, Skipped
from whatsit.data.readers import folders, hub, named
from whatsit.data.readers.annotations import coco, voc, yolo
from whatsit.data.readers.arrays import cifar, idx, npz
from whatsit.data.readers.sharded import shards
from whatsit.data.readers.tables import described, parquet, table
from whatsit.errors import UserError, suggest_nearest
from whatsit.files import readable
from whatsit.plugins import Registry
from whatsit.words import typed

NAMED = named.NAMED
ALIKE = 0.8  # as `difflib` measures it
MOST_BESIDE = 1000  # names that one is compared with, where a path names nothing


class Reader(Protocol):
    """A format: whether a path looks like it, and how it is read."""

    def matches(self, path: Path) -> bool:
        """Whether `path` is of this format, judged by names alone."""

    def read(self, path: Path) -> Dataset:
        """The data set at `path`. Raises UserError where it is not whole."""


def _is_reader(thing: object) -> str:
    has_both = callable(getattr(thing, "matches", None)) and callable(getattr(thing, "read", None))
    return "" if has_both else "it has no `matches` and `read`"


READERS: Registry[Reader] = Registry(
    "readers",
    {
        "cifar": cifar,
        "idx": idx,
        "npz": npz,
        "described": described,
        "parquet": parquet,
        "shards": shards,
        "coco": coco,
        "voc": voc,
        "yolo": yolo,
        "folders": folders,
        "table": table,
    },
    _is_reader,
)


# Formats that may say several labels a photo.
TAKE_LABELS: dict[str, Callable[[Path, str | None], Dataset]] = {
    "coco": coco.read,
    "described": described.read,
    "folders": folders.read,
    "npz": npz.read,
    "shards": shards.read,
    "table": table.read,
    "voc": voc.read,
    "yolo": yolo.read,
}


def read(source: str | Path, data_dir: Path | None = None, labels: str | None = None) -> Dataset:
    """The data set that `source` names: a path, a known name, an address (s3://…), or `hf:owner/name` of the Hub.

    data_dir: where a known name is looked for first; see `named.read`
    labels:   what photos have: "one" class, "several" labels, or the names of the columns that say each, with
              commas between them; None: one class, and several labels where a table's column is called `labels`
    """
    if labels == "":
        raise UserError("--labels is empty.", hint="Give several, one, or names of columns: --labels sky,water")
    if address := address_of(source):
        return _read_address(address, data_dir, labels)
    if str(source).startswith(hub.PREFIX):
        if labels is not None:
            raise _refuse_labels(str(source), labels)
        return hub.read(str(source))
    try:
        return _read(source, Path(source), data_dir, labels)
    except OSError as error:
        raise UserError(
            f"{readable(str(source))!r:.200} cannot be opened ({error.strerror}).",
            hint="Is the name right, and may you read it?",
        ) from None


def locate(source: str | Path) -> Path:
    """Where a path lies, or the names of what is at the address of a store (see `buckets.mirror`)."""
    address = address_of(source)
    return open_mirror(address).path if address else Path(source)


def _read_address(address: str, data_dir: Path | None, labels: str | None) -> Dataset:
    mirror = open_mirror(address)
    with mirror.naming():
        found = _read(mirror.path, mirror.path, data_dir, labels)
    left = tuple(Skipped(readable(name), reason) for name, reason in mirror.left)
    return replace(found, skipped=(*found.skipped, *left))


def _name_nearest(source: str | Path, path: Path) -> str:
    """What may have been meant by a path of which nothing is there: what lies beside it, or a set with a name."""
    beside: dict[str, str] = {}
    with contextlib.suppress(OSError, ValueError):
        some = itertools.islice(path.parent.iterdir(), MOST_BESIDE)
        beside = {entry.name.casefold(): entry.name for entry in some if not entry.name.startswith(".")}
    wanted = path.name.casefold()
    close = difflib.get_close_matches(wanted, beside, n=1, cutoff=ALIKE)
    if close := close or [name for name in beside if _differs_by_a_letter(wanted, name)]:
        return f"Did you mean {typed(path.parent / readable(beside[close[0]]))}?"
    return suggest_nearest(str(source), NAMED, "Data sets that are built in or downloaded")


def _differs_by_a_letter(one: str, other: str) -> bool:
    """Of a short name one letter is too much for a measure of likeness: `petz` for `pets`."""
    return len(one) == len(other) > 2 and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def _read(source: str | Path, path: Path, data_dir: Path | None, labels: str | None) -> Dataset:
    if not path.exists():
        if str(source) in NAMED:
            if labels is not None:
                raise _refuse_labels(str(source), labels)
            return named.read(str(source), data_dir)
        raise UserError(f"There is no folder, file or data set {str(source)!r}.", hint=_name_nearest(source, path))
    # Those of other packages first: ours take whatever looks like a folder or a table.
    for name, reader in (*READERS.added.items(), *READERS.own.items()):
        if reader.matches(path):
            if labels is None:
                return reader.read(path)
            if name in TAKE_LABELS:
                return TAKE_LABELS[name](path, labels)
            raise _refuse_labels(str(source), labels)
    raise UserError(
        f"{str(path)!r} is no data set we read.",
        hint="Give a folder with a folder a class, a table, COCO, an .npz, a known name, or hf:owner/name.",
    )


def _refuse_labels(source: str, labels: str) -> UserError:
    return UserError(
        f"--labels {labels} does nothing for {source!r}: data of this format has one class a photo.",
        hint="Several labels come in a table, in columns of 1s and 0s, in folders, or in annotations (COCO).",
    )

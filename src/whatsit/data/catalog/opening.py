"""The catalog of a DATA folder: where it lies, and all its subjects on one connection."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from whatsit.data.catalog import (
    candidates,
    decisions,
    faces,
    facts,
    findings,
    groups,
    photos,
    searches,
    sightings,
    takedowns,
)
from whatsit.data.catalog.dialects import Layout
from whatsit.data.catalog.dialects.postgresql import open_schema, schema_id
from whatsit.data.catalog.dialects.sqlite import copy_read_only, open_database
from whatsit.data.catalog.migrations import FORMAT, MIGRATIONS
from whatsit.data.catalog.sharing import MARKS, check_joined, find_shared, join
from whatsit.files import cache_dir, explain_disk_errors, hold_lock

_SUBJECTS = (facts, photos, findings, decisions, groups, faces, candidates, sightings, searches, takedowns)
LAYOUT = Layout(FORMAT, "".join(subject.TABLES for subject in _SUBJECTS), MIGRATIONS)


class Catalog(
    photos.Photos,
    findings.Findings,
    decisions.Decisions,
    groups.Groups,
    faces.Faces,
    candidates.Candidates,
    sightings.Sightings,
    searches.Searches,
    takedowns.Takedowns,
):
    """An open catalog. Every call that changes several rows does it whole or not at all."""


@contextlib.contextmanager
def open_catalog(data: Path) -> Iterator[Catalog]:
    """The catalog of a DATA folder, made where there is none yet, brought to today's format where it is older.

    One that is shared (sharing.py) begins with what the folder's own says, where there is one.

    Raises UserError where it is damaged, of a newer version, another program's, or the database refuses.
    """
    if (shared := find_shared(data)) is None:
        with open_database(catalog_path(data), LAYOUT) as connection:
            yield Catalog(connection)
        return
    own = catalog_path(data)
    begin_with = own if own.exists() else None
    with open_schema(shared.address, shared.schema, LAYOUT, begin_with) as connection:
        if not connection.is_new:
            check_joined(shared, connection.id, own.with_name(MARKS))
        join(connection.id, own.with_name(MARKS))
        yield Catalog(connection)


def catalog_path(data: Path) -> Path:
    """Where the catalog of a DATA folder lies: inside it, or in the cache folder where that is read-only.

    A catalog on a read-only disk is copied to the cache the first time, and goes on from there.
    """
    inside, outside = _inside(data), _outside(data)
    if _is_writable(inside):
        return inside
    if inside.exists() and not outside.exists():
        _copy(inside, outside)
    return outside


def has_catalog(data: Path) -> bool:
    """Whether a DATA folder has a catalog; makes nothing. Raises UserError as `open_catalog` does."""
    if (shared := find_shared(data)) is None:
        return _inside(data).exists() or _outside(data).exists()
    if mark := schema_id(shared.address, shared.schema):
        check_joined(shared, mark, _own(data).with_name(MARKS))
    return bool(mark)


def _own(data: Path) -> Path:
    """Where a folder's own catalog lies or would lie; makes nothing."""
    inside = _inside(data)
    return inside if inside.parent.is_dir() and _is_writable(inside) else _outside(data)


def _inside(data: Path) -> Path:
    return data / ".whatsit" / "catalog.sqlite"


def _outside(data: Path) -> Path:
    name = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:16]
    return cache_dir() / "catalogs" / name / "catalog.sqlite"


def _is_writable(path: Path) -> bool:
    """Whether the catalog at `path` can be written, made where it is not there yet."""
    folder = path.parent
    try:
        folder.mkdir(exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


def _copy(inside: Path, outside: Path) -> None:
    """Copy a catalog to the cache; of two processes at once, the second finds the first one's copy."""
    busy = f"Another whatsit is copying {str(inside)!r}."
    with hold_lock(outside.with_suffix(".lock"), busy, wait=True), explain_disk_errors(outside):
        if not outside.exists():
            copy_read_only(inside, outside)

"""What is SQLite's own: one file of ours, opened safely or refused with a sentence; rows and transactions."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from whatsit import files
from whatsit.errors import UserError

_OURS = 0x77686174  # "what", in the file's header: tells our file from another program's
_WAIT_S = 5.0  # for another process to end its write
_NETWORK_DISKS = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "afs")  # whose locks WAL cannot rely on


class Database:
    """An open file of ours. What a subject of the catalog is made of, and nobody else: statements stay here."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    def rows(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """The rows a query gives."""
        with explained(self.path):
            yield from self._connection.execute(query, values)

    def write(self, statement: str, *values: Any) -> int:
        """Execute one statement; gives back how many rows it changed."""
        with explained(self.path):
            return self._connection.execute(statement, values).rowcount

    def write_many(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Execute a statement once a row of values; several times faster than one call each."""
        with explained(self.path):
            self._connection.executemany(statement, rows)

    @contextlib.contextmanager
    def together(self) -> Iterator[Self]:
        """All that is written in the block, or nothing of it; inside another, it is a part of that."""
        if self._connection.in_transaction:
            yield self
            return
        with explained(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


def now() -> str:
    """The time in UTC, as in `2026-11-21T12:00:00Z`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_json(detail: Mapping[str, Any]) -> str:
    """A record's details as one column has them."""
    return json.dumps(detail, ensure_ascii=False, sort_keys=True)


@contextlib.contextmanager
def open_database(path: Path, schema: str, version: int) -> Iterator[sqlite3.Connection]:
    """A connection to the file at `path`, made with the tables of `schema` where there is none.

    In autocommit mode: each statement is on disk when it returns, unless a transaction was begun.
    Raises UserError where the file is damaged, of a version newer than `version`, or another program's.
    """
    with files.explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with explained(path):
        connection = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)
    try:
        with explained(path):
            _prepare(connection, path, schema, version)
        yield connection
    finally:
        connection.close()


def _prepare(connection: sqlite3.Connection, path: Path, schema: str, version: int) -> None:
    connection.execute("BEGIN IMMEDIATE")  # two processes that start together make the tables once
    try:
        if not _pragma(connection, "schema_version"):
            for statement in schema.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_OURS}")
            connection.execute(f"PRAGMA user_version = {version}")
        ours, found = _pragma(connection, "application_id"), _pragma(connection, "user_version")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    if ours != _OURS:
        raise UserError(
            f"{str(path)!r} is another program's database.", hint="Move it away; whatsit makes its own."
        )
    if found > version:
        raise UserError(
            f"{str(path)!r} was written by a newer whatsit (format {found}, here {version}).",
            hint="Update whatsit: pip install --upgrade whatsit",
        )
    journal = "DELETE" if _is_on_network_disk(path) else "WAL"
    connection.execute(f"PRAGMA journal_mode = {journal}")
    connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last writes, never the file


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """What SQLite refuses, as a UserError that says what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "locked" in text or "busy" in text:
            raise UserError(
                f"Another whatsit is writing to {str(path)!r}.", hint="Wait until it has ended."
            ) from None
        if "disk is full" in text:
            raise UserError(
                f"The disk is full: {str(path)!r} could not be written.", hint="Free some space."
            ) from None
        if "unable to open" in text or "readonly" in text or "disk I/O" in text:
            raise UserError(f"{str(path)!r} cannot be opened ({text}).", hint="Look at its permissions.") from None
        raise
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        raise UserError(
            f"{str(path)!r} is damaged ({error}).",
            hint="Move it away: the photos are untouched, but what was decided about them is in this file.",
        ) from None


def _is_on_network_disk(path: Path) -> bool:
    """Whether the folder of `path` is mounted from another machine, as far as Linux says."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    here = path.parent.resolve()
    points = [(Path(words[1]), words[2]) for words in map(str.split, mounts) if len(words) > 2]
    kinds = [
        kind for point, kind in sorted(points, key=lambda one: len(one[0].parts)) if here.is_relative_to(point)
    ]
    return bool(kinds) and kinds[-1].startswith(_NETWORK_DISKS)


def copy_unchanging(source: Path, target: Path) -> None:
    """Copy a file of ours that nobody can write to, and beside which no file can be made."""
    with (
        explained(source),
        contextlib.closing(sqlite3.connect(f"{source.absolute().as_uri()}?immutable=1", uri=True)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)

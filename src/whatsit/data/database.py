"""One SQLite file of ours: made with its tables, opened safely, refused with a sentence."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from whatsit import files
from whatsit.errors import UserError

_OURS = 0x77686174  # "what", in the file's header: tells our file from another program's
_WAIT_S = 5.0  # for another process to end its write
_NETWORK_DISKS = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "afs")  # whose locks WAL cannot rely on


@contextlib.contextmanager
def opened(path: Path, schema: str, version: int) -> Iterator[sqlite3.Connection]:
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

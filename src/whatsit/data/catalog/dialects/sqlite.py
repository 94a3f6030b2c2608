"""What is SQLite's own: one file of ours, opened safely or refused with a sentence, and brought to today's format.

A file of an earlier format is changed in place, in one transaction, so whole or not at all: a process that is
killed leaves the old file, and the next opening begins again. A copy of the old file lies beside it until that
is done.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whatsit import files
from whatsit.data.catalog.dialects import Layout
from whatsit.errors import UPDATE, UserError
from whatsit.files import make_folder

_OURS = 0x77686174  # "what", in the file's header: tells our file from another program's
_WAIT_S = 5.0  # for another process to end its write
_MIGRATION_WAIT_S = 600.0  # for another process to bring a large file to today's format
_NETWORK_DISKS = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "afs")  # whose locks WAL cannot rely on


@dataclass(frozen=True)
class SqliteConnection:
    """An open file of ours, in autocommit mode: each statement is on disk when it returns."""

    inner: sqlite3.Connection
    path: Path

    @property
    def place(self) -> str:
        """The file, as people are told."""
        return str(self.path)

    @property
    def is_in_transaction(self) -> bool:
        """Whether a transaction was begun."""
        return self.inner.in_transaction

    def execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Execute one statement."""
        return self.inner.execute(statement, values)

    def execute_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute a statement once a row of values."""
        self.inner.executemany(statement, rows)

    def begin(self) -> None:
        """Begin a transaction; nobody else writes until its end."""
        self.inner.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Keep all that the transaction wrote."""
        self.inner.execute("COMMIT")

    def roll_back(self) -> None:
        """Take back all that the transaction wrote."""
        roll_back(self.inner)

    def explain_errors(self) -> contextlib.AbstractContextManager[None]:
        """What SQLite refuses in the block, as a UserError that says what to do."""
        return explain_database_errors(self.path)


@contextlib.contextmanager
def open_database(path: Path, layout: Layout) -> Iterator[SqliteConnection]:
    """A connection to the file at `path`, made where there is none, brought to today's format where it is older.

    Raises UserError where the file is damaged, of a newer format, or another program's.
    """
    with files.explain_disk_errors(path):
        make_folder(path.parent)
    with explain_database_errors(path):
        connection = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)
    try:
        with explain_database_errors(path):
            _prepare(connection, path, layout)
        yield SqliteConnection(connection, path)
    finally:
        connection.close()


def copy_database(source: Path, target: Path) -> None:
    """Copy a file of ours as it is now, whole or not at all; a reader never sees half of one."""
    part = _empty_part(target)
    with (
        explain_database_errors(source),
        contextlib.closing(sqlite3.connect(source)) as old,
        contextlib.closing(sqlite3.connect(part)) as new,
    ):
        old.backup(new)
    part.replace(target)


def copy_read_only(source: Path, target: Path) -> None:
    """`copy_database` for a file that nobody can write to, so that SQLite cannot open it where it lies.

    Writes that a killed process left in SQLite's side files come along.
    """
    part = _empty_part(target)
    for side in ("", "-wal", "-journal"):
        if (file := source.with_name(source.name + side)).exists():
            shutil.copyfile(file, part.with_name(part.name + side))
    with explain_database_errors(source), contextlib.closing(sqlite3.connect(part)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # takes in what lies beside it
    part.replace(target)


def roll_back(connection: sqlite3.Connection) -> None:
    """Take back all that the transaction wrote; where the disk is full, SQLite has done so by itself."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _empty_part(target: Path) -> Path:
    part = target.with_name(f"{target.name}{files.PART_SUFFIX}")
    for left in part.parent.glob(f"{part.name}*"):  # by a process that was killed while copying
        left.unlink()
    return part


def _prepare(connection: sqlite3.Connection, path: Path, layout: Layout) -> None:
    is_old = 0 < _pragma(connection, "user_version") < layout.format
    # two processes that start together make the tables once, and change an old file once
    _begin(connection, _MIGRATION_WAIT_S if is_old else 0)
    try:
        if not _pragma(connection, "schema_version"):
            _execute(connection, layout.tables.split(";\n"))
            connection.execute(f"PRAGMA application_id = {_OURS}")
            connection.execute(f"PRAGMA user_version = {layout.format}")
        ours, found = _pragma(connection, "application_id"), _pragma(connection, "user_version")
        if ours == _OURS and found < layout.format:
            _migrate(connection, path, layout, found)
    except BaseException:
        roll_back(connection)
        raise
    connection.execute("COMMIT")
    if ours != _OURS:
        raise UserError(
            f"{str(path)!r} is another program's database.", hint="Move it away; whatsit makes its own."
        )
    if found > layout.format:
        raise UserError(
            f"{str(path)!r} was written by a newer whatsit (format {found}, here {layout.format}).",
            hint=UPDATE,
        )
    # the migration is done, by us or by a process that was killed right after
    for left in path.parent.glob(f"{path.name}.format-*"):
        left.unlink(missing_ok=True)
    journal = "DELETE" if _is_on_network_disk(path) else "WAL"
    connection.execute(f"PRAGMA journal_mode = {journal}")
    connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last writes, never the file


def _begin(connection: sqlite3.Connection, patience_s: float) -> None:
    """Begin to write, after waiting for another process that does; Ctrl-C is heard between two tries."""
    until = time.monotonic() + patience_s
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise


def _migrate(connection: sqlite3.Connection, path: Path, layout: Layout, found: int) -> None:
    """Bring a file to today's format, within the transaction that was begun; its copy is whole before."""
    if found not in layout.migrations:
        raise sqlite3.DatabaseError(f"format {found}")
    copy_database(path, path.with_name(f"{path.name}.format-{found}"))
    for older in range(found, layout.format):
        _execute(connection, layout.migrations[older])
    connection.execute(f"PRAGMA user_version = {layout.format}")


def _copies(path: Path) -> list[Path]:
    """The copies that are kept of a file while it is brought to another format."""
    return sorted(path.parent.glob(f"{path.name}.format-[0-9]"))


def _execute(connection: sqlite3.Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        connection.execute(statement)


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


@contextlib.contextmanager
def explain_database_errors(path: Path) -> Iterator[None]:
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
        hint = "Move it away: the photos are untouched, but what was decided about them is in this file."
        for copy in _copies(path):
            hint = f"A copy from before it was brought to this version is in {str(copy)!r}: put it in its place."
        raise UserError(f"{str(path)!r} is damaged ({error}).", hint=hint) from None


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

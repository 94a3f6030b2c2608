"""DATA/.whatsit/catalog.sqlite: what is known of the photos of a folder, and what was decided about them.

One SQLite file, shared by the verbs: collecting writes where photos come from, cleaning what it found and
what people decided. Photos themselves are never touched by a row here. Written as it happens (WAL), so a
process that is killed loses at most what it was just doing. Where DATA is read-only the catalog lies in the
cache folder instead.

Photos are named by their path relative to DATA, with forward slashes, as in `cat/0f3a….jpg`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from whatsit.data import database
from whatsit.files import cache_dir, explained
from whatsit.image import Box

FORMAT = 1

SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- photos on disk, as they were when last looked at
CREATE TABLE photos (
    path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, format TEXT NOT NULL, changed_ns INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX photos_by_content ON photos (sha256);

-- cleaning: what a check found; what somebody decided; photos that belong together; faces
CREATE TABLE findings (
    photo TEXT NOT NULL, check_name TEXT NOT NULL, severity TEXT NOT NULL, value REAL, limit_value REAL,
    reason TEXT NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (photo, check_name)
) WITHOUT ROWID;
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY, photo TEXT NOT NULL, decision TEXT NOT NULL, label TEXT NOT NULL,
    by TEXT NOT NULL, why TEXT NOT NULL, time TEXT NOT NULL, undone TEXT
);
CREATE INDEX decisions_by_photo ON decisions (photo);
CREATE TABLE groups (
    photo TEXT NOT NULL, kind TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (photo, kind)
) WITHOUT ROWID;
CREATE TABLE faces (
    photo TEXT NOT NULL, left REAL NOT NULL, top REAL NOT NULL, right REAL NOT NULL, bottom REAL NOT NULL,
    turn REAL NOT NULL, score REAL NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX faces_by_photo ON faces (photo);

-- collecting: one candidate an address and class, whatever became of it
CREATE TABLE candidates (
    id INTEGER PRIMARY KEY, class TEXT NOT NULL, address TEXT NOT NULL, rank INTEGER NOT NULL,
    source TEXT NOT NULL, host TEXT NOT NULL, state TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL,
    status INTEGER, final_address TEXT, tries INTEGER NOT NULL DEFAULT 0, time TEXT,
    sha256 TEXT, bytes INTEGER, width INTEGER, height INTEGER, format TEXT, photo TEXT,
    UNIQUE (class, address)
);
CREATE INDEX candidates_by_state ON candidates (class, state, rank);
CREATE INDEX candidates_by_content ON candidates (sha256);
CREATE INDEX candidates_by_address ON candidates (address);
-- every time a source named a candidate: two sources may say different things of one photo
CREATE TABLE sightings (
    candidate INTEGER NOT NULL REFERENCES candidates (id), source TEXT NOT NULL, words TEXT NOT NULL,
    page TEXT NOT NULL, title TEXT NOT NULL, author TEXT NOT NULL, author_page TEXT NOT NULL,
    licence TEXT NOT NULL, licence_address TEXT NOT NULL, licence_basis TEXT NOT NULL,
    attribution TEXT NOT NULL, restrictions TEXT NOT NULL, thumbnail TEXT NOT NULL,
    width INTEGER, height INTEGER, time TEXT NOT NULL, PRIMARY KEY (candidate, source, words)
) WITHOUT ROWID;
CREATE TABLE attempts (
    candidate INTEGER NOT NULL REFERENCES candidates (id), time TEXT NOT NULL, host TEXT NOT NULL,
    status INTEGER, kind TEXT NOT NULL, reason TEXT NOT NULL, seconds REAL NOT NULL
);
CREATE INDEX attempts_by_candidate ON attempts (candidate);
-- how far each search has been read
CREATE TABLE searches (
    class TEXT NOT NULL, source TEXT NOT NULL, words TEXT NOT NULL, cursor TEXT NOT NULL,
    pages INTEGER NOT NULL, is_done INTEGER NOT NULL, time TEXT NOT NULL, PRIMARY KEY (class, source, words)
) WITHOUT ROWID;
-- taken down: never to be fetched again
CREATE TABLE forgotten (
    kind TEXT NOT NULL, value TEXT NOT NULL, time TEXT NOT NULL, PRIMARY KEY (kind, value)
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class KnownPhoto:
    """A photo on disk: its size in bytes and pixels, its true format, and when the file was last changed."""

    path: str
    sha256: str
    bytes: int
    width: int
    height: int
    format: str
    changed_ns: int


@dataclass(frozen=True)
class Finding:
    """What a check says of a photo: the measured value beside its limit, and the reason as a clause.

    severity: "certain" excludes by itself, "likely" and "hint" wait for a person
    """

    photo: str
    check: str
    severity: str
    value: float | None
    limit: float | None
    reason: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """What somebody decided about a photo: "leave-out", "keep" or "relabel" (then `label` is its class)."""

    photo: str
    decision: str
    label: str = ""
    by: str = ""
    why: str = ""
    time: str = ""
    id: int = 0


@dataclass(frozen=True)
class Face:
    """A face in a photo; `score` is the detector's, larger is surer."""

    photo: str
    box: Box
    score: float
    detail: Mapping[str, Any] = field(default_factory=dict)


@contextlib.contextmanager
def open_catalog(data: Path) -> Iterator[Catalog]:
    """The catalog of a DATA folder, made where there is none yet.

    Raises UserError where the file is damaged, of a newer version, or another program's.
    """
    path = catalog_path(data)
    with database.opened(path, SCHEMA, FORMAT) as connection:
        yield Catalog(connection, path)


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
    """Whether a DATA folder has a catalog; makes nothing."""
    return _inside(data).exists() or _outside(data).exists()


class Catalog:
    """An open catalog. Reads and writes rows; every call that changes several rows does it whole or not at all."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    def rows(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """The rows a query gives."""
        with database.explained(self.path):
            yield from self._connection.execute(query, values)

    def write(self, statement: str, *values: Any) -> int:
        """Execute one statement; gives back how many rows it changed."""
        with database.explained(self.path):
            return self._connection.execute(statement, values).rowcount

    @contextlib.contextmanager
    def together(self) -> Iterator[Self]:
        """All that is written in the block, or nothing of it; inside another, it is a part of that."""
        if self._connection.in_transaction:
            yield self
            return
        with database.explained(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def fact(self, name: str) -> str:
        """A remembered answer or setting; empty where there is none."""
        return next((str(value) for (value,) in self.rows("SELECT value FROM facts WHERE name = ?", name)), "")

    def set_fact(self, name: str, value: str) -> None:
        """Remember an answer or a setting."""
        self.write("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, value)

    def photos(self) -> dict[str, KnownPhoto]:
        """All known photos, by path."""
        return {
            row[0]: KnownPhoto(*row)
            for row in self.rows(f"SELECT {_columns(KnownPhoto)} FROM photos ORDER BY path")
        }

    def put_photos(self, photos: Iterable[KnownPhoto]) -> None:
        """Remember photos as they are now."""
        with self.together():
            for photo in photos:
                self.write("INSERT OR REPLACE INTO photos VALUES (?, ?, ?, ?, ?, ?, ?)", *astuple(photo))

    def drop_photos(self, paths: Iterable[str]) -> None:
        """Forget photos that are no longer on disk, with what was found in them; decisions stay."""
        with self.together():
            for path in paths:
                self.write("DELETE FROM photos WHERE path = ?", path)
                for table in ("findings", "groups", "faces"):
                    self.write(f"DELETE FROM {table} WHERE photo = ?", path)

    def put_findings(self, checks: Collection[str], findings: Iterable[Finding]) -> None:
        """Replace all that these checks had found."""
        with self.together():
            for check in checks:
                self.write("DELETE FROM findings WHERE check_name = ?", check)
            for finding in findings:
                self.add_finding(finding)

    def add_finding(self, finding: Finding) -> None:
        """Write one finding down, in the place of what the same check had found in the same photo."""
        values = (finding.photo, finding.check, finding.severity, finding.value, finding.limit, finding.reason)
        self.write("INSERT OR REPLACE INTO findings VALUES (?, ?, ?, ?, ?, ?, ?)", *values, _json(finding.detail))

    def findings(self, check: str | None = None) -> list[Finding]:
        """What was found, by one check or by all, in the order of photos."""
        rows = self.rows(
            "SELECT * FROM findings WHERE ?1 IS NULL OR check_name = ?1 ORDER BY photo, check_name", check
        )
        return [
            Finding(photo, name, severity, value, limit, reason, json.loads(detail))
            for photo, name, severity, value, limit, reason, detail in rows
        ]

    def decide(self, decision: Decision) -> int:
        """Write a decision down; gives back its number, by which it can be undone."""
        values = (decision.photo, decision.decision, decision.label, decision.by, decision.why, now())
        statement = (
            "INSERT INTO decisions (photo, decision, label, by, why, time) VALUES (?, ?, ?, ?, ?, ?) RETURNING id"
        )
        (number,) = next(self.rows(statement, *values))
        return int(number)

    def undo(self, number: int) -> None:
        """Take a decision back; the row stays, marked."""
        self.write("UPDATE decisions SET undone = ? WHERE id = ? AND undone IS NULL", now(), number)

    def decisions(self) -> dict[str, Decision]:
        """The decision that holds for each photo: the last one that was not undone."""
        query = f"SELECT {_columns(Decision)} FROM decisions WHERE undone IS NULL ORDER BY id"
        return {row[0]: Decision(*row) for row in self.rows(query)}

    def put_groups(self, kind: str, numbers: Mapping[str, int]) -> None:
        """Replace the groups of a kind: photos with one number belong together."""
        with self.together():
            self.write("DELETE FROM groups WHERE kind = ?", kind)
            for photo, number in numbers.items():
                self.write("INSERT INTO groups VALUES (?, ?, ?)", photo, kind, number)

    def groups(self, kind: str) -> dict[str, int]:
        """The group number of each photo that is in a group of this kind."""
        return dict(self.rows("SELECT photo, number FROM groups WHERE kind = ?", kind))

    def put_faces(self, photos: Iterable[str], faces: Iterable[Face]) -> None:
        """Replace the faces of these photos."""
        with self.together():
            for photo in photos:
                self.write("DELETE FROM faces WHERE photo = ?", photo)
            for face in faces:
                values = (face.photo, *astuple(face.box), face.score, _json(face.detail))
                self.write("INSERT INTO faces VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *values)

    def faces(self) -> list[Face]:
        """All faces, in the order of photos, the surest of a photo first."""
        rows = self.rows("SELECT * FROM faces ORDER BY photo, score DESC")
        return [Face(row[0], Box(*row[1:6]), row[6], json.loads(row[7])) for row in rows]


def now() -> str:
    """The time in UTC, as in `2026-11-21T12:00:00Z`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _columns(record: type) -> str:
    return ", ".join(one.name for one in fields(record))


def _json(detail: Mapping[str, Any]) -> str:
    return json.dumps(detail, ensure_ascii=False, sort_keys=True)


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
    with explained(outside):
        outside.parent.mkdir(parents=True, exist_ok=True)
    # immutable: nobody can write there, and WAL's side files cannot be made beside it
    with (
        database.explained(inside),
        contextlib.closing(sqlite3.connect(f"{inside.absolute().as_uri()}?immutable=1", uri=True)) as source,
        contextlib.closing(sqlite3.connect(outside)) as target,
    ):
        source.backup(target)

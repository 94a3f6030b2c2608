"""The candidates of a collection: one an address and class, whatever became of it.

What the states mean, and which candidate a photo belongs to, are rules of collecting (`collecting/ledger.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from whatsit.data.catalog.database import Database, now
from whatsit.data.catalog.photos import KnownPhoto

TABLES = """
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
CREATE TABLE attempts (
    candidate INTEGER NOT NULL REFERENCES candidates (id), time TEXT NOT NULL, host TEXT NOT NULL,
    status INTEGER, kind TEXT NOT NULL, reason TEXT NOT NULL, seconds REAL NOT NULL
);
CREATE INDEX attempts_by_candidate ON attempts (candidate);
"""


@dataclass(frozen=True)
class Candidate:
    """An address that is wanted for a class; `page` is where a source saw it."""

    id: int
    class_name: str
    address: str
    rank: int
    source: str
    host: str
    page: str


@dataclass(frozen=True)
class Proven:
    """A file that is a photo, whole: the SHA-256 of the bytes that came, and the photo as it will be kept."""

    sha256: str
    photo: KnownPhoto


@dataclass(frozen=True)
class Why:
    """Why an address was not asked for or gave nothing."""

    kind: str
    reason: str
    status: int = 0


@dataclass(frozen=True)
class Outcome:
    """What became of a candidate; `photo` is the path of the photo that has its bytes."""

    id: int
    class_name: str
    rank: int
    state: str
    why: Why
    sha256: str
    photo: str


@dataclass(frozen=True)
class AddressFate:
    """A line of the table of all addresses; `class_name` stands there as `class`."""

    class_name: str
    address: str
    state: str
    reason: str
    photo: str | None
    source: str
    status: int | None
    tries: int


class Candidates(Database):
    """What was found for the classes of a collection, and what became of it."""

    def add_candidate(self, class_name: str, address: str, rank: int, source: str, skip: Why | None) -> bool:
        """Write an address down that is to be asked for, or is skipped; whether the class did not have it."""
        state = ("skipped", skip.kind, skip.reason) if skip else ("found", "", "")
        statement = (
            "INSERT INTO candidates (class, address, rank, source, host, state, kind, reason)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
        )
        return self.write(statement, class_name, address, rank, source, host_of(address), *state) > 0

    def last_rank(self, class_name: str) -> int:
        """The highest rank a candidate of a class has; 0 where there is none."""
        ((rank,),) = self.rows("SELECT coalesce(max(rank), 0) FROM candidates WHERE class = ?", class_name)
        return int(rank)

    def next_candidates(self, class_name: str, rank: int, count: int) -> list[Candidate]:
        """The next candidates behind a rank that may be asked for, in order."""
        query = (
            "SELECT id, class, address, rank, source, host,"
            " coalesce((SELECT page FROM sightings WHERE candidate = id LIMIT 1), '')"
            " FROM candidates WHERE class = ? AND state = 'found' AND rank > ? ORDER BY rank LIMIT ?"
        )
        return [Candidate(*row) for row in self.rows(query, class_name, rank, count)]

    def waiting_candidate(self, class_name: str, address: str) -> Candidate | None:
        """The candidate that an address is for a class, where it may be asked for."""
        query = "SELECT rank FROM candidates WHERE class = ? AND address = ? AND state = 'found'"
        ranks = [rank for (rank,) in self.rows(query, class_name, address)]
        return self.next_candidates(class_name, ranks[0] - 1, 1)[0] if ranks else None

    def photo_at(self, class_name: str, address: str) -> str:
        """The path of the photo that an address gave for a class; empty where it gave none."""
        query = "SELECT coalesce(photo, '') FROM candidates WHERE class = ? AND address = ?"
        return next((str(path) for (path,) in self.rows(query, class_name, address)), "")

    def tried_count(self, class_name: str) -> int:
        """How many candidates of a class were asked for so far."""
        states = "('kept', 'duplicate', 'conflict', 'bad', 'later', 'removed')"
        query = f"SELECT count(*) FROM candidates WHERE class = ? AND state IN {states}"
        ((count,),) = self.rows(query, class_name)
        return int(count)

    def outcome_elsewhere(self, candidate: Candidate) -> Outcome | None:
        """What became of the same address where another class had asked for it already."""
        query = (
            f"SELECT {_OUTCOME} FROM candidates WHERE address = ? AND class != ?"
            " AND state IN ('kept', 'duplicate', 'conflict', 'bad') LIMIT 1"
        )
        return next(map(_outcome_of, self.rows(query, candidate.address, candidate.class_name)), None)

    def outcomes_with(self, sha256: str, but: Candidate) -> list[Outcome]:
        """Other candidates that gave these bytes and whose photo is kept, then those whose photo was removed."""
        query = (
            f"SELECT {_OUTCOME} FROM candidates WHERE sha256 = ? AND id != ?"
            " AND state IN ('kept', 'removed') ORDER BY state"
        )
        return [_outcome_of(row) for row in self.rows(query, sha256, but.id)]

    def kept_photos(self) -> list[tuple[int, str]]:
        """(id, path) of every candidate whose photo should be in its folder."""
        return list(self.rows("SELECT id, photo FROM candidates WHERE state = 'kept'"))

    def paths_kept_with(self, sha256: str) -> list[str]:
        """The photos that candidates with these bytes were kept as."""
        query = "SELECT DISTINCT photo FROM candidates WHERE sha256 = ? AND state = 'kept'"
        return [str(path) for (path,) in self.rows(query, sha256)]

    def sources_of_photos(self) -> dict[str, str]:
        """The source of each photo that was kept."""
        return dict(self.rows("SELECT photo, source FROM candidates WHERE state = 'kept'"))

    def outcome_counts(self, class_name: str) -> list[tuple[str, str, str, int]]:
        """(source, state, kind, how many) of a class's candidates."""
        query = "SELECT source, state, kind, count(*) FROM candidates WHERE class = ? GROUP BY source, state, kind"
        return list(self.rows(query, class_name))

    def address_fates(self, class_names: Sequence[str]) -> Iterator[AddressFate]:
        """What became of all addresses of these classes, in the order they were named."""
        marks = ", ".join("?" * len(class_names))
        query = (
            "SELECT class, address, state, reason, photo, source, status, tries FROM candidates"
            f" WHERE class IN ({marks}) ORDER BY class, rank"
        )
        return (AddressFate(*row) for row in self.rows(query, *class_names))

    def reopen_later(self, class_name: str) -> None:
        """Let what failed for a passing reason be asked for again."""
        self.write(
            "UPDATE candidates SET state = 'found', kind = '', reason = '' WHERE class = ? AND state = 'later'",
            class_name,
        )

    def add_attempt(self, candidate: Candidate, why: Why, seconds: float) -> None:
        """Write down one try that failed."""
        values = (candidate.id, now(), candidate.host, why.status or None, why.kind, why.reason, round(seconds, 3))
        self.write("INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?)", *values)
        self.write("UPDATE candidates SET tries = tries + 1 WHERE id = ?", candidate.id)

    def fail(self, candidate: Candidate, state: str, why: Why) -> None:
        """Settle a candidate that gave no photo: "bad", "later" or "skipped"."""
        self.write(
            "UPDATE candidates SET state = ?, kind = ?, reason = ?, status = ?, time = ? WHERE id = ?",
            *(state, why.kind, why.reason, why.status or None, now(), candidate.id),
        )

    def put_proof(self, candidate: Candidate, proven: Proven, final_address: str) -> None:
        """Write down which bytes came for a candidate, and from where in the end."""
        photo = proven.photo
        self.write(
            "UPDATE candidates SET sha256 = ?, bytes = ?, width = ?, height = ?, format = ?, photo = ?,"
            " final_address = ?, status = 200, kind = '', reason = '', tries = tries + 1, time = ?"
            " WHERE id = ?",
            *(proven.sha256, photo.bytes, photo.width, photo.height, photo.format, photo.path),
            *(final_address, now(), candidate.id),
        )

    def put_state(self, candidate_id: int, state: str, photo: str) -> None:
        """Write down what a candidate came to, and which photo has its bytes."""
        self.write("UPDATE candidates SET state = ?, photo = ? WHERE id = ?", state, photo, candidate_id)

    def put_conflict(self, candidate: Candidate, photo: str, sha256: str) -> None:
        """Write down that a candidate, not asked for, has the bytes of another class's photo."""
        self.write(
            "UPDATE candidates SET state = 'conflict', photo = ?, sha256 = ?, time = ? WHERE id = ?",
            *(photo, sha256, now(), candidate.id),
        )

    def mark_removed(self, candidate_id: int, path: str) -> None:
        """A kept photo is no longer there: it was taken away, and is not to be brought back."""
        with self.together():
            self.write("UPDATE candidates SET state = 'removed' WHERE id = ?", candidate_id)
            self.write("DELETE FROM photos WHERE path = ?", path)


_OUTCOME = "id, class, rank, state, kind, reason, status, sha256, photo"


def _outcome_of(row: tuple[Any, ...]) -> Outcome:
    number, class_name, rank, state, kind, reason, status, sha256, photo = row
    return Outcome(number, class_name, rank, state, Why(kind, reason, status or 0), sha256, photo)


def host_of(address: str) -> str:
    """The host of an address as it was written, lower case; empty for a file."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def class_of(path: str) -> str:
    """The class folder of a photo's path."""
    return path.partition("/")[0]

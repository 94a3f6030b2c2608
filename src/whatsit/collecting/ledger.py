"""The candidates of a collection in the catalog: what was found, what became of it, and what is next.

A candidate is one address wanted for one class. Its `state` is one of STATES; `kind` says why, in the words
of `fetch.errors.KINDS` and of KINDS below. Ranks are given in the order in which sources named the
addresses, and candidates are tried in that order, so that the same answers of the same web always lead to
the same photos, however the downloads overtake each other and however often the run is killed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from urllib.parse import urlsplit

from whatsit.collecting.found import Found, Page
from whatsit.data.catalog import Catalog, Finding, KnownPhoto, now

STATES = {
    "found": "not asked for yet",
    "kept": "a photo in its class folder",
    "duplicate": "the same bytes as another photo of the class",
    "conflict": "the same bytes as a photo of another class",
    "bad": "asked for, and no photo came",
    "later": "failed for a reason that may pass; asked for again by the next run",
    "skipped": "not asked for, by a rule",
    "removed": "kept once, and taken away by somebody since",
}
KINDS = {  # reasons of our own, beside those of fetching
    "too-small": "too small to learn from",
    "blank": "one flat colour: a placeholder",
    "licence": "under a licence that was not wanted",
    "forgotten": "taken down once, never to be fetched again",
    "file": "the file cannot be read",
}
TWO_CLASSES = "found-for-two-classes"  # the finding that a conflict leaves on the photo


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


class Ledger:
    """The candidates of one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def begin(self, class_name: str) -> None:
        """Let what failed for a passing reason be asked for again."""
        self.catalog.write(
            "UPDATE candidates SET state = 'found', kind = '', reason = '' WHERE class = ? AND state = 'later'",
            class_name,
        )

    def add(self, class_name: str, source: str, words: str, page: Page, skip: Mapping[str, Why]) -> int:
        """Write down what one page of a source named, and where the search goes on; gives back how many are new.

        skip: address → why, of those that must not be asked for
        """
        new = seen = 0
        with self.catalog.together():
            (rank,) = self._one("SELECT coalesce(max(rank), 0) FROM candidates WHERE class = ?", class_name)
            for found in page.found:
                why = skip.get(found.address)
                new += self.catalog.write(
                    "INSERT OR IGNORE INTO candidates (class, address, rank, source, host, state, kind, reason)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    *(class_name, found.address, rank + new + 1, source, host_of(found.address)),
                    *(("skipped", why.kind, why.reason) if why else ("found", "", "")),
                )
                seen += self._see(class_name, source, words, found)
            # a page that says nothing new is the last: some services repeat themselves for ever
            is_done = not page.following or (bool(page.found) and not seen)
            self.catalog.write(
                "INSERT INTO searches VALUES (?, ?, ?, ?, 1, ?, ?) ON CONFLICT DO UPDATE SET"
                " cursor = excluded.cursor, pages = pages + 1, is_done = excluded.is_done, time = excluded.time",
                *(class_name, source, words, page.following, is_done, now()),
            )
        return new

    def _see(self, class_name: str, source: str, words: str, found: Found) -> int:
        return self.catalog.write(
            "INSERT OR IGNORE INTO sightings SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
            " FROM candidates WHERE class = ? AND address = ?",
            *(source, words, found.page, found.title, found.author, found.author_page),
            *(found.licence, found.licence_address, found.rights, found.attribution, found.restrictions),
            *(found.thumbnail, found.width, found.height, now(), class_name, found.address),
        )

    def search(self, class_name: str, source: str, words: str) -> tuple[str, int, bool]:
        """Where a search stands: (cursor, pages read, whether it is done)."""
        query = "SELECT cursor, pages, is_done FROM searches WHERE class = ? AND source = ? AND words = ?"
        for cursor, pages, is_done in self.catalog.rows(query, class_name, source, words):
            return cursor, pages, bool(is_done)
        return "", 0, False

    def following(self, class_name: str, rank: int, count: int) -> list[Candidate]:
        """The next candidates behind a rank that may be asked for, in order."""
        query = (
            "SELECT id, class, address, rank, source, host,"
            " coalesce((SELECT page FROM sightings WHERE candidate = id LIMIT 1), '')"
            " FROM candidates WHERE class = ? AND state = 'found' AND rank > ? ORDER BY rank LIMIT ?"
        )
        return [Candidate(*row) for row in self.catalog.rows(query, class_name, rank, count)]

    def tried(self, class_name: str) -> int:
        """How many candidates of a class were asked for so far."""
        states = "('kept', 'duplicate', 'conflict', 'bad', 'later', 'removed')"
        return int(
            self._one(f"SELECT count(*) FROM candidates WHERE class = ? AND state IN {states}", class_name)[0]
        )

    def as_twin(self, candidate: Candidate) -> str:
        """Settle a candidate whose address was asked for already, for another class; its state, else empty."""
        query = (
            "SELECT state, kind, reason, status, sha256, photo FROM candidates WHERE address = ? AND class != ?"
            " AND state IN ('kept', 'duplicate', 'conflict', 'bad') LIMIT 1"
        )
        rows = self.catalog.rows(query, candidate.address, candidate.class_name)
        for state, kind, reason, status, sha256, photo in list(rows):
            if state == "bad":
                self.fail(candidate, "bad", Why(kind, reason, status or 0))
                return "bad"
            with self.catalog.together():
                values = (*self._conflict(candidate, photo), sha256, now(), candidate.id)
                self.catalog.write(
                    "UPDATE candidates SET state = ?, photo = ?, sha256 = ?, time = ? WHERE id = ?", *values
                )
            return "conflict"
        return ""

    def attempt(self, candidate: Candidate, why: Why, seconds: float) -> None:
        """Write down one try that failed."""
        values = (candidate.id, now(), candidate.host, why.status or None, why.kind, why.reason, round(seconds, 3))
        self.catalog.write("INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?)", *values)
        self.catalog.write("UPDATE candidates SET tries = tries + 1 WHERE id = ?", candidate.id)

    def fail(self, candidate: Candidate, state: str, why: Why) -> None:
        """Settle a candidate that gave no photo: "bad", "later" or "skipped"."""
        self.catalog.write(
            "UPDATE candidates SET state = ?, kind = ?, reason = ?, status = ?, time = ? WHERE id = ?",
            *(state, why.kind, why.reason, why.status or None, now(), candidate.id),
        )

    def settle(self, candidate: Candidate, proven: Proven, final_address: str) -> tuple[str, int]:
        """Settle a candidate that gave a photo: its state, and by how many photos the class has grown (0 or 1).

        The photo belongs to the candidate of the lowest rank that gave these bytes, whichever came first; all
        others of the class are its duplicates. Bytes of another class's photo are a conflict, and stay there.
        """
        with self.catalog.together():
            self.catalog.write(
                "UPDATE candidates SET sha256 = ?, bytes = ?, width = ?, height = ?, format = ?, photo = ?,"
                " final_address = ?, status = 200, kind = '', reason = '', tries = tries + 1, time = ?"
                " WHERE id = ?",
                *(proven.sha256, proven.photo.bytes, proven.photo.width, proven.photo.height, proven.photo.format),
                *(proven.photo.path, final_address, now(), candidate.id),
            )
            state, photo = self._place_of(candidate, proven)
            self.catalog.write(
                "UPDATE candidates SET state = ?, photo = ? WHERE id = ?", state, photo, candidate.id
            )
            if state != "kept":
                return state, 0
            return state, self.catalog.write(
                "INSERT OR IGNORE INTO photos VALUES (?, ?, ?, ?, ?, ?, ?)", *astuple(proven.photo)
            )

    def _place_of(self, candidate: Candidate, proven: Proven) -> tuple[str, str]:
        """(state, path of the photo) of a candidate whose bytes are known."""
        if list(self.catalog.rows("SELECT 1 FROM forgotten WHERE kind = 'sha256' AND value = ?", proven.sha256)):
            return "skipped", ""
        query = (
            "SELECT id, class, rank, state, photo FROM candidates WHERE sha256 = ? AND id != ?"
            " AND state IN ('kept', 'removed') ORDER BY state"
        )
        for owner, class_name, rank, state, photo in list(self.catalog.rows(query, proven.sha256, candidate.id)):
            if state == "removed" and class_name == candidate.class_name:
                return "removed", photo
            if state == "removed":
                continue
            if class_name != candidate.class_name:
                return self._conflict(candidate, photo)
            if rank < candidate.rank:
                return "duplicate", photo
            self.catalog.write("UPDATE candidates SET state = 'duplicate' WHERE id = ?", owner)
            return "kept", photo
        for (path,) in self.catalog.rows("SELECT path FROM photos WHERE sha256 = ?", proven.sha256):
            if path == proven.photo.path:
                continue
            return (
                ("duplicate", path) if class_of(path) == candidate.class_name else self._conflict(candidate, path)
            )
        return "kept", proven.photo.path

    def _conflict(self, candidate: Candidate, photo: str) -> tuple[str, str]:
        reason = f"also found for {candidate.class_name!r}"
        finding = Finding(photo, TWO_CLASSES, "likely", None, None, reason, {"class": candidate.class_name})
        self.catalog.add_finding(finding)
        return "conflict", photo

    def candidate(self, class_name: str, address: str) -> Candidate:
        """The candidate that an address is for a class."""
        (rank,) = self._one("SELECT rank FROM candidates WHERE class = ? AND address = ?", class_name, address)
        return self.following(class_name, rank - 1, 1)[0]

    def photo_at(self, class_name: str, address: str) -> str:
        """The path of the photo that an address gave for a class; empty where it gave none."""
        query = "SELECT coalesce(photo, '') FROM candidates WHERE class = ? AND address = ?"
        return next((str(path) for (path,) in self.catalog.rows(query, class_name, address)), "")

    def photos_of(self, class_name: str) -> list[str]:
        """The paths of a class's known photos."""
        # '0' is the character after '/', so this is every path below the class folder, by the index
        query = "SELECT path FROM photos WHERE path > ? AND path < ? ORDER BY path"
        return [path for (path,) in self.catalog.rows(query, f"{class_name}/", f"{class_name}0")]

    def kept(self) -> Iterator[tuple[int, str]]:
        """(id, path) of every candidate whose photo should be in its folder."""
        return (
            (row[0], row[1]) for row in self.catalog.rows("SELECT id, photo FROM candidates WHERE state = 'kept'")
        )

    def removed(self, candidate_id: int, path: str) -> None:
        """A kept photo is no longer there: it was taken away, and is not to be brought back."""
        with self.catalog.together():
            self.catalog.write("UPDATE candidates SET state = 'removed' WHERE id = ?", candidate_id)
            self.catalog.write("DELETE FROM photos WHERE path = ?", path)

    def _one(self, query: str, *values: object) -> tuple[int, ...]:
        return next(iter(self.catalog.rows(query, *values)))


def host_of(address: str) -> str:
    """The host of an address as it was written, lower case; empty for a file."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def class_of(path: str) -> str:
    """The class folder of a photo's path."""
    return path.partition("/")[0]

"""Every time a source named a candidate: two sources may say different things of one photo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from whatsit.data.catalog.database import Database, now

TABLES = """
CREATE TABLE sightings (
    candidate INTEGER NOT NULL REFERENCES candidates (id), source TEXT NOT NULL, words TEXT NOT NULL,
    page TEXT NOT NULL, title TEXT NOT NULL, author TEXT NOT NULL, author_page TEXT NOT NULL,
    licence TEXT NOT NULL, licence_address TEXT NOT NULL, licence_basis TEXT NOT NULL,
    attribution TEXT NOT NULL, restrictions TEXT NOT NULL, thumbnail TEXT NOT NULL,
    width INTEGER, height INTEGER, time TEXT NOT NULL, PRIMARY KEY (candidate, source, words)
) WITHOUT ROWID;
"""
Rights = Literal["stated", "hint", "unknown"]


@dataclass(frozen=True)
class Sighting:
    """One photo somewhere, as a source names it.

    address:      where its bytes are; a `file:` address where it lies on this machine
    licence:      a code of `licences`, as `by-sa`, or the source's own words; empty where nothing is said
    rights:       whether the source states the licence, only hints at it, or knows nothing
    attribution:  the line that names its author, where the source has one ready
    restrictions: what else binds its use, as the source puts it: `personality`, `trademark`
    thumbnail:    a smaller copy, for when the photo itself is gone
    """

    address: str
    page: str = ""
    title: str = ""
    author: str = ""
    author_page: str = ""
    licence: str = ""
    licence_address: str = ""
    rights: Rights = "unknown"
    attribution: str = ""
    restrictions: str = ""
    thumbnail: str = ""
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class Credit:
    """Where a photo comes from. `address` is where its bytes were had, `page` where a person sees it."""

    photo: str
    class_name: str
    sha256: str
    address: str
    page: str
    title: str
    author: str
    licence: str
    licence_address: str
    attribution: str
    restrictions: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Authorship:
    """Who made a photo, by one source's word."""

    photo: str
    author: str
    licence: str
    page: str
    attribution: str


class Sightings(Database):
    """What sources said of the candidates of a collection."""

    def add_sighting(self, class_name: str, source: str, words: str, seen: Sighting) -> bool:
        """Write down what a source said of a known candidate, found by these words; whether it was new."""
        statement = (
            "INSERT INTO sightings SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
            " FROM candidates WHERE class = ? AND address = ? ON CONFLICT DO NOTHING"
        )
        origin = (seen.page, seen.title, seen.author, seen.author_page)
        terms = (seen.licence, seen.licence_address, seen.rights, seen.attribution, seen.restrictions)
        rest = (seen.thumbnail, seen.width, seen.height, now())
        return self.write(statement, source, words, *origin, *terms, *rest, class_name, seen.address) > 0

    def credits(self) -> Iterator[Credit]:
        """A credit for each photo that was kept and each source that named it, in the order of their paths."""
        query = (
            "SELECT photo, class, sha256, address, page, title, author, licence, licence_address, attribution,"
            " restrictions, sightings.source FROM candidates JOIN sightings ON candidate = id"
            " WHERE state = 'kept' ORDER BY photo, sightings.source"
        )
        return (Credit(*(*row[:-1], (row[-1],))) for row in self.rows(query))

    def authorships(self) -> Iterator[Authorship]:
        """Who made the photos that were collected, every source's word, in the order of their paths."""
        query = (
            "SELECT DISTINCT photo, author, licence, page, attribution FROM candidates"
            " JOIN sightings ON sightings.candidate = candidates.id WHERE photo IS NOT NULL ORDER BY photo"
        )
        return (Authorship(*row) for row in self.rows(query))

    def has_people(self, class_name: str) -> bool:
        """Whether a source says of a photo of the class that it shows a person who has a say in its use."""
        query = (
            "SELECT 1 FROM sightings JOIN candidates ON candidate = id"
            " WHERE class = ? AND lower(restrictions) LIKE '%personality%' LIMIT 1"
        )
        return any(True for _ in self.rows(query, class_name))

"""The account of a collection: what was asked, what came of it, why, and what to try next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from whatsit import words
from whatsit.collecting.ledger import KINDS
from whatsit.collecting.search.found import SourceError
from whatsit.data.catalog import AddressFate, Catalog
from whatsit.fetch import errors
from whatsit.files import write_csv
from whatsit.words import brief

DEAD = ("dns", "dns-later", "connect", "tls", "timeout", "broken", "status", "status-later", "redirect", "parked")
NOT_PHOTOS = ("not-photo", "encoded", "too-big", "too-small", "blank", "file")
REFUSED = ("robots", "robots-later", "opt-out")
NOT_PUBLIC = ("address", "private")


@dataclass(frozen=True)
class ClassYield:
    """What collecting one class came to.

    goal:    the photos that were wanted; None for all that could be had
    photos:  the photos that lie in the class folder now
    found:   the addresses that sources named
    states:  how many of them are in each of `ledger.STATES`
    kinds:   how many failed or were left out for each reason (`ledger.KINDS`, `fetch.errors.KINDS`)
    sources: source → state → how many
    ended:   the sources that ended early, and why
    """

    class_name: str
    goal: int | None
    photos: int
    found: int
    states: Mapping[str, int]
    kinds: Mapping[str, int]
    sources: Mapping[str, Mapping[str, int]]
    ended: Mapping[str, SourceError] = field(default_factory=dict)

    @property
    def is_short(self) -> bool:
        """Whether fewer photos were had than were wanted."""
        return self.photos < (self.goal or 1)

    def failed(self, kinds: Iterable[str]) -> int:
        """How many addresses gave nothing for one of these reasons."""
        return sum(self.kinds.get(kind, 0) for kind in kinds)

    def sentence(self) -> str:
        """`pikachu: asked 300, found 240 addresses; 31 dead, 12 no photos, 18 duplicates; 179 photos.`"""
        parts = {
            "dead": self.failed(DEAD),
            "no photo": self.failed(NOT_PHOTOS),
            "duplicate": self.states.get("duplicate", 0),
            "of another class": self.states.get("conflict", 0),
            "asked to be left alone": self.failed(REFUSED),
            "not public": self.failed(NOT_PUBLIC),
            "under another licence": self.kinds.get("licence", 0),
            "taken down": self.kinds.get("forgotten", 0),
            "removed since": self.states.get("removed", 0),
            "not needed": self.states.get("found", 0),
        }
        lost = ", ".join(_count(count, what) for what, count in parts.items() if count)
        asked = f"asked {self.goal:,}, " if self.goal else ""
        found = f"found {words.count(self.found, 'address')}{'; ' + lost if lost else ''}"
        return f"{self.class_name}: {asked}{found}; {words.photos(self.photos)}."


@dataclass(frozen=True)
class Yield:
    """What a collection came to.

    parked:    hosts that were left alone, and why
    sheets:    the contact sheets
    addresses: the table of all addresses with what became of each
    attribution: the list of who made the photos, and under which licence they are
    people:    whether a source says that a photo shows somebody who has a say in its use
    """

    data: Path
    classes: tuple[ClassYield, ...]
    parked: Mapping[str, str]
    sheets: tuple[Path, ...]
    addresses: Path
    attribution: Path
    people: bool

    __repr__ = brief

    def hints(self) -> list[str]:
        """What to try next, where a class fell short."""
        short = [one for one in self.classes if one.is_short]
        if not short:
            return []
        waiting = sum(one.states.get("later", 0) for one in short)
        hints = [
            f"{why}: the same command goes on later; waiting: {words.count(waiting, 'address')}."
            for why in self.parked.values()
        ]
        hints += [f"{error.sentence} {error.hint}".strip() for one in short for error in one.ended.values()]
        hints.append(f'Other words find other photos, as in: "{short[0].class_name}=these words|other words"')
        if not any("bing" in one.sources for one in self.classes):
            hints.append("Web search finds more, under unknown licences: --source bing")
        return list(dict.fromkeys(hints))


def _count(number: int, what: str) -> str:
    return words.count(number, what) if what in ("no photo", "duplicate") else f"{number:,} {what}"


def count_yield(
    catalog: Catalog, class_name: str, goal: int | None, photos: int, ended: Mapping[str, SourceError]
) -> ClassYield:
    """The account of one class, from the catalog."""
    states: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    sources: dict[str, Counter[str]] = {}
    for source, state, kind, count in catalog.outcome_counts(class_name):
        states[state] += count
        sources.setdefault(source, Counter())[state] += count
        if kind:
            kinds[kind] += count
    return ClassYield(class_name, goal, photos, states.total(), states, kinds, sources, dict(ended))


def write_addresses(catalog: Catalog, path: Path, class_names: Sequence[str]) -> None:
    """All addresses of these classes with what became of each, as a table."""
    columns = ("class", *(one.name for one in fields(AddressFate) if one.name != "class_name"))
    rows = ({"class": fate.class_name, **vars(fate)} for fate in catalog.address_fates(class_names))
    write_csv(path, columns, ({column: row[column] for column in columns} for row in rows))


def explain_kind(kind: str) -> str:
    """A reason's kind in words."""
    return KINDS.get(kind) or errors.KINDS[kind][0]

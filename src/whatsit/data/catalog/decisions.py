"""What was decided about photos, by whom and why. A decision that was undone stays, marked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from whatsit.data.catalog.database import now
from whatsit.data.catalog.facts import Facts
from whatsit.data.target import UNKNOWN

TABLES = """
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY, photo TEXT NOT NULL, decision TEXT NOT NULL, label TEXT NOT NULL,
    by TEXT NOT NULL, why TEXT NOT NULL, time TEXT NOT NULL, undone TEXT,
    check_name TEXT NOT NULL DEFAULT '', batch INTEGER NOT NULL DEFAULT 0,
    person TEXT NOT NULL DEFAULT ''
);
CREATE INDEX decisions_by_photo ON decisions (photo);
CREATE INDEX decisions_by_batch ON decisions (by, batch);
"""
KEEP, LEAVE_OUT, RELABEL = DECISIONS = ("keep", "leave-out", "relabel")
# Of one label of a photo that may have several: it has it, it has it not, nobody looked.
HAS, HAS_NOT, NOT_LOOKED = LABEL_DECISIONS = ("has", "has-not", "not-looked")
SAYS = {HAS: 1, HAS_NOT: 0, NOT_LOOKED: UNKNOWN}  # the same as data sets have it


@dataclass(frozen=True)
class Decision:
    """What somebody decided about a photo: one of DECISIONS; with RELABEL, `label` is its new class.

    Or about one of several labels of a photo: one of LABEL_DECISIONS, and `label` is which.

    by:    what decided: "clean", "review", or what a caller calls itself; person: the name of who did it there
    why:   the reason as a clause; `check` is the check that found it, empty where a person saw it
    batch: what was decided in one go, and is undone in one go, has one number; 0 for what stands alone
    """

    photo: str
    decision: str
    label: str = ""
    by: str = ""
    why: str = ""
    time: str = ""
    id: int = 0
    check: str = ""
    batch: int = 0
    person: str = ""

    @property
    def reason(self) -> str:
        """Why, as people read it: `blurred: sharpness 12, limit 60`."""
        return f"{self.check}: {self.why}" if self.check else self.why


@dataclass(frozen=True)
class DecisionsState:
    """What tells whether decisions changed: the number of the last, and how often some were altered since there
    are any."""

    last: int
    altered: int


class Decisions(Facts):
    """All that was decided."""

    def decide(self, decision: Decision) -> int:
        """Write a decision down; gives back its number, by which it can be undone."""
        with self.together():  # whose lock lets numbers be seen in their order
            row = _row_of(decision, now(), decision.batch)
            (number,) = next(self.rows(f"{_INSERT} RETURNING id", *row))
        return int(number)

    def decide_batch(self, decisions: Iterable[Decision]) -> None:
        """Write several decisions down that are undone together."""
        with self.together():
            (batch,) = next(self.rows("SELECT coalesce(max(id), 0) + 1 FROM decisions"))
            time = now()
            self.write_many(_INSERT, (_row_of(one, time, batch) for one in decisions))

    def decisions(self) -> dict[str, Decision]:
        """The decision that holds for each photo: the last one that was not undone."""
        query = f"SELECT {_COLUMNS} FROM decisions WHERE undone IS NULL AND NOT {_OF_LABELS} ORDER BY id"
        return {row[0]: Decision(*row) for row in self.rows(query)}

    def each_decision(self) -> Iterator[tuple[str, str, str, int, str]]:
        """(photo, decision, label, id, person) of those that were not undone: the last of a photo holds."""
        query = "SELECT photo, decision, label, id, person FROM decisions"
        yield from self.rows(f"{query} WHERE undone IS NULL AND NOT {_OF_LABELS} ORDER BY id")

    def decision_of(self, photo: str) -> Decision | None:
        """The decision that holds for a photo, where there is one."""
        held = f"photo = ? AND undone IS NULL AND NOT {_OF_LABELS}"
        query = f"SELECT {_COLUMNS} FROM decisions WHERE {held} ORDER BY id DESC LIMIT 1"
        return next((Decision(*row) for row in self.rows(query, photo)), None)

    def label_decisions(self) -> dict[str, dict[str, Decision]]:
        """The decision that holds for each label of each photo: the last one that was not undone."""
        found: dict[str, dict[str, Decision]] = {}
        for row in self.rows(
            f"SELECT {_COLUMNS} FROM decisions WHERE undone IS NULL AND {_OF_LABELS} ORDER BY id"
        ):
            found.setdefault(row[0], {})[row[2]] = Decision(*row)
        return found

    def label_decisions_of(self, photo: str) -> dict[str, Decision]:
        """The decision that holds for each label of a photo."""
        held = f"photo = ? AND undone IS NULL AND {_OF_LABELS}"
        rows = self.rows(f"SELECT {_COLUMNS} FROM decisions WHERE {held} ORDER BY id", photo)
        return {row[2]: Decision(*row) for row in rows}

    def decisions_state(self) -> DecisionsState:
        """Changes whenever any program writes or undoes a decision; among millions as soon as among a few."""
        last = "SELECT coalesce(max(id), 0) FROM decisions"
        altered = "SELECT CAST(value AS BIGINT) FROM facts WHERE name = ?"
        return DecisionsState(*next(self.rows(f"SELECT ({last}), coalesce(({altered}), 0)", _ALTERED)))

    def photos_decided(self, before: DecisionsState, after: DecisionsState, most: int) -> set[str] | None:
        """The photos decided about between two states; None where more changed than that, or more than `most`."""
        if after.altered != before.altered:
            return None
        query = "SELECT photo FROM decisions WHERE id > ? AND id <= ? LIMIT ?"
        photos = [photo for (photo,) in self.rows(query, before.last, after.last, most + 1)]
        return set(photos) if len(photos) <= most else None

    def undo(self, number: int) -> None:
        """Take a decision back; the row stays, marked."""
        with self.together():
            if self.write(_UNDO, now(), number):
                self._note_altered()

    def undo_batch(self, by: str, person: str = "") -> list[str]:
        """Take back the last batch that `by` decided and that still holds: its photos, or none.

        person: whose batches they are, or nobody's; anybody's where it is empty

        Of photos that have left the folder, nothing is taken back.
        """
        whose = (by, person) if person else (by,)
        with self.together():
            held = f"undone IS NULL AND by = ? AND {_HERE}" + (" AND person IN ('', ?)" if person else "")
            # the last batch has the highest number; in this order an index answers, among millions too
            last = f"SELECT batch FROM decisions WHERE {held} AND batch > 0 ORDER BY batch DESC LIMIT 1"
            batch = next((number for (number,) in self.rows(last, *whose)), None)
            query = f"SELECT id, photo FROM decisions WHERE {held} AND batch = ? ORDER BY id"
            undone = list(self.rows(query, *whose, batch))
            self.write_many(_UNDO, ((now(), number) for number, _photo in undone))
            if undone:
                self._note_altered()
        return [photo for _number, photo in undone]

    def undone_findings(self, by: str) -> set[tuple[str, str]]:
        """(photo, check) of the decisions of `by`'s batches that were undone."""
        query = "SELECT photo, check_name FROM decisions WHERE undone IS NOT NULL AND by = ? AND batch > 0"
        return set(self.rows(query, by))

    def withdraw(self, by: str, held: Collection[tuple[str, str]]) -> int:
        """Take back decisions of `by`'s batches whose (photo, check) is not among `held`; how many they were.

        Not "undone": that would say a person wants the photo, whatever is found again.
        """
        stale = [
            (one.id,)
            for one in self.decisions().values()
            if one.by == by and one.batch and (one.photo, one.check) not in held
        ]
        with self.together():
            self.write_many("DELETE FROM decisions WHERE id = ?", stale)
            if stale:
                self._note_altered()
        return len(stale)

    def carry_decisions(self, moved: Mapping[str, str]) -> None:
        """Let decisions follow photos from old names to new ones, but for new names that have decisions."""
        with self.together():
            decisions = self.decisions().keys() | self.label_decisions().keys()
            rows = [(new, old) for old, new in moved.items() if old in decisions and new not in decisions]
            self.write_many("UPDATE decisions SET photo = ? WHERE photo = ?", rows)
            if rows:
                self._note_altered()

    def rename_label(self, old: str, new: str) -> None:
        """Let what was decided of a class, or of a label, be of one that is called otherwise."""
        with self.together():
            if self.write("UPDATE decisions SET label = ? WHERE label = ?", new, old):
                self._note_altered()

    def _note_altered(self) -> None:
        """Count that decisions which were there were undone, moved or taken away."""
        self.count_up(_ALTERED)


_COLUMNS = "photo, decision, label, by, why, time, id, check_name, batch, person"
_AWAY = "../"
_HERE = f"photo NOT LIKE '{_AWAY}%'"  # the studio moved the others into a class, and what was said followed them
_OF_LABELS = f"decision IN {LABEL_DECISIONS}"
_INSERT = (
    "INSERT INTO decisions (photo, decision, label, by, why, time, check_name, batch, person)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ALTERED = "decisions altered"  # among the facts
_UNDO = "UPDATE decisions SET undone = ? WHERE id = ? AND undone IS NULL"


def is_here(photo: str) -> bool:
    """Whether a photo that was decided about lies in the catalog's folder, and did not leave it in the studio."""
    return not photo.startswith(_AWAY)


def _row_of(one: Decision, time: str, batch: int) -> tuple[Any, ...]:
    return one.photo, one.decision, one.label, one.by, one.why, time, one.check, batch, one.person

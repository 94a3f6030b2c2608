"""What the review page works on: photos in queues, and decisions that are on disk before the page hears of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any

import numpy as np

from whatsit.data.catalog import DECISIONS, LEAVE_OUT, RELABEL, Catalog, Decision, Face, Finding
from whatsit.data.dataset import Dataset
from whatsit.errors import UserError

BY_REVIEW = "review"  # who decides on the page; a batch a key press
MOST_FACES = 8  # of a photo, drawn on it
_SURE = {"certain": 0, "likely": 1, "hint": 2}


@dataclass(frozen=True)
class Queue:
    """Photos to look at together.

    photos:  rows; of: the row each is shown beside, -1 for none
    waiting: how many of them were found to be something, and nobody has decided about
    """

    name: str
    title: str
    photos: tuple[int, ...]
    of: tuple[int, ...] = ()
    waiting: int = 0


@dataclass
class Desk:
    """A data set on the desk, with its catalog open.

    checks:  names of checks, in the order their queues are shown → whether beside the photo that is repeated
    held:    row → the decision that holds for it
    changes: rows in the order their decision changed, since the desk was opened: what a second window asks for
    """

    dataset: Dataset
    catalog: Catalog
    checks: Mapping[str, bool] = field(default_factory=dict)
    held: dict[int, Decision] = field(default_factory=dict)
    changes: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names: Sequence[str] = list(self.dataset.photos.names)
        self._rows = {name: row for row, name in enumerate(self.names)}
        self._labels: list[str] = [self.dataset.classes[label] for label in self.dataset.labels.tolist()]
        self._in_class_order = tuple(np.argsort(self.dataset.labels, kind="stable").tolist())
        self._stamp = self.catalog.decisions_state()
        self.held = self._held()

    @property
    def classes(self) -> list[str]:
        """The classes a photo can be given: the data set's, then those that relabelling added."""
        added = {one.label for one in self.held.values() if one.decision == RELABEL}
        return [*self.dataset.classes, *sorted(added - set(self.dataset.classes))]

    def queues(self) -> list[Queue]:
        """What there is to look at, the surest findings first; all photos in class order last."""
        findings: dict[str, list[Finding]] = {}
        for one in self.catalog.findings():
            if one.photo in self._rows:
                findings.setdefault(one.check, []).append(one)
        found = [self._queue_of(name, findings[name]) for name in self._order(findings)]
        out = tuple(row for row, one in sorted(self.held.items()) if one.decision == LEAVE_OUT)
        moved = tuple(row for row, one in sorted(self.held.items()) if one.decision == RELABEL)
        faces = tuple(dict.fromkeys(self._rows[face.photo] for face in self.faces()))
        rest = (
            Queue("faces", "faces", tuple(sorted(faces, key=lambda row: (self.dataset.labels[row], row)))),
            Queue("left-out", "left out", out),
            Queue("relabelled", "relabelled", moved),
        )
        return [
            *found,
            *(queue for queue in rest if queue.photos),
            Queue("all", "all photos", self._in_class_order),
        ]

    def facts(self, rows: Iterable[int]) -> list[dict[str, Any]]:
        """What the page shows of some photos: name, class, findings, faces."""
        wanted = [row for row in rows if 0 <= row < len(self.names)]
        return [self._facts_of(row) for row in wanted]

    def states(self, rows: Iterable[int]) -> list[tuple[int, str, str]]:
        """(row, decision or "", class) of some photos."""
        return [(row, self._decision(row), self._label(row)) for row in rows]

    def decide(self, rows: Sequence[int], decision: str, label: str = "") -> list[int]:
        """Write one decision about several photos; the rows that it changed. Raises UserError."""
        self._check(rows, decision, label)
        with self.catalog.together():
            self._read_foreign_changes()
            self.catalog.decide_batch(
                Decision(self.names[row], decision, label, by=BY_REVIEW, why="by hand") for row in rows
            )
            return self._note(rows)

    def undo(self) -> list[int]:
        """Take back the last key press that was not undone yet; the rows that it changed."""
        with self.catalog.together():
            self._read_foreign_changes()
            undone = self.catalog.undo_batch(BY_REVIEW)
            return self._note([self._rows[photo] for photo in undone if photo in self._rows])

    def changed_since(self, place: int) -> tuple[list[int], int]:
        """The rows whose decision changed since `place`, and the place to ask from next time.

        Other programs may write to the catalog as well; what they changed is found here.
        """
        self._read_foreign_changes()
        return list(dict.fromkeys(self.changes[max(0, place) :])), len(self.changes)

    def faces(self) -> Iterator[Face]:
        """The faces of photos that are here, the one used first."""
        return (face for face in self.catalog.faces() if face.photo in self._rows)

    def _order(self, findings: dict[str, list[Finding]]) -> list[str]:
        return [*(name for name in self.checks if name in findings), *sorted(findings.keys() - self.checks.keys())]

    def _queue_of(self, name: str, findings: list[Finding]) -> Queue:
        findings = sorted(findings, key=_surest_first)
        photos = tuple(self._rows[one.photo] for one in findings)
        of: tuple[int, ...] = ()
        if self.checks.get(name):
            of = tuple(self._rows.get(str(one.detail.get("of")), -1) for one in findings)
        waiting = sum(row not in self.held for row in dict.fromkeys(photos))
        return Queue(name, name.replace("-", " "), photos, of, waiting)

    def _facts_of(self, row: int) -> dict[str, Any]:
        name = self.names[row]
        found, faces = self.catalog.findings_of(name), self.catalog.faces_of(name)[:MOST_FACES]
        return {
            "row": row,
            "name": name,
            "found": [f"{one.check.replace('-', ' ')}: {one.reason}" for one in found],
            "faces": [{"box": list(astuple(one.box)), "eyes": one.detail.get("eyes", [])} for one in faces],
        }

    def _decision(self, row: int) -> str:
        return self.held[row].decision if row in self.held else ""

    def _label(self, row: int) -> str:
        one = self.held.get(row)
        if one is not None and one.decision == RELABEL:
            return one.label
        return self._labels[row]

    def _held(self) -> dict[int, Decision]:
        decisions = self.catalog.decisions()
        return {self._rows[photo]: one for photo, one in decisions.items() if photo in self._rows}

    def _read_foreign_changes(self) -> None:
        """Note what other programs changed since we last looked, before our own write changes the stamp."""
        if self.catalog.decisions_state() != self._stamp:
            fresh = self._held()
            changed = [row for row in fresh.keys() | self.held.keys() if fresh.get(row) != self.held.get(row)]
            self.held = fresh
            self._stamp = self.catalog.decisions_state()
            self.changes.extend(sorted(changed))

    def _note(self, rows: Sequence[int]) -> list[int]:
        for row in rows:
            one = self.catalog.decision_of(self.names[row])
            if one is None:
                self.held.pop(row, None)
            else:
                self.held[row] = one
        self.changes.extend(rows)
        self._stamp = self.catalog.decisions_state()
        return list(rows)

    def _check(self, rows: Sequence[int], decision: str, label: str) -> None:
        if not rows or not all(isinstance(row, int) and 0 <= row < len(self.names) for row in rows):
            raise UserError("These are no photos of this data set.", hint="Reload the page.")
        if decision not in DECISIONS:
            raise UserError(
                f"There is no decision {decision!r}.", hint=f"{', '.join(DECISIONS[:-1])} or {DECISIONS[-1]}."
            )
        if decision == RELABEL and label not in self.classes:
            raise UserError(f"There is no class {label!r}.", hint=f"There are: {', '.join(self.classes)}.")


def _surest_first(one: Finding) -> tuple[int, float, str]:
    beyond = abs(one.value - one.limit) if one.value is not None and one.limit is not None else 0.0
    return _SURE.get(one.severity, 3), -beyond, one.photo

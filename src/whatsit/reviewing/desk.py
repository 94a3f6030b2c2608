"""What the review page works on: photos in queues, and decisions that are on disk before the page hears of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from typing import Any

import numpy as np

from whatsit import words
from whatsit.data.catalog import (
    DECISIONS,
    KEEP,
    LABEL_DECISIONS,
    LEAVE_OUT,
    RELABEL,
    Catalog,
    Decision,
    Face,
    Finding,
)
from whatsit.data.dataset import Dataset
from whatsit.data.decisions import is_answered
from whatsit.data.inspecting.sums import say_decided
from whatsit.errors import UserError
from whatsit.model.suspects import SUSPECT, Proposal, proposals_of
from whatsit.reviewing.labels import NowLabels, Sought
from whatsit.reviewing.waiting import Waiting

BY_REVIEW = "review"  # who decides on the page; a batch a key press
KEYS = 9  # digits but 0; of one class 0 is the tenth
MOST_ASKED = 500  # photos that the catalog is asked about one by one; of more all is read again
MOST_FACES = 8  # of a photo, drawn on it
_SURE = {"certain": 0, "likely": 1, "hint": 2}


@dataclass(frozen=True)
class Queue:
    """Photos to look at together.

    photos:  rows; of: the row each is shown beside, -1 for none
    waiting: how many of them were found to be something, and nobody has decided about
    first:   the position of the first of those
    """

    name: str
    title: str
    photos: tuple[int, ...]
    of: tuple[int, ...] = ()
    waiting: int = 0
    first: int = 0


# A photo as the page keeps it: (row, decision or "", its class or labels as tables have them, what is proposed of
# them and waits).
State = tuple[int, str, str, list[Proposal]]


@dataclass
class Desk:
    """A data set on the desk, with its catalog open.

    checks:  names of checks, in the order their queues are shown → whether beside the photo that is repeated
    person:  who decides here, and undoes their own; empty where nobody else does
    suspects: findings of a run on these photos, in the place of what cleaning says of their labels
    held:    row → the decision that holds for it
    changes: rows in the order their decision changed, since the desk was opened: what a second window asks for
    """

    dataset: Dataset
    catalog: Catalog
    checks: Mapping[str, bool] = field(default_factory=dict)
    suspects: Sequence[Finding] = ()
    person: str = ""
    held: dict[int, Decision] = field(default_factory=dict)
    changes: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names: Sequence[str] = list(self.dataset.photos.names)
        self._rows = {name: row for row, name in enumerate(self.names)}
        self._order_of = self.dataset.strata
        self._in_class_order = tuple(np.argsort(self._order_of, kind="stable").tolist())
        self._now = NowLabels(self.dataset)
        self._doubts: dict[int, Finding] = {}
        self._stamp = self.catalog.decisions_state()
        self.held, self._now.marks = self._held()
        self.look_again()

    @property
    def classes(self) -> list[str]:
        """The classes a photo can be given: the data set's, then those that relabelling added."""
        added = {one.label for one in self.held.values() if one.decision == RELABEL}
        return [*self.dataset.classes, *sorted(added - set(self.dataset.classes))]

    @property
    def on_keys(self) -> list[str]:
        """The classes that a digit gives: the first; of more labels than there are keys, the most frequent."""
        if not self.dataset.target.says_any_number or len(self.dataset.classes) <= KEYS:
            return self.classes[: KEYS + 1]
        often = np.argsort(-self.dataset.counts(), kind="stable")[:KEYS]
        return [self.dataset.classes[place] for place in often.tolist()]

    def find(self, queue: Queue, sought: Sought) -> Queue:
        """The photos of a queue that have the labels sought."""
        if sought == Sought():
            return queue
        places = self._now.find(queue.photos, sought)
        photos = tuple(queue.photos[place] for place in places)
        return replace(queue, photos=photos, of=tuple(queue.of[place] for place in places if queue.of), first=0)

    def queues(self) -> list[Queue]:
        """What there is to look at, the surest findings first; all photos in class order last."""
        self.look_again()
        return [*(self._queue_of(name) for name in self._order()), *self._rest()]

    def look_again(self) -> None:
        """Note what was found in photos that are here, by check, which labels are doubted, and what waits."""
        found: dict[str, list[Finding]] = {SUSPECT: []} if self.suspects else {}
        for one in self.catalog.findings():
            if one.photo in self._rows and not (self.suspects and one.check == SUSPECT):
                found.setdefault(one.check, []).append(one)
        if self.suspects:
            found[SUSPECT] = list(self.suspects)
        self._doubts = {self._rows[one.photo]: one for one in found.get(SUSPECT, ())}
        self._found = found
        self._waiting = Waiting(found, lambda one: self._rows[one.photo], self._is_answered)
        faces = {self._rows[face.photo] for face in self.faces()}
        self._with_faces = tuple(sorted(faces, key=lambda row: (self._order_of[row], row)))

    def sentence(self) -> str:
        """How much there is to look through, in the words of `clean`; of what nobody has cleaned only that."""
        found = f"{words.photos(len(self.names))} to look through."
        if not self._found:
            return found
        out = sum(one.decision == LEAVE_OUT for one in self.held.values())
        return f"{found} {say_decided(out, len(set().union(*self._waiting.rows.values())))}"

    def tally(self) -> list[dict[str, Any]]:
        """How many photos the queues have, and how many of them wait, by what was found when they were last made:
        the catalog is not asked, so that each decision can bring it along."""
        found = [
            {
                "name": name,
                "title": _title(name),
                "count": len(self._found[name]),
                "waiting": len(self._waiting.rows[name]),
            }
            for name in self._order()
        ]
        rest = [
            {"name": one.name, "title": one.title, "count": len(one.photos), "waiting": 0} for one in self._rest()
        ]
        return [*found, *rest]

    def facts(self, rows: Iterable[int]) -> list[dict[str, Any]]:
        """What the page shows of some photos: name, class, findings, faces."""
        wanted = [row for row in rows if 0 <= row < len(self.names)]
        names = [self.names[row] for row in wanted]
        found, faces = defaultdict(list), defaultdict(list)
        for finding in self.catalog.findings_of(names):
            found[finding.photo].append(finding)
        for face in self.catalog.faces_of(names):
            faces[face.photo].append(face)
        return [self._facts_of(row, found[name], faces[name]) for row, name in zip(wanted, names, strict=True)]

    def states(self, rows: Iterable[int]) -> list[State]:
        """What the page keeps of some photos."""
        return [(row, self._decision(row), self._labels(row), self._proposals(row)) for row in rows]

    def others(self, rows: Iterable[int]) -> dict[int, str]:
        """Who decided last about some photos, where it was somebody else."""
        last = {row: max(self._decisions_of(row), key=lambda one: one.id, default=None) for row in rows}
        return {row: one.person for row, one in last.items() if one and one.person not in ("", self.person)}

    def decide(self, rows: Sequence[int], decision: str, label: str = "") -> list[int]:
        """Write one decision about several photos, or about one label of theirs; the rows that it changed.

        Raises UserError.
        """
        self._check(rows, decision, label)
        with self.catalog.together():
            self._read_foreign_changes()
            self.catalog.decide_batch(
                Decision(self.names[row], decision, label, BY_REVIEW, "by hand", person=self.person)
                for row in rows
            )
            return self._note(rows)

    def undo(self) -> list[int]:
        """Take back this person's last key press that was not undone yet; the rows that it changed."""
        with self.catalog.together():
            self._read_foreign_changes()
            undone = self.catalog.undo_batch(BY_REVIEW, self.person)
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

    def _rest(self) -> list[Queue]:
        """The queues that no check has made; all photos last."""
        out = tuple(sorted(row for row, one in self.held.items() if one.decision == LEAVE_OUT))
        moved = {row for row, one in self.held.items() if one.decision == RELABEL}
        moved |= self._now.marks.keys()
        several = self.dataset.target.says_any_number
        rest = (
            Queue("faces", "faces", self._with_faces),
            Queue("left-out", "left out", out),
            Queue("relabelled", "labels changed" if several else "relabelled", tuple(sorted(moved))),
        )
        return [*(queue for queue in rest if queue.photos), Queue("all", "all photos", self._in_class_order)]

    def _order(self) -> list[str]:
        first = [SUSPECT] if self.suspects else []
        known = [name for name in self.checks if name in self._found and name not in first]
        return [*first, *known, *sorted(self._found.keys() - self.checks.keys() - set(first))]

    def _queue_of(self, name: str) -> Queue:
        findings = sorted(self._found[name], key=_surest_first)
        photos = tuple(self._rows[one.photo] for one in findings)
        of: tuple[int, ...] = ()
        if self.checks.get(name):
            of = tuple(self._rows.get(str(one.detail.get("of")), -1) for one in findings)
        waiting = self._waiting.rows[name]
        first = next((place for place, row in enumerate(photos) if row in waiting), 0)
        return Queue(name, _title(name), photos, of, len(waiting), first)

    def _is_answered(self, one: Finding) -> bool:
        row = self._rows[one.photo]
        return is_answered(one, row in self.held, self._now.marks.get(row, ()))

    def _proposals(self, row: int) -> list[Proposal]:
        """What is proposed of a photo's labels, and nobody has decided about."""
        if row not in self._doubts or row in self.held:
            return []
        marked = self._now.marks.get(row, {})
        return [one for one in proposals_of(self._doubts[row]) if one.label not in marked]

    def _facts_of(self, row: int, found: Sequence[Finding], faces: Sequence[Face]) -> dict[str, Any]:
        found = [one for one in found if not (self.suspects and one.check == SUSPECT)]
        found += [self._doubts[row]] if self.suspects and row in self._doubts else []
        return {
            "row": row,
            "name": self.names[row],
            "found": [f"{one.check.replace('-', ' ')}: {one.reason}" for one in found],
            "faces": [
                {"box": list(astuple(one.box)), "eyes": one.detail.get("eyes", [])} for one in faces[:MOST_FACES]
            ],
        } | ({"unseen": self._now.unseen(row)} if self.dataset.target.says_any_number else {})

    def _decisions_of(self, row: int) -> list[Decision]:
        held = [self.held[row]] if row in self.held else []
        return [*held, *self._now.marks.get(row, {}).values()]

    def _decision(self, row: int) -> str:
        return self.held[row].decision if row in self.held else ""

    def _labels(self, row: int) -> str:
        one = self.held.get(row)
        return one.label if one is not None and one.decision == RELABEL else self._now.written(row)

    def _held(self) -> tuple[dict[int, Decision], dict[int, Mapping[str, Decision]]]:
        decisions = self.catalog.decisions()
        marks = self.catalog.label_decisions() if self.dataset.target.says_any_number else {}
        return (
            {self._rows[photo]: one for photo, one in decisions.items() if photo in self._rows},
            {self._rows[photo]: of_labels for photo, of_labels in marks.items() if photo in self._rows},
        )

    def _read_foreign_changes(self) -> None:
        """Note what other programs changed since we last looked, before our own write changes the stamp."""
        state = self.catalog.decisions_state()  # before what is read: what comes after it is read the next time
        if state == self._stamp:
            return
        photos = self.catalog.photos_decided(self._stamp, state, MOST_ASKED)
        self._stamp = state
        if photos is not None:
            self._read_again(sorted(self._rows[photo] for photo in photos if photo in self._rows))
        else:
            before, marked = self.held, self._now.marks
            self.held, self._now.marks = self._held()
            now, marks = self.held, self._now.marks
            changed = {row for row in now.keys() | before.keys() if now.get(row) != before.get(row)}
            changed |= {row for row in marks.keys() | marked.keys() if marks.get(row) != marked.get(row)}
            self._changed(sorted(changed))

    def _read_again(self, rows: Sequence[int]) -> None:
        """Note what holds for some photos now."""
        for row in rows:
            _put(self.held, row, self.catalog.decision_of(self.names[row]))
            _put(self._now.marks, row, self.catalog.label_decisions_of(self.names[row]))
        self._changed(rows)

    def _changed(self, rows: Sequence[int]) -> None:
        self.changes.extend(rows)
        self._waiting.look_again(rows)

    def _note(self, rows: Sequence[int]) -> list[int]:
        if len(rows) > MOST_ASKED:
            self.held, self._now.marks = self._held()
            self._changed(rows)
        else:
            self._read_again(rows)
        self._stamp = self.catalog.decisions_state()
        return list(rows)

    def _check(self, rows: Sequence[int], decision: str, label: str) -> None:
        if not rows or not all(isinstance(row, int) and 0 <= row < len(self.names) for row in rows):
            raise UserError("These are no photos of this data set.", hint="Reload the page.")
        allowed = (KEEP, LEAVE_OUT, *LABEL_DECISIONS) if self.dataset.target.says_any_number else DECISIONS
        if decision not in allowed:
            raise UserError(
                f"There is no decision {decision!r}.", hint=f"{', '.join(allowed[:-1])} or {allowed[-1]}."
            )
        if decision not in (KEEP, LEAVE_OUT) and label not in self.classes:
            what = "label" if self.dataset.target.says_any_number else "class"
            raise UserError(
                f"There is no {what} {label!r:.80}.", hint=f"There are: {', '.join(self.classes[:20])}."
            )


def _put(held: dict[int, Any], row: int, one: Any) -> None:
    """Note what holds for a photo now, or that nothing does."""
    if one:
        held[row] = one
    else:
        held.pop(row, None)


def _title(check: str) -> str:
    return check.replace("-", " ")


def _surest_first(one: Finding) -> tuple[int, float, str]:
    beyond = abs(one.value - one.limit) if one.value is not None and one.limit is not None else 0.0
    return _SURE.get(one.severity, 3), -beyond, one.photo

"""What the review page works on: photos in queues, and decisions that are on disk before the page hears of it."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit import words
from whatsit.data.catalog import (
    BROKEN,
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
from whatsit.data.inspecting.sums import say_decided
from whatsit.errors import UserError
from whatsit.languages.speaking import gettext
from whatsit.model.suspects import SUSPECT, Proposal, proposals_of
from whatsit.reviewing.found import Found
from whatsit.reviewing.held import Held
from whatsit.reviewing.labels import NowLabels, Sought

BY_REVIEW = "review"  # who decides on the page; a batch a key press
KEYS = 9  # digits but 0; of one class 0 is the tenth
MOST_ASKED = 500  # photos that the catalog is asked about one by one; of more all is read again
MOST_FACES = 8  # of a photo, drawn on it
MOST_OPEN = 16  # queues whose order is kept for the pages that show them: 4 bytes a photo each


@dataclass(frozen=True, eq=False)
class Queue:
    """Photos to look at together.

    photos:    (n,) rows; is_paired: whether each is shown beside the one that it repeats
    waiting:   how many of them were found to be something that waits for a decision
    first:     the position of the first of those
    """

    name: str
    title: str
    photos: NDArray[np.integer]
    is_paired: bool = False
    waiting: int = 0
    first: int = 0


# A photo as the page keeps it: (row, decision or "", its class or labels as tables have them, what is proposed of
# them and waits).
State = tuple[int, str, str, list[Proposal]]


@dataclass
class Desk:
    """A data set on the desk, with its catalog open.

    What is as long as the data set is kept as columns, and the page asks for windows of it.

    checks:  names of checks, in the order their queues are shown → whether beside the photo that is repeated
    person:  who decides here, and undoes their own; empty where nobody else does
    suspects: findings of a run on these photos, in the place of what cleaning says of their labels
    held:    the decision that holds for each photo
    changes: rows in the order their decision changed, since the desk was opened: what a second window asks for
    """

    dataset: Dataset
    catalog: Catalog
    checks: Mapping[str, bool] = field(default_factory=dict)
    suspects: Sequence[Finding] = ()
    person: str = ""
    changes: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names: Sequence[str] = list(self.dataset.photos.names)
        self._rows = {name: row for row, name in enumerate(self.names)}
        self._in_class_order = np.argsort(self.dataset.strata, kind="stable").astype(np.int32)
        self._now = NowLabels(self.dataset)
        self._opened: OrderedDict[int, Queue] = OrderedDict()
        self._last_opened = 0
        self._stamp = self.catalog.decisions_state()
        self.held, self._now.marks = self._held()
        self._found_stamp = -1
        self.look_again()

    @property
    def classes(self) -> list[str]:
        """The classes a photo can be given: the data set's, then those that relabelling added."""
        return [*self.dataset.classes, *sorted(set(self.held.relabelled) - set(self.dataset.classes))]

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
        return replace(queue, photos=queue.photos[self._now.find(queue.photos, sought)], first=0)

    def queues(self) -> list[Queue]:
        """What there is to look at, the surest findings first; all photos in class order last."""
        self.look_again()
        return [*(self._queue_of(name) for name in self._order()), *self._rest()]

    def open(self, name: str, sought: Sought) -> tuple[int, Queue] | None:
        """The number by which windows of a queue are asked for, and the queue as it is now; None for no such."""
        queue = next((one for one in self.queues() if one.name == name), None)
        if queue is None:
            return None
        self._last_opened += 1
        self._opened[self._last_opened] = queue = self.find(queue, sought)
        if len(self._opened) > MOST_OPEN:
            self._opened.popitem(last=False)
        return self._last_opened, queue

    def opened(self, number: int) -> Queue | None:
        """A queue that was opened, as it was then; None where others were opened since."""
        if number in self._opened:
            self._opened.move_to_end(number)
        return self._opened.get(number)

    def window(self, queue: Queue, begin: int, count: int) -> dict[str, Any]:
        """What the page keeps of some photos of a queue, as columns."""
        photos: list[int] = queue.photos[begin : begin + count].tolist()
        of, states = self.beside(queue, photos), self.states(photos)
        return {
            "photos": photos,
            "of": of,
            "decisions": [decision for _, decision, _, _ in states],
            "labels": [labels for _, _, labels, _ in states],
            "proposals": {row: proposals for row, _, _, proposals in states if proposals},
            "others": self.others(photos),
            "beside": [self.held.decision(row) if row >= 0 else "" for row in of],
        }

    def beside(self, queue: Queue, photos: Sequence[int]) -> list[int]:
        """The row that each photo is shown beside, -1 for none; nothing where they are shown alone."""
        if not queue.is_paired:
            return []
        found = self.catalog.findings_of([self.names[row] for row in photos])
        of = {self._rows[one.photo]: str(one.detail.get("of")) for one in found if one.check == queue.name}
        return [self._rows.get(of.get(row, ""), -1) for row in photos]

    def look_again(self) -> None:
        """Note what was found in photos that are here, where anything was since; which labels are doubted, too."""
        state = self.catalog.found_state()
        if state == self._found_stamp:
            return
        self._found_stamp = state
        has_labels = self.dataset.target.says_any_number
        self._found = Found(self.catalog, self._rows, self.dataset.written, has_labels, self.suspects)
        self._found.look_again(self._now.marks, self._now.marks)
        self._is_doubted = np.zeros(len(self.names), bool)
        self._is_doubted[self._found.photos.get(SUSPECT, [])] = True
        with_faces = np.zeros(len(self.names), bool)
        with_faces[[self._rows[name] for name in self.catalog.photos_with_faces() if name in self._rows]] = True
        self._with_faces = self._in_class_order[with_faces[self._in_class_order]]

    def sentence(self) -> str:
        """How much there is to look through, in the words of `clean`; of what nobody has cleaned only that."""
        found = f"{words.photos(len(self.names))} to look through."
        if not self._found.photos:
            return found
        waiting = np.zeros(len(self.names), bool)
        for check, photos in self._found.photos.items():
            waiting[photos[self._found.waits(check, self.held)]] = True
        return f"{found} {say_decided(len(self._left_out()), int(waiting.sum()))}"

    def tally(self) -> list[dict[str, Any]]:
        """How many photos the queues have, and how many of them wait, by what was found when they were last made:
        the catalog is not asked, so that each decision can bring it along."""
        queues = [*(self._queue_of(name) for name in self._order()), *self._rest()]
        return [
            {"name": one.name, "title": one.title, "count": len(one.photos), "waiting": one.waiting}
            for one in queues
        ]

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
        wanted = list(rows)
        proposals = self._proposals(wanted)
        return [(row, self.held.decision(row), self._labels(row), proposals.get(row, [])) for row in wanted]

    def others(self, rows: Iterable[int]) -> dict[int, str]:
        """Who decided last about some photos, where it was somebody else."""
        last = {row: max([self.held.who(row), *self._who_marked(row)]) for row in rows}
        return {row: person for row, (_, person) in last.items() if person not in ("", self.person)}

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

    def _rest(self) -> list[Queue]:
        """The queues that no check has made; all photos last."""
        moved = self.held.rows_with(RELABEL)
        if self._now.marks:
            moved = np.union1d(moved, np.array(list(self._now.marks), np.int64))
        several = self.dataset.target.says_any_number
        rest = (
            Queue("faces", gettext("faces"), self._with_faces),
            Queue("left-out", gettext("left out"), self._left_out()),
            Queue("relabelled", gettext("labels changed") if several else gettext("relabelled"), moved),
        )
        return [
            *(queue for queue in rest if len(queue.photos)),
            Queue("all", gettext("all photos"), self._in_class_order),
        ]

    def _left_out(self) -> NDArray[np.integer]:
        """The photos that training leaves out: those decided so, and what cannot be read."""
        return np.union1d(self.held.rows_with(LEAVE_OUT), self._broken())

    def _broken(self) -> NDArray[np.integer]:
        """The photos that cannot be read."""
        return self._found.photos.get(BROKEN, np.zeros(0, np.int32))

    def _order(self) -> list[str]:
        first = [SUSPECT] if self.suspects else []
        found = self._found.photos.keys()
        known = [name for name in self.checks if name in found and name not in first]
        return [*first, *known, *sorted(found - self.checks.keys() - set(first))]

    def _queue_of(self, name: str) -> Queue:
        photos, waits = self._found.photos[name], self._found.waits(name, self.held)
        first = int(waits.argmax()) if len(waits) else 0
        return Queue(
            name, gettext(name.replace("-", " ")), photos, bool(self.checks.get(name)), int(waits.sum()), first
        )

    def _proposals(self, rows: Sequence[int]) -> dict[int, list[Proposal]]:
        """What is proposed of the labels of some photos, and nobody has decided about."""
        doubted = [row for row in rows if self._is_doubted[row] and not self.held.decision(row)]
        kept = {row: self._found.whole(SUSPECT, row) for row in doubted}
        asked = [self.names[row] for row, one in kept.items() if one is None]
        read = {self._rows[one.photo]: one for one in self.catalog.findings_of(asked) if one.check == SUSPECT}
        found = read | {row: one for row, one in kept.items() if one is not None}
        return {
            row: [each for each in proposals_of(one) if each.label not in self._now.marks.get(row, ())]
            for row, one in found.items()
        }

    def _facts_of(self, row: int, found: Sequence[Finding], faces: Sequence[Face]) -> dict[str, Any]:
        if self.suspects:
            doubted = self._found.whole(SUSPECT, row)
            found = [one for one in found if one.check != SUSPECT] + ([doubted] if doubted else [])
        return {
            "row": row,
            "name": self.names[row],
            "found": [f"{one.check.replace('-', ' ')}: {one.reason}" for one in found],
            "faces": [
                {"box": list(astuple(one.box)), "eyes": one.detail.get("eyes", [])} for one in faces[:MOST_FACES]
            ],
        } | ({"unseen": self._now.unseen(row)} if self.dataset.target.says_any_number else {})

    def _who_marked(self, row: int) -> list[tuple[int, str]]:
        """The numbers of the decisions about labels of a photo, and who made each."""
        return [(one.id, one.person) for one in self._now.marks.get(row, {}).values()]

    def _labels(self, row: int) -> str:
        return self.held.label(row) if self.held.decision(row) == RELABEL else self._now.written(row)

    def _held(self) -> tuple[Held, dict[int, Mapping[str, Decision]]]:
        held = Held(len(self.names)).read(self.catalog.each_decision(), self._rows)
        marks = self.catalog.label_decisions() if self.dataset.target.says_any_number else {}
        return held, {self._rows[photo]: of_labels for photo, of_labels in marks.items() if photo in self._rows}

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
            marks = self._now.marks
            changed = set(self.held.changed(before).tolist())
            changed |= {row for row in marks.keys() | marked.keys() if marks.get(row) != marked.get(row)}
            self._changed(sorted(changed))

    def _read_again(self, rows: Sequence[int]) -> None:
        """Note what holds for some photos now."""
        for row in rows:
            self.held.put(row, self.catalog.decision_of(self.names[row]))
            if marks := self.catalog.label_decisions_of(self.names[row]):
                self._now.marks[row] = marks
            else:
                self._now.marks.pop(row, None)
        self._changed(rows)

    def _changed(self, rows: Sequence[int]) -> None:
        self.changes.extend(rows)
        self._found.look_again(rows, self._now.marks)

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
            raise UserError(gettext("These are no photos of this data set."), hint=gettext("Reload the page."))
        allowed = (KEEP, LEAVE_OUT, *LABEL_DECISIONS) if self.dataset.target.says_any_number else DECISIONS
        if decision not in allowed:
            raise UserError(
                f"There is no decision {decision!r}.", hint=f"{', '.join(allowed[:-1])} or {allowed[-1]}."
            )
        if decision != LEAVE_OUT:
            self._refuse_broken(rows)
        if decision not in (KEEP, LEAVE_OUT) and label not in self.classes:
            is_label = self.dataset.target.says_any_number
            raise UserError(
                gettext("There is no label {name}.", name=f"{label!r:.80}")
                if is_label
                else gettext("There is no class {name}.", name=f"{label!r:.80}"),
                hint=gettext("There are: {names}.", names=", ".join(self.classes[:20])),
            )

    def _refuse_broken(self, rows: Sequence[int]) -> None:
        """Raise UserError where some photos cannot be read: to keep them would come to nothing, in silence."""
        broken = np.intersect1d(rows, self._broken()).tolist()
        if broken:
            first, more = f"{self.names[broken[0]]!r}", len(broken) - 1
            raise UserError(
                gettext(
                    "{photo} and {count} more of these cannot be read, so no training sees it.",
                    photo=first,
                    count=more,
                )
                if more
                else gettext("{photo} cannot be read, so no training sees it.", photo=first),
                hint=gettext("Bring the photo whole and run `whatsit clean` again; or choose without it."),
            )

"""Which findings wait for somebody to decide about them.

A finding waits until its photo was decided about. That a photo repeats others, or contradicts their class, is no
question any more once those others are left out, or were given its class: what was decided about them settled it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from whatsit.data.catalog import (
    BROKEN,
    DUPLICATES,
    LEAVE_OUT,
    PARTS_OF_OTHERS,
    RELABEL,
    Catalog,
    Decision,
    Finding,
)

CONFLICT = "class-conflict"
# The checks that find a photo in others, and the kind of groups in which those others are.
REPEATING = {
    "exact-duplicate": DUPLICATES,
    "near-duplicate": DUPLICATES,
    "part-of-another": PARTS_OF_OTHERS,
    CONFLICT: DUPLICATES,
}
Rows = NDArray[np.int64]


def is_answered(finding: Finding, is_decided: bool, marked: Collection[str]) -> bool:
    """Whether somebody has decided about a photo with a finding, or about all labels that the finding doubts.

    Where it cannot be read there is nothing to decide.

    marked: the photo's labels that somebody decided about
    """
    doubted = set(finding.detail.get("labels", ()))
    return is_decided or finding.check == BROKEN or (bool(doubted) and doubted <= set(marked))


class Repeats:
    """The photos of a data set that show what others show, by their rows."""

    def __init__(self, catalog: Catalog, rows: Mapping[str, int], said_of: Callable[[int], str]) -> None:
        """
        rows:    name → row of the photos that are there
        said_of: the class of a row, or its labels, as the data set has them
        """
        self._numbers: dict[str, int] = {}
        self._of_kind: dict[str, tuple[Rows, Rows]] = {}  # rows, and the number of the group that each is in
        for kind in set(REPEATING.values()):
            found = [(rows[name], number) for name, number in catalog.groups(kind).items() if name in rows]
            members, numbers = np.array(sorted(found), np.int64).reshape(-1, 2).T
            groups = np.unique(numbers, return_inverse=True)[1].astype(np.int64)
            self._of_kind[kind] = members, groups
        members = self._of_kind[DUPLICATES][0].tolist()
        self._said = np.array([self._number(said_of(row)) for row in members], np.int64)

    def settled(self, check: str, out: Rows, moved: Rows, class_of: Callable[[int], str]) -> Rows:
        """The rows, in order, of which this check asks nothing any more: the others are left out, or, of a
        conflict, are of one class with it now.

        out: the rows that are left out; moved: those that were given another class, which is `class_of` them
        """
        if check not in REPEATING:
            return np.zeros(0, np.int64)
        members, groups = self._of_kind[REPEATING[check]]
        there = ~np.isin(members, out)
        if check == CONFLICT:
            said = self._said.copy()
            for place in np.flatnonzero(np.isin(members, moved)).tolist():
                said[place] = self._number(class_of(int(members[place])))
            counted = np.unique(np.stack([groups[there], said[there]]), axis=1)[0]  # a group once a class
        else:
            counted = groups[there]
        left = np.bincount(counted, minlength=len(members))
        return members[left[groups] <= 1]

    def _number(self, said: str) -> int:
        return self._numbers.setdefault(said, len(self._numbers))


def find_waiting(
    catalog: Catalog, findings: Iterable[Finding], names: Sequence[str], said_of: Callable[[int], str]
) -> set[tuple[str, str]]:
    """(photo, check) of the findings in some photos that wait.

    names:   of the photos that are there; said_of: the class or labels of a row of them
    """
    decisions, marks = catalog.decisions(), catalog.label_decisions()
    rows = {name: row for row, name in enumerate(names)}
    waiting: dict[str, set[int]] = {}
    for one in findings:
        is_decided = one.photo in decisions
        if one.photo in rows and not is_answered(one, is_decided, marks.get(one.photo, ())):
            waiting.setdefault(one.check, set()).add(rows[one.photo])
    if waiting.keys() & REPEATING.keys():
        repeats = Repeats(catalog, rows, said_of)
        out, moved = (_rows_with(decision, decisions, rows) for decision in (LEAVE_OUT, RELABEL))
        for check, photos in waiting.items():
            photos.difference_update(
                repeats.settled(check, out, moved, lambda row: decisions[names[row]].label).tolist()
            )
    return {(names[row], check) for check, photos in waiting.items() for row in photos}


def _rows_with(decision: str, decisions: Mapping[str, Decision], rows: Mapping[str, int]) -> Rows:
    found = (rows[name] for name, one in decisions.items() if one.decision == decision and name in rows)
    return np.fromiter(found, np.int64)

"""What cleaning decides by itself, and takes back when it is no longer so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from whatsit.cleaning.check import CERTAIN
from whatsit.data.catalog import GROUP_KINDS, LEAVE_OUT, Catalog, Decision, Finding
from whatsit.data.waiting import CONFLICT, REPEATING
from whatsit.errors import UserError

BY_CLEAN = "clean"  # who decides here; a batch a run


def decide(
    catalog: Catalog,
    findings: Iterable[Finding],
    accept: Collection[str],
    unsettled: Collection[tuple[str, str]],
) -> tuple[int, list[Finding]]:
    """Leave out the photos of findings that are certain or of an accepted check; how many they were.

    But for photos that somebody decided about, and for findings whose decision was undone, unless accepted now:
    these findings come second. Of photos that repeat each other one stays, where a check is accepted.

    unsettled: (photo, check) of the findings that wait; of others an accepted check asks nothing any more
    """
    held = catalog.decisions()
    taken = set(held)
    left = _Left(catalog, (photo for photo, one in held.items() if one.decision == LEAVE_OUT))
    undone = catalog.undone_findings(BY_CLEAN)
    wanted: dict[str, Decision] = {}
    spared: list[Finding] = []
    for one in findings:
        if one.severity != CERTAIN and one.check not in accept:
            continue
        if one.photo in taken or one.photo in wanted:
            continue
        if one.severity != CERTAIN and ((one.photo, one.check) not in unsettled or left.is_last(one)):
            continue
        if one.check not in accept and (one.photo, one.check) in undone:
            spared.append(one)
            continue
        decision = Decision(one.photo, LEAVE_OUT, by=BY_CLEAN, why=one.reason, check=one.check)
        wanted[one.photo] = decision
        left.take(one.photo)
    catalog.decide_batch(wanted.values())
    return len(wanted), [one for one in spared if one.photo not in wanted]


class _Left:
    """How many photos are left of each group of photos that repeat each other."""

    def __init__(self, catalog: Catalog, out: Iterable[str]) -> None:
        self._groups = {kind: catalog.groups(kind) for kind in GROUP_KINDS}
        self._left = {kind: Counter(groups.values()) for kind, groups in self._groups.items()}
        for photo in out:
            self.take(photo)

    def take(self, photo: str) -> None:
        """A photo is left out."""
        for kind, groups in self._groups.items():
            if photo in groups:
                self._left[kind][groups[photo]] -= 1

    def is_last(self, one: Finding) -> bool:
        """Whether a finding says that a photo repeats others, none of which is left."""
        if one.check not in REPEATING or one.check == CONFLICT:  # of a conflict nobody knows which one is right
            return False
        kind = REPEATING[one.check]
        group = self._groups[kind].get(one.photo)
        return group is not None and self._left[kind][group] <= 1


def withdraw(catalog: Catalog, findings: Iterable[Finding]) -> int:
    """Take back decisions of ours whose finding is no more: the photo was replaced, or its twin has gone."""
    return catalog.withdraw(BY_CLEAN, {(finding.photo, finding.check) for finding in findings})


def undo(catalog: Catalog) -> list[str]:
    """Take back the last batch that cleaning decided; its photos. Raises UserError where there is none."""
    undone = catalog.undo_batch(BY_CLEAN)
    if not undone:
        raise UserError("There is nothing to undo: cleaning has decided nothing here, or all is undone.")
    return undone

"""What cleaning decides by itself, and takes back when it is no longer so."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from whatsit.cleaning.check import CERTAIN
from whatsit.data.catalog import LEAVE_OUT, Catalog, Decision, Finding
from whatsit.errors import UserError

BY_CLEAN = "clean"  # who decides here; a batch a run


def decide(catalog: Catalog, findings: Iterable[Finding], accept: Collection[str]) -> tuple[int, list[Finding]]:
    """Leave out the photos of findings that are certain or of an accepted check; how many they were.

    But for photos that somebody decided about, and for findings whose decision was undone, unless accepted now:
    these findings come second.
    """
    taken = set(catalog.decisions())
    undone = catalog.undone_findings(BY_CLEAN)
    wanted: dict[str, Decision] = {}
    spared: list[Finding] = []
    for one in findings:
        if one.severity != CERTAIN and one.check not in accept:
            continue
        if one.photo in taken:
            continue
        if one.check not in accept and (one.photo, one.check) in undone:
            spared.append(one)
            continue
        decision = Decision(one.photo, LEAVE_OUT, by=BY_CLEAN, why=one.reason, check=one.check)
        wanted.setdefault(one.photo, decision)
    catalog.decide_batch(wanted.values())
    return len(wanted), [one for one in spared if one.photo not in wanted]


def withdraw(catalog: Catalog, findings: Iterable[Finding]) -> int:
    """Take back decisions of ours whose finding is no more: the photo was replaced, or its twin has gone."""
    return catalog.withdraw(BY_CLEAN, {(finding.photo, finding.check) for finding in findings})


def undo(catalog: Catalog) -> list[str]:
    """Take back the last batch that cleaning decided; its photos. Raises UserError where there is none."""
    undone = catalog.undo_batch(BY_CLEAN)
    if not undone:
        raise UserError("There is nothing to undo: cleaning has decided nothing here, or all is undone.")
    return undone

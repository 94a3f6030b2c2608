"""Rules of "what to do next" that are of several labels alone."""

from __future__ import annotations

from whatsit.evaluating.report.advising.evidence import Advice, Evidence
from whatsit.words import count, isolate, percent

WEAK_LABEL = 0.15  # an F1 so far below the mean of all labels is one to mend first
NAMED = 3  # labels in a heading


def suspect_labels(evidence: Evidence) -> Advice | None:
    """Labels that are likely wrong or missing."""
    if not evidence.suspects:
        return None
    return Advice(
        "Look through the suspect labels",
        f"Models that had not seen the photo deny {count(evidence.suspects, 'label')}, missing ones among "
        "them. The worst are shown below, all are in suspects.csv.",
        weight=evidence.suspects / max(1, sum(evidence.counts)),
    )


def unmeasured_label(evidence: Evidence) -> Advice | None:
    """Labels that none of the measured photos has."""
    without = [row.class_ for row in evidence.figures.per_class if not row.photos]
    if not without:
        return None
    named = ", ".join(map(isolate, without[:NAMED])) + (" and others" if len(without) > NAMED else "")
    return Advice(
        f"Bring photos with {named}",
        "None of the photos it was measured on has that label: how well it is found shows nowhere.",
        weight=len(without) / len(evidence.classes),
    )


def weak_label(evidence: Evidence) -> Advice | None:
    """A label that is told far worse than the others."""
    rows = [(row.f1, row) for row in evidence.figures.per_class if row.f1 is not None and row.photos]
    if len(rows) < 3 or evidence.figures.point is not None:  # at an operating point F1 is low because of the wish
        return None
    f1, worst = min(rows, key=lambda one: one[0])
    if f1 >= evidence.figures.macro_f1 - WEAK_LABEL:
        return None
    learnt = evidence.counts[list(evidence.classes).index(worst.class_)]
    return Advice(
        f"Bring more photos with {isolate(worst.class_)}",
        f"It is found in {percent(worst.recall or 0, 0)} of the photos that have it, and right in "
        f"{percent(worst.precision or 0, 0)} of those it is said of; {count(learnt, 'photo')} taught it.",
        weight=(evidence.figures.macro_f1 - f1) / len(evidence.classes),
    )

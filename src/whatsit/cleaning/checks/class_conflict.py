"""Class conflicts: one photo in two classes, or twice with other labels. Only a person knows which is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from whatsit.cleaning.check import LIKELY, Check, Survey
from whatsit.data.catalog import Finding


def judge(survey: Survey) -> Iterator[Finding]:
    """A finding for each photo that has a duplicate in another class, or with labels that contradict its own."""
    found, dataset = survey.duplicates, survey.dataset
    target, labels = dataset.target, dataset.labels
    for first, second in _pairs(survey):
        for photo, other in ((first, second), (second, first)):
            against = target.contradictions(labels[photo], labels[other], dataset.classes)
            if not against:
                continue
            exact = (
                "the same file is" if found.content[photo] == found.content[other] else "nearly the same photo is"
            )
            reason = f"{exact} {survey.names[other]}, {target.say_contradictions(against)}"
            detail: dict[str, Any] = {"of": survey.names[other], "class": dataset.written(other)}
            if target.says_any_number:
                detail["labels"] = {label: not is_there for label, is_there in against.items()}
            yield Finding(survey.names[photo], "class-conflict", LIKELY, None, None, reason, detail)


def _pairs(survey: Survey) -> Iterator[tuple[int, int]]:
    found, labels = survey.duplicates, survey.dataset.kinds
    for first, second in zip(found.first, found.second, strict=True):
        if labels[first] != labels[second]:
            yield int(first), int(second)
    rows = np.flatnonzero(np.bincount(found.content)[found.content] > 1)
    by_content: dict[int, list[int]] = {}
    for row in rows:
        by_content.setdefault(int(found.content[row]), []).append(int(row))
    for copies in by_content.values():
        for other in copies[1:]:
            if labels[other] != labels[copies[0]]:
                yield copies[0], other


CHECK = Check("one photo labelled two ways", judge)

"""Exact duplicates: the same file twice in one class."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from whatsit.cleaning.check import CERTAIN, Check, Survey
from whatsit.data.catalog import Finding

_KEPT_FIRST = {"test": 0, "val": 1, "": 2, "train": 3}  # an official test part stays as its makers gave it


def judge(survey: Survey) -> Iterator[Finding]:
    """A finding for each copy of a photo but one; where copies have several classes, see class-conflict."""
    content, labels, parts = survey.duplicates.content, survey.dataset.kinds, survey.dataset.parts
    counts = np.bincount(content)
    copies: dict[tuple[int, int], list[int]] = {}
    for row in np.flatnonzero((counts[content] > 1) & survey.readable).tolist():
        copies.setdefault((int(content[row]), int(labels[row])), []).append(row)
    for rows in copies.values():
        rows.sort(key=lambda row: (_KEPT_FIRST[str(parts[row])], row))
        kept = survey.names[rows[0]]
        for row in rows[1:]:
            reason = f"the same file as {kept}"
            yield Finding(survey.names[row], "exact-duplicate", CERTAIN, None, None, reason, {"of": kept})


CHECK = Check("the same file again", judge, is_paired=True)

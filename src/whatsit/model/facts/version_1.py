"""run.json as version 0.1.0 wrote it (format 1), turned into what it says today.

There the confusion matrices stood among the figures, every skipped file in `data.skipped`, and the source twice.
Reading rewrites nothing: what lies in tables beside run.json today is handed on, to be written when the run is
saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from whatsit.data.dataset import Skipped
from whatsit.errors import UserError
from whatsit.model.facts.confusion import Confusion, sparse
from whatsit.model.facts.run import FORMAT, RunInfo
from whatsit.records import Record, read_record


@dataclass(frozen=True)
class _Figures(Record):
    confusion: Any
    val: _Figures | None = None


@dataclass(frozen=True)
class _Data(Record):
    skipped: tuple[Skipped, ...]
    source: str | None = None


@dataclass(frozen=True)
class _Run(Record):
    data: _Data
    figures: _Figures
    elsewhere: Mapping[str, _Figures] | None = None


@dataclass(frozen=True)
class Version1:
    """A run of format 1: what it says, the skipped files, and the confusion matrices by part, its own (under "")
    and those of other photos, by the name of their data set."""

    info: RunInfo
    skipped: tuple[Skipped, ...]
    matrices: Mapping[str, Mapping[str, Confusion]]


def read_version_1(stored: object, name: str, hint: str) -> Version1:
    """A finished run's content of format 1. Raises UserError where it is damaged."""
    old = read_record(_Run, stored, name, hint)
    every = {"": old.figures, **(old.elsewhere or {})}
    new = {
        **old.more,
        "format": FORMAT,
        "data": {**old.data.more, "skipped": len(old.data.skipped)},
        "figures": _without_matrix(old.figures),
    }
    if old.elsewhere is not None:
        new["elsewhere"] = {place: _without_matrix(figures) for place, figures in old.elsewhere.items()}
    info = read_record(RunInfo, new, name, hint)
    try:
        matrices = {place: _matrices(figures, len(info.classes)) for place, figures in every.items()}
    except (ValueError, TypeError, OverflowError):
        raise UserError(f"{name!r} is damaged: a confusion matrix in it is none.", hint=hint) from None
    return Version1(info, old.data.skipped, matrices)


def _without_matrix(figures: _Figures) -> dict[str, Any]:
    return {**figures.more, "val": None if figures.val is None else dict(figures.val.more)}


def _matrices(figures: _Figures, classes: int) -> dict[str, Confusion]:
    """The matrix of each part. Raises ValueError and others where one is no square of whole numbers."""
    part = figures.more.get("part")
    found = {part if isinstance(part, str) else "test": _matrix(figures.confusion, classes)}
    if figures.val is not None and "val" not in found:
        found["val"] = _matrix(figures.val.confusion, classes)
    return found


def _matrix(stored: Any, classes: int) -> Confusion:
    matrix = np.asarray(stored)
    if matrix.shape != (classes, classes) or matrix.dtype.kind != "i":
        raise ValueError("no matrix")
    return sparse(matrix)

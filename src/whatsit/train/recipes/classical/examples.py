"""What a search learns from: the training photos' features and coordinates, and those of their mirror images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.data.groups import joined
from whatsit.errors import UserError
from whatsit.image import Pixels
from whatsit.model.features import Table, table_of
from whatsit.train.features.graph import Sample
from whatsit.train.features.stack import Stacked, stacked
from whatsit.train.recipes.classical.kind import Kind
from whatsit.train.recipes.classical.space import LEARNT_FROM, Space, fit_space
from whatsit.train.task import Task

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

SAMPLE = 2_000  # photos that features learn from


@dataclass(frozen=True)
class View:
    """One look at the training photos: a table of features, and their coordinates in the space."""

    features: Table
    coordinates: Floats

    def of(self, kind: Kind, rows: Rows) -> Floats:
        """The numbers that a kind of model looks at."""
        return self.coordinates[rows] if kind.looks_at == "space" else self.features.take(rows)


@dataclass(frozen=True)
class Examples:
    """Training photos by one stack of features.

    stacked, space: how the numbers came about
    straight:       the photos as they are
    mirrored:       the same photos left side right; None where they are not learnt from
    labels, groups: (n,)
    """

    stacked: Stacked
    space: Space
    straight: View
    mirrored: View | None
    labels: Rows
    groups: Rows

    def __len__(self) -> int:
        return len(self.labels)

    def to_learn(self, kind: Kind, rows: Rows) -> tuple[Floats, Rows]:
        """What a model is fitted on: the rows, and their mirror images behind them."""
        straight = self.straight.of(kind, rows)
        if self.mirrored is None:
            return straight, self.labels[rows]
        both = np.concatenate([straight, self.mirrored.of(kind, rows)])
        return both, np.concatenate([self.labels[rows], self.labels[rows]])

    def to_ask(self, kind: Kind, rows: Rows) -> tuple[Floats, Rows]:
        """What a model is asked about: the rows as they are."""
        return self.straight.of(kind, rows), self.labels[rows]


def examples_of(stack: str, task: Task, train: Rows, mirror: bool) -> Examples:
    """Compute a stack's features for the training photos, and the space they span.

    Raises UserError where all photos have the same features.
    """
    seed, size = task.options.seed, task.decoded.size
    built = stacked(stack, Sample(task.decoded.take(_evenly(train, SAMPLE)), seed))
    width = sum(built.widths)
    content = built.graph.model(size, {built.columns: width}).SerializeToString()

    def mirrored(rows: Rows) -> Pixels:
        return np.ascontiguousarray(task.decoded.take(rows)[:, :, ::-1])

    tables = [
        table_of(content, take, train, built.columns)
        for take in ([task.decoded.take, mirrored] if mirror else [task.decoded.take])
    ]
    some = np.concatenate(
        [table.take(_evenly(np.arange(len(train)), LEARNT_FROM // len(tables))) for table in tables]
    )
    if (some.max(axis=0) == some.min(axis=0)).all():
        raise UserError(
            f"To the features {stack!r} all training photos look the same.",
            hint="Try other features, as in --features raw+colour, or other photos.",
        )
    space = fit_space(some, built.widths, seed)
    views = [View(table, space.of_table(table)) for table in tables]
    same = task.decoded.same_content()
    groups = same if task.dataset.groups is None else joined(task.dataset.groups, same)
    return Examples(
        built, space, views[0], views[1] if mirror else None, labels=task.labels[train], groups=groups[train]
    )


def _evenly(rows: Rows, most: int) -> Rows:
    """At most so many of the rows, evenly spread."""
    return rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(np.int64)]

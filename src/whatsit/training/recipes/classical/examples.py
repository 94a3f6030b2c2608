"""What a search learns from: the training photos' features and coordinates, and those of their mirror images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from whatsit.data.target import Target
from whatsit.errors import UserError
from whatsit.image import Pixels
from whatsit.model.graph.features import ReadPixels, Table, table_of
from whatsit.training.features.columns import Columns
from whatsit.training.features.graph import Sample
from whatsit.training.features.stack import names_of, stack_features
from whatsit.training.recipes.classical.aim import AIMS, Aim
from whatsit.training.recipes.classical.kind import ModelKind, Rows
from whatsit.training.recipes.classical.space import LEARNT_FROM, Space, fit_space
from whatsit.training.task import Task

Floats = NDArray[np.float32]

SAMPLE = 2_000  # photos that features learn from


@dataclass(frozen=True)
class View:
    """One look at the training photos: their features side by side, and their coordinates in the space."""

    features: Columns
    coordinates: Floats

    def of(self, kind: ModelKind, rows: Rows) -> Floats:
        """The numbers that a kind of model looks at."""
        return self.coordinates[rows] if kind.looks_at == "space" else self.features.take(rows)


@dataclass(frozen=True)
class Examples:
    """Training photos by one stack of features.

    straight: the photos as they are
    mirrored: the same photos left side right; None where they are not learnt from
    labels:   in the form of `target`; groups: (n,)
    """

    space: Space
    straight: View
    mirrored: View | None
    labels: Rows
    groups: Rows
    target: Target

    @property
    def aim(self) -> Aim:
        """What a search among them compares."""
        return AIMS[self.target.name]

    @property
    def strata(self) -> Rows:
        """(n,) the class of each photo; of several labels the rarest that it has."""
        return self.target.strata(self.labels)

    @property
    def dealt_by(self) -> Rows:
        """What folds deal evenly: (n,) classes, or (n, k) the 0s and 1s of several labels."""
        memberships = self.target.memberships(self.labels)
        return self.strata if memberships is None else memberships

    def __len__(self) -> int:
        return len(self.labels)

    def to_learn(self, kind: ModelKind, rows: Rows) -> tuple[Floats, Rows]:
        """What a model is fitted on: the rows, and their mirror images behind them."""
        straight = self.straight.of(kind, rows)
        if self.mirrored is None:
            return straight, self.labels[rows]
        both = np.concatenate([straight, self.mirrored.of(kind, rows)])
        return both, np.concatenate([self.labels[rows], self.labels[rows]])

    def to_ask(self, kind: ModelKind, rows: Rows) -> tuple[Floats, Rows]:
        """What a model is asked about: the rows as they are."""
        return self.straight.of(kind, rows), self.labels[rows]


@dataclass(frozen=True)
class FeatureTables:
    """The training photos by one feature, straight and, where wanted, mirrored."""

    straight: Table
    mirrored: Table | None


def compute_feature(feature: str, task: Task, train: Rows, mirror: bool) -> FeatureTables:
    """Compute a feature of the training photos, as far as the cache does not have it."""
    built = stack_features(feature, sample_of(task, train))
    content = built.graph.model(task.decoded.size, {built.columns: [sum(built.widths)]}).SerializeToString()
    mirrored = partial(_take_mirrored, task.decoded.take)
    return FeatureTables(
        table_of(content, task.decoded.take, train, built.columns),
        table_of(content, mirrored, train, built.columns) if mirror else None,
    )


def _take_mirrored(take: ReadPixels, rows: Rows) -> Pixels:
    return np.ascontiguousarray(take(rows)[:, :, ::-1])


def sample_of(task: Task, train: Rows) -> Sample:
    """The training photos that features learn from."""
    return Sample(task.decoded.take(_evenly(train, SAMPLE)), task.options.seed)


def examples_of(stack: str, looks: Mapping[str, FeatureTables], task: Task, train: Rows) -> Examples:
    """The training photos by a stack of features that were looked at, in the space that these span.

    Raises UserError where all photos have the same features.
    """
    chosen = [looks[name] for name in names_of(stack)]
    tables = [Columns(tuple(one.straight for one in chosen))]
    turned = tuple(one.mirrored for one in chosen if one.mirrored)
    if turned:
        tables.append(Columns(turned))
    each = _evenly(np.arange(len(train)), LEARNT_FROM // len(tables))
    some = np.concatenate([table.take(each) for table in tables])
    if (some.max(axis=0) == some.min(axis=0)).all():
        raise UserError(
            f"To the features {stack!r} all training photos look the same.",
            hint="Try other features, as in --features raw+colour, or other photos.",
        )
    space = fit_space(some, tables[0].widths, task.options.seed)
    views = [View(table, space.of_columns(table)) for table in tables]
    return Examples(
        space, views[0], views[1] if turned else None, task.labels[train], task.groups[train], task.dataset.target
    )


def _evenly(rows: Rows, most: int) -> Rows:
    """At most so many of the rows, evenly spread."""
    return rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(np.int64)]

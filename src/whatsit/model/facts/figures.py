"""The figures of a run: how right, how sure, how it was measured. Plain numbers, None where not defined.

Every share stands with its 95 % interval and the number of photos it was found on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from whatsit import words
from whatsit.records import Record

Interval = tuple[float, float]


@dataclass(frozen=True)
class ShareFigures(Record):
    """Of how many of `n` photos something is true; `accuracy` is their share, None where there are none."""

    accuracy: float | None
    interval: Interval
    right: int
    n: int


@dataclass(frozen=True)
class CouldBeFigures(ShareFigures):
    """For how many photos `could_be` holds the true class, and how many classes it has on average."""

    mean_size: float


@dataclass(frozen=True)
class GuessFigures(Record):
    """The most frequent class, and how right it would be to always answer it."""

    class_: str
    accuracy: float


@dataclass(frozen=True)
class ClassFigures(Record):
    """A class: `photos` there were of it, `predicted` photos were called so, `right` of both."""

    class_: str
    precision: float | None
    precision_interval: Interval
    recall: float | None
    recall_interval: Interval
    f1: float | None
    photos: int
    predicted: int
    right: int


@dataclass(frozen=True)
class LabelFigures(Record):
    """One of several labels, beside its `ClassFigures`: how well photos are ranked by its probability, how far
    that can be believed, and from what probability on it is said. None where not defined."""

    label: str
    average_precision: float | None
    roc_area: float | None
    ece: float | None
    threshold: float


@dataclass(frozen=True)
class SeveralFigures(Record):
    """Of a model that says any number of labels: the mean average precision over labels, its interval, and
    each."""

    mean_average_precision: float | None
    interval: Interval
    each: tuple[LabelFigures, ...]


@dataclass(frozen=True)
class PointFigures(Record):
    """At the operating point, whose `wish` it was. A photo that is "not one of these" is not answered.

    answered:  of all photos those that are; of several labels those of which some label is said
    precision: of the answers (or labels that are said) those that are right
    recall:    of the photos that it knows and would answer rightly those that are answered; of the labels that are
               there those that are said
    cost:      of a photo on average, where costs decide
    """

    wish: str
    answered: ShareFigures
    precision: ShareFigures
    recall: ShareFigures
    cost: float | None = None


@dataclass(frozen=True)
class PartFigures(Record):
    """What was measured on the photos of one part.

    Of several labels a photo is right where every label is said as it is (`accuracy`), `guessing` answers the most
    frequent labels to every photo, `could_be` counts true labels, and losses and errors are means over labels.

    part: "test", "val"; "folds": the training photos, each as a model answered that learnt from the others
          (folds.csv); "all": every photo, each asked in folds of a model that had not seen it
    """

    part: str
    accuracy: float
    interval: Interval
    right: int
    n: int
    guessing: GuessFigures
    macro_f1: float
    weighted_f1: float
    top_5: ShareFigures | None  # None where there are no more than five classes
    log_loss: float
    brier: float
    ece: float
    ece_by_chance: float
    could_be: CouldBeFigures
    not_one_of_these: ShareFigures
    per_class: tuple[ClassFigures, ...]
    several: SeveralFigures | None = field(default=None, kw_only=True)  # where a photo has any number of labels
    point: PointFigures | None = field(default=None, kw_only=True)  # where something was wished of the answers

    def in_brief(self) -> str:
        """`91.7 % of 12 photos right`."""
        return f"{words.percent(self.accuracy)} of {words.photos(self.n)} right"


HALF = 0.5  # of strange photos: where fewer are told to be strange, an answer says that it may be wrong so


@dataclass(frozen=True)
class ScoreFigures(Record):
    """How well a score tells strange photos from known ones."""

    auroc: float
    interval: Interval


@dataclass(frozen=True)
class OutlierFigures(Record):
    """What was found on photos that are none of the classes; `overlapping` of them were left out."""

    source: str
    n: int
    overlapping: int
    rejected: ShareFigures
    scores: Mapping[str, ScoreFigures]

    @property
    def is_weak(self) -> bool:
        """Whether more of them get a class than are called "not one of these"."""
        return self.rejected.accuracy is not None and self.rejected.accuracy < HALF


@dataclass(frozen=True)
class FoldFigures(Record):
    """Of photos asked in folds: the mean accuracy of the folds' models, its 95 % interval (Student's, over the
    folds), and the accuracy of each."""

    accuracy: float
    interval: Interval
    each: tuple[ShareFigures, ...]


@dataclass(frozen=True)
class Figures(PartFigures):
    """What a run was measured to be: on the part that is reported, and on the photos that calibrated it, which its
    `part` names.

    leaked:       photos of val or test that are copies of training photos; test_leaked: those that were measured
    random_leaks: the copies that a plain random split would have put across
    """

    val: PartFigures | None
    leaked: int
    random_leaks: int
    test_leaked: int
    without_leaked: ShareFigures
    outliers: OutlierFigures | None = None
    folds: FoldFigures | None = None

"""The figures of a run from what its model said: how right, how sure, how it was measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.splitting.split import Split
from whatsit.data.target import ONE_CLASS, SEVERAL
from whatsit.data.target.several import UNDECIDED
from whatsit.errors import UserError
from whatsit.evaluating import labels, metrics, trust
from whatsit.evaluating.measured import Measured
from whatsit.evaluating.metrics import PerClass
from whatsit.evaluating.outliers import Outliers
from whatsit.evaluating.predictions import Limits, Predictions
from whatsit.mapped import rows_at_once
from whatsit.model.calibrate import student_quantile
from whatsit.model.facts.confusion import Confusion, count_cells
from whatsit.model.facts.figures import (
    ClassFigures,
    CouldBeFigures,
    Figures,
    FoldFigures,
    GuessFigures,
    LabelFigures,
    OutlierFigures,
    PartFigures,
    PointFigures,
    ScoreFigures,
    SeveralFigures,
    ShareFigures,
)
from whatsit.model.facts.file import ModelFacts
from whatsit.model.facts.tables import MANY_CLASSES
from whatsit.model.share import CONFIDENCE, Share, share, share_of, wilson
from whatsit.records import as_json

DIGITS = 6  # of a figure: far finer than any interval, and the same on every machine


def compute_figures(measured: Measured) -> Figures:
    """Every figure of what was measured. Raises UserError where there is nothing to measure on."""
    if not len(measured.reported):
        raise UserError("There are neither test nor validation photos to measure on.", hint="Bring more photos.")
    reported, val, facts = measured.reported, measured.val, measured.model.facts
    return Figures(
        **vars(compute_part_figures(reported, facts, measured.part)),
        val=compute_part_figures(val, facts, measured.val_part) if len(val) else None,
        **_leaks(reported, measured.ready.split),
        outliers=None if measured.outliers is None else _of_outliers(measured.outliers),
        folds=None if reported.limits is None else compute_fold_figures(reported, reported.limits),
    )


def compute_fold_figures(predictions: Predictions, limits: Limits) -> FoldFigures:
    """The accuracy of each fold's model, and where that of another such model would lie on average."""
    folds = [predictions.hits[limits.fold == fold] for fold in np.unique(limits.fold)]
    accuracies = np.array([hits.mean() for hits in folds])
    reach = student_quantile(1 - (1 - CONFIDENCE) / 2, len(folds) - 1) * accuracies.std(ddof=1)
    half, mean = float(reach) / math.sqrt(len(folds)), float(accuracies.mean())
    return FoldFigures(
        accuracy=_round(mean),
        interval=_interval(max(0.0, mean - half), min(1.0, mean + half)),
        each=tuple(share_figures(share_of(hits)) for hits in folds),
    )


def compute_part_figures(predictions: Predictions, facts: ModelFacts, part: str) -> PartFigures:
    """Every figure of one part's predictions. Raises UserError where some are no numbers."""
    shares = predictions.probabilities
    if not all(np.isfinite(shares[rows]).all() for rows in rows_at_once(shares)):
        raise UserError("The model's probabilities are no numbers for some photos.", hint="Train it again.")
    return FIGURES[predictions.target.name](predictions, facts, part)


def _of_one_class(predictions: Predictions, facts: ModelFacts, part: str) -> PartFigures:
    truth, probabilities, classes = predictions.labels, predictions.probabilities, facts.classes
    matrix = confusion_of(predictions, len(classes))
    by_class = metrics.per_class(matrix)
    covered, size = _count_could_be(predictions, facts)
    right = metrics.accuracy(truth, predictions.chosen)
    could_be = share_figures(share_of(covered))
    return PartFigures(
        part=part,
        accuracy=_round(right.value),
        interval=_interval(right.low, right.high),
        right=right.right,
        n=right.n,
        guessing=GuessFigures(
            class_=classes[int(by_class.photos.argmax())],
            accuracy=_round(by_class.photos.max() / len(truth)),
        ),
        macro_f1=_round(by_class.macro_f1()),
        weighted_f1=_round(by_class.weighted_f1()),
        top_5=share_figures(metrics.top_k(truth, probabilities, 5)) if len(classes) > 5 else None,
        log_loss=_round(metrics.log_loss(truth, probabilities)),
        brier=_round(metrics.brier(truth, probabilities)),
        ece=_round(trust.calibration_error(truth, probabilities)),
        ece_by_chance=_round(trust.calibration_error_by_chance(probabilities)),
        could_be=CouldBeFigures(**vars(could_be), mean_size=_round(size.mean())),
        not_one_of_these=share_figures(share_of(~predictions.known(facts.thresholds))),
        per_class=_of_classes(classes, matrix, by_class),
        point=compute_point(predictions, facts),
    )


def _count_could_be(predictions: Predictions, facts: ModelFacts) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """(n,) whether the true class of each photo cannot be ruled out, and how many classes cannot."""
    covered, size = np.zeros(len(predictions), bool), np.zeros(len(predictions), np.int64)
    for rows in rows_at_once(predictions.probabilities):
        in_set = predictions.could_be(facts.thresholds, rows)
        covered[rows] = in_set[np.arange(len(in_set)), predictions.labels[rows]]
        size[rows] = in_set.sum(axis=1)
    return covered, size


def _of_several_labels(predictions: Predictions, facts: ModelFacts, part: str) -> PartFigures:
    truth, shares, classes = predictions.labels, predictions.probabilities.astype(np.float64), facts.classes
    right, counts = share_of(predictions.hits), labels.count_said(truth, predictions.chosen)
    in_set = predictions.could_be(facts.thresholds)
    covered = share_figures(share_of(in_set[truth == 1]))
    errors = labels.calibration_errors(truth, shares)
    per_class = tuple(_of_label(label, counts, row) for row, label in enumerate(classes))
    f1 = np.array([one.f1 or 0.0 for one in per_class])
    return PartFigures(
        part=part,
        accuracy=_round(right.value),
        interval=_interval(right.low, right.high),
        right=right.right,
        n=right.n,
        guessing=_guess_labels(predictions, classes),
        macro_f1=_round(float(f1[counts.photos > 0].mean()) if counts.photos.any() else math.nan),
        weighted_f1=_round(float((f1 * counts.photos).sum()) / max(1, int(counts.photos.sum()))),
        top_5=None,
        log_loss=_round(labels.log_loss(truth, shares)),
        brier=_round(labels.brier(truth, shares)),
        ece=_round(float(np.nanmean(errors))),
        ece_by_chance=_round(labels.calibration_error_by_chance(shares)),
        could_be=CouldBeFigures(**vars(covered), mean_size=_round(in_set.sum(axis=1).mean())),
        not_one_of_these=share_figures(share_of(~predictions.known(facts.thresholds))),
        per_class=per_class,
        several=_rank_labels(predictions, facts, errors),
        point=compute_point(predictions, facts),
    )


def _of_label(label: str, counts: labels.Counts, row: int) -> ClassFigures:
    photos, said, right = (int(values[row]) for values in (counts.photos, counts.said, counts.right))
    return ClassFigures(
        class_=label,
        precision=_defined(right / said if said else math.nan),
        precision_interval=_interval(*wilson(right, said)),
        recall=_defined(right / photos if photos else math.nan),
        recall_interval=_interval(*wilson(right, photos)),
        f1=_defined(2 * right / (photos + said) if photos + said else math.nan),
        photos=photos,
        predicted=said,
        right=right,
    )


def _guess_labels(predictions: Predictions, classes: Sequence[str]) -> GuessFigures:
    """The labels that most photos have just so, and how right it would be to always answer them."""
    sets, numbers = np.unique(predictions.labels, axis=0, return_counts=True)
    commonest = sets[numbers.argmax()]
    hits = predictions.target.hits(np.broadcast_to(commonest == 1, predictions.labels.shape), predictions.labels)
    named = ", ".join(predictions.target.names(commonest, classes)) or "no label"
    return GuessFigures(class_=named, accuracy=_round(hits.mean()))


def _rank_labels(predictions: Predictions, facts: ModelFacts, errors: NDArray[np.floating]) -> SeveralFigures:
    rankings = labels.rank(predictions.labels, predictions.probabilities)
    mean = labels.mean_average_precision(predictions.labels, predictions.probabilities)
    thresholds = facts.thresholds.labels or (UNDECIDED,) * len(facts.classes)
    return SeveralFigures(
        mean_average_precision=_defined(mean.value),
        interval=_interval(mean.low, mean.high),
        each=tuple(
            LabelFigures(
                label=label,
                average_precision=_defined(labels.average_precision(ranking)),
                roc_area=_defined(labels.area_under_roc(ranking)),
                ece=_defined(float(error)),
                threshold=_round(threshold),
            )
            for label, ranking, error, threshold in zip(facts.classes, rankings, errors, thresholds, strict=True)
        ),
    )


def compute_point(predictions: Predictions, facts: ModelFacts) -> PointFigures | None:
    """What the operating point comes to on these photos; None where the model has none."""
    point, target, chosen, sure = facts.thresholds.point, predictions.target, predictions.chosen, predictions.sure
    if point is None:
        return None
    known, labels = predictions.known(facts.thresholds), predictions.labels
    each = target.count_answers(chosen, labels, sure, known)
    answered, right, there = (sum(getattr(one, name) for one in each) for name in ("answered", "right", "there"))
    cost = math.nan
    if point.costs is not None and known.any():
        cost = float(target.weigh(chosen, labels, sure, point.costs)[known].mean())
    return PointFigures(
        wish=point.wish,
        answered=share_figures(share_of(known & sure & target.say_anything(chosen))),
        precision=share_figures(share(right, answered)),
        recall=share_figures(share(right, there)),
        cost=_defined(cost),
    )


# By the target's name in `data.target`.
FIGURES: dict[str, Callable[[Predictions, ModelFacts, str], PartFigures]] = {
    ONE_CLASS.name: _of_one_class,
    SEVERAL.name: _of_several_labels,
}


def confusion_of(predictions: Predictions, classes: int) -> Confusion:
    """The confusion matrix: a row a true class, a column a predicted one. Of several labels a row a label that was
    missed, a column one that was said instead."""
    if predictions.target.says_any_number:
        return labels.count_exchanged(predictions.labels, predictions.chosen)
    return count_cells(predictions.labels, predictions.chosen, classes)


def compute_confusions(measured: Measured) -> dict[str, Confusion]:
    """The confusion matrix of each part that was measured."""
    parts = {measured.part: measured.reported, measured.val_part: measured.val}
    classes = len(measured.model.classes)
    return {part: confusion_of(predictions, classes) for part, predictions in parts.items() if len(predictions)}


def add_confusions(figures: Figures, matrices: Mapping[str, Confusion]) -> dict[str, Any]:
    """The figures as `evaluate --json` prints them: with the confusion matrix of each part.

    Of more than MANY_CLASSES its cells that are not zero, as [true, predicted, photos] each.
    """
    printed = _with_matrix(as_json(figures), matrices)
    if figures.val is not None:
        printed["val"] = _with_matrix(as_json(figures.val), matrices)
    return printed


def _with_matrix(figures: dict[str, Any], matrices: Mapping[str, Confusion]) -> dict[str, Any]:
    per_class, matrix = list(figures).index("per_class"), matrices[figures["part"]]
    entries: list[tuple[str, Any]] = list(figures.items())
    if matrix.classes <= MANY_CLASSES:
        entries.insert(per_class, ("confusion", matrix.whole().tolist()))
    else:
        cells = np.stack([matrix.true, matrix.predicted, matrix.photos], axis=1)
        entries.insert(per_class, ("confusion_cells", cells.tolist()))
    return dict(entries)


def _of_classes(classes: Sequence[str], matrix: Confusion, by_class: PerClass) -> tuple[ClassFigures, ...]:
    hits, guesses = matrix.hits(), matrix.of_predicted()
    return tuple(
        ClassFigures(
            class_=label,
            precision=_defined(by_class.precision[row]),
            precision_interval=_interval(*wilson(int(hits[row]), int(guesses[row]))),
            recall=_defined(by_class.recall[row]),
            recall_interval=_interval(*wilson(int(hits[row]), int(by_class.photos[row]))),
            f1=_defined(by_class.f1[row]),
            photos=int(by_class.photos[row]),
            predicted=int(guesses[row]),
            right=int(hits[row]),
        )
        for row, label in enumerate(classes)
    )


def _leaks(reported: Predictions, split: Split) -> dict[str, Any]:
    copies = np.isin(reported.rows, split.leaked)
    return {
        "leaked": len(split.leaked),
        "random_leaks": split.random_leaks,
        "test_leaked": int(copies.sum()),
        "without_leaked": share_figures(share_of(reported.hits[~copies])),
    }


def _of_outliers(outliers: Outliers) -> OutlierFigures:
    scores = {
        score.name: ScoreFigures(_round(score.auroc.value), _interval(score.auroc.low, score.auroc.high))
        for score in outliers.scores
    }
    rejected = share_figures(outliers.rejected)
    return OutlierFigures(outliers.source, outliers.n, len(outliers.overlapping), rejected, scores)


def share_figures(share: Share) -> ShareFigures:
    """A share as run.json keeps it."""
    return ShareFigures(_defined(share.value), _interval(share.low, share.high), share.right, share.n)


def _interval(low: float, high: float) -> tuple[float, float]:
    return _round(low), _round(high)


def _round(value: float) -> float:
    return round(float(value), DIGITS)


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else _round(value)

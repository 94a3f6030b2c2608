"""The figures of a run, as run.json keeps them: how right, how sure, how it was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.evaluating import metrics, trust
from whatsit.evaluating.metrics import PerClass, Share, wilson
from whatsit.evaluating.predictions import Predictions
from whatsit.model.facts.file import Thresholds


def figures(
    predictions: Predictions, classes: Sequence[str], thresholds: Thresholds, part: str = "test"
) -> dict[str, Any]:
    """Every figure of one part's predictions, plain numbers that JSON can hold (None where undefined)."""
    labels, probabilities = predictions.labels, predictions.probabilities
    matrix = metrics.confusion_matrix(labels, predictions.chosen, len(classes))
    by_class = metrics.per_class(matrix)
    in_set = probabilities >= thresholds.probability
    return {
        "part": part,
        **share_figures(metrics.accuracy(labels, predictions.chosen)),
        "guessing": {
            "class": classes[int(by_class.photos.argmax())],
            "accuracy": _plain(by_class.photos.max() / len(labels)),
        },
        "macro_f1": _plain(by_class.macro_f1()),
        "weighted_f1": _plain(by_class.weighted_f1()),
        "top_5": share_figures(metrics.top_k(labels, probabilities, 5)) if len(classes) > 5 else None,
        "log_loss": _plain(metrics.log_loss(labels, probabilities)),
        "brier": _plain(metrics.brier(labels, probabilities)),
        "ece": _plain(trust.calibration_error(labels, probabilities)),
        "ece_by_chance": _plain(trust.calibration_error_by_chance(probabilities)),
        "could_be": {
            **share_figures(metrics.share_of(in_set[range(len(labels)), labels])),
            "mean_size": _plain(in_set.sum(axis=1).mean()),
        },
        "not_one_of_these": share_figures(metrics.share_of(predictions.distances > thresholds.distance)),
        "confusion": matrix.tolist(),
        "per_class": [_of_class(label, row, matrix, by_class) for row, label in enumerate(classes)],
    }


def _of_class(label: str, row: int, matrix: NDArray[np.int64], by_class: PerClass) -> dict[str, Any]:
    hits, photos, guesses = int(matrix[row, row]), int(by_class.photos[row]), int(matrix[:, row].sum())
    return {
        "class": label,
        "precision": _plain(by_class.precision[row]),
        "precision_interval": [_plain(end) for end in wilson(hits, guesses)],
        "recall": _plain(by_class.recall[row]),
        "recall_interval": [_plain(end) for end in wilson(hits, photos)],
        "f1": _plain(by_class.f1[row]),
        "photos": photos,
        "predicted": guesses,
        "right": hits,
    }


def share_figures(share: Share) -> dict[str, Any]:
    """A share as run.json keeps it."""
    return {
        "accuracy": _plain(share.value),
        "interval": [_plain(share.low), _plain(share.high)],
        "right": share.right,
        "n": share.n,
    }


def _plain(value: float) -> float | None:
    """A number that JSON can hold, to six digits."""
    return None if math.isnan(value) else round(float(value), 6)

"""A head that learns from few answers at once: regularised logistic regression, begun where it last ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.data.target import SEVERAL, UNKNOWN
from whatsit.engine.products import few_threads

Values = NDArray[np.float32]
Marks = NDArray[np.int64]

# How weakly weights are held to be small (scikit-learn's C, of features whose length is about one); of 30 to 1,000
# this one names most right of imagenette, flowers and trashnet, from 50 answers to all.
STRENGTH = 100.0
MOST_STEPS = 60  # of L-BFGS; begun where it last ended it needs a few
TOLERANCE = 1e-4  # of the gradient a photo


@dataclass(frozen=True)
class Head:
    """values @ weights + bias: weights (d, k), bias (k,), a column a class or label."""

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def logits(self, values: Values) -> Values:
        """(n, k) float32."""
        return np.asarray(values @ self.weights.astype(np.float32) + self.bias.astype(np.float32))


def fit_classes(values: Values, labels: Marks, classes: int, before: Head | None = None) -> Head:
    """The head that tells classes apart: labels (m,) of 0 to `classes` - 1.

    before: the head that was fitted last, whose classes are the first of these
    """
    return _fit(values, np.eye(classes, dtype=np.float32)[labels], before, _softmax)


def fit_labels(values: Values, marks: Marks, before: Head | None = None) -> Head:
    """The head that says of each label by itself whether it is there: marks (m, labels) of 1, 0 and UNKNOWN, which
    teaches nothing.

    before: the head that was fitted last, whose labels are the first of these
    """
    known = (marks != UNKNOWN).astype(np.float32)

    def measure(logits: Values, true: Values) -> tuple[float, Values]:
        loss = known * (np.logaddexp(0, logits) - true * logits)
        return float(loss.sum(dtype=np.float64)), known * (SEVERAL.link(logits).astype(np.float32) - true)

    return _fit(values, (marks == 1).astype(np.float32), before, measure)


def as_shares(logits: Values, temperature: float = 1.0) -> Values:
    """(n, k) probabilities of classes, from logits over a temperature."""
    scaled = logits / np.float32(temperature)
    scaled -= scaled.max(axis=1, keepdims=True)
    np.exp(scaled, out=scaled)
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True))


def _softmax(logits: Values, true: Values) -> tuple[float, Values]:
    """The loss of all photos where each is of one class, and what is wrong with each logit."""
    top = logits.max(axis=1, keepdims=True)
    raised = np.exp(logits - top)
    sums = raised.sum(axis=1, keepdims=True)
    loss = (np.log(sums) + top).sum(dtype=np.float64) - (true * logits).sum(dtype=np.float64)
    return float(loss), raised / sums - true


def _fit(
    values: Values,
    true: Values,
    before: Head | None,
    lose: Callable[[Values, Values], tuple[float, Values]],
) -> Head:
    from scipy.optimize import minimize

    (photos, width), columns = values.shape, true.shape[1]

    def measure(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """The objective a photo, and its gradient."""
        both = flat.reshape(width + 1, columns)
        loss, wrong = lose(values @ both[:-1].astype(np.float32) + both[-1].astype(np.float32), true)
        gradient = np.concatenate([values.T @ wrong, wrong.sum(axis=0)[None]]).astype(np.float64) / photos
        gradient[:-1] += both[:-1] / (STRENGTH * photos)
        penalty = float((both[:-1] ** 2).sum()) / (2 * STRENGTH * photos)
        return loss / photos + penalty, gradient.reshape(-1)

    start = np.zeros((width + 1, columns))
    if before is not None:
        start[:-1, : before.weights.shape[1]], start[-1, : len(before.bias)] = before.weights, before.bias
    steps = {"maxiter": MOST_STEPS, "gtol": TOLERANCE}
    with few_threads(values.size * columns):
        both = minimize(measure, start.reshape(-1), jac=True, method="L-BFGS-B", options=steps).x
    both = both.reshape(width + 1, columns)
    return Head(both[:-1].copy(), both[-1].copy())

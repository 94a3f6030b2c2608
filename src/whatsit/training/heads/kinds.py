"""The kinds of heads: what fits each of them to features, for each of its settings."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.target import NO_RULE, ONE_CLASS, UNKNOWN, Target
from whatsit.mapped import rows_at_once
from whatsit.training.heads.head import Floats, Head, Linear, Neighbours

Labels = NDArray[np.int64]

# How weakly the linear head is held to small weights (scikit-learn's C on features of spread one).
STRENGTHS = (1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0)
COUNTS = (1.0, 3.0, 5.0, 9.0)  # neighbours
SHARPNESS = 10.0  # of their votes: a photo at a right angle to the nearest has a vote of e**-10
TINY = 20  # photos a class below which a linear head may lose to means or neighbours
MOST_STEPS, TOLERANCE = 300, 1e-3  # of logistic regression; strengths that need more steps are not chosen
AT_ONCE = 200  # labels: a step of L-BFGS takes 25 times the memory of their weights, 470 MB of two thousand
LABELS_TOLERANCE = 2e-3  # of several labels: a half of it takes a third more steps, and finds no better answers
NO_CHANGE = 1e-6  # of the largest spread: a feature that differs by less never changes
SAME_DIRECTION = 1e-6  # of the longest direction: photos that differ by less along one do not differ along it
# What it takes to turn features along their directions: two products with as many multiplications a photo as two
# steps with as many labels as there are features, and their eigenvectors; and how many steps of a fit that saves.
TURNING, STEPS_SAVED = 2.5, 40
ABSENT = 20.0  # how far below the others a class lies that a fold has no photo of


@dataclass(frozen=True)
class Learning:
    """What a head learns from: features (n, d), labels in the form of `target`, and the weight of each class."""

    features: NDArray[np.float32]
    labels: Labels
    classes: int
    weights: NDArray[np.float32] | None = None
    target: Target = ONE_CLASS

    def at(self, rows: NDArray[np.int64]) -> Learning:
        """Only the photos at `rows`."""
        return replace(self, features=self.features[rows], labels=self.labels[rows])

    def of_labels(self, most: int) -> Learning:
        """Only so many of several labels, rare and frequent ones alike; the same where there are no more."""
        if self.labels.ndim == 1 or self.classes <= most:
            return self
        by_count = np.argsort((self.labels == 1).sum(axis=0), kind="stable")
        some = np.sort(by_count[np.linspace(0, self.classes - 1, most).astype(np.int64)])
        return replace(self, labels=self.labels[:, some], classes=most)

    @property
    def strata(self) -> Labels:
        """(n,) the class of each photo; of several labels the rarest that it has."""
        return self.target.strata(self.labels)

    @property
    def dealt_by(self) -> Labels:
        """What folds deal evenly: (n,) classes, or (n, k) the 0s and 1s of several labels."""
        memberships = self.target.memberships(self.labels)
        return self.strata if memberships is None else memberships

    def find_hits(self, logits: Floats) -> NDArray[np.bool_]:
        """(n,) whether what such logits say of each photo is right."""
        decided = self.target.decide(self.target.link(logits), NO_RULE)
        return self.target.hits(decided, self.labels)


@dataclass(frozen=True)
class HeadKind:
    """A kind of head: its settings, and what fits a head for each of them, in their order."""

    name: str
    setting: str
    settings: Sequence[float]
    fit: Callable[[Learning, Sequence[float]], Iterator[Head]]


def fit_linear(learning: Learning, strengths: Sequence[float]) -> Iterator[Linear]:
    """Regularised logistic regression, each strength started from the solution of the one before."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    mean, spread = measure_scaling(learning.features)
    scaled = np.asarray((learning.features - mean) / spread, np.float32)
    weights = None if learning.weights is None else dict(enumerate(learning.weights.tolist()))
    fitted = LogisticRegression(warm_start=True, max_iter=MOST_STEPS, tol=TOLERANCE, class_weight=weights)
    for strength in strengths:
        fitted.set_params(C=strength)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted.fit(scaled, learning.labels)
        yield _unscale(*_all_classes(fitted, learning.classes), mean, spread)


def fit_labels(learning: Learning, strengths: Sequence[float]) -> Iterator[Linear]:
    """A regularised logistic regression for each of several labels, many at once; what is UNKNOWN counts nothing.

    The objective is that of `fit_linear`, by L-BFGS; each strength goes on from the one before, and the first from
    how often each label occurs. Steps are taken in weights times the root of about how steeply the objective bends
    along them: that of a photo's most common direction and of its rarest differ by thousands.
    """
    from scipy.optimize import minimize

    mean, spread = measure_scaling(learning.features)
    scaled = np.asarray((learning.features - mean) / spread, np.float32)
    scaled, directions = _find_directions(scaled, learning.classes * len(strengths))
    photos, width = scaled.shape
    there = (learning.labels == 1).sum(axis=0) + 0.5
    missing = (learning.labels == 0).sum(axis=0) + 0.5
    bends = there * missing / (there + missing) ** 2  # of a label that is said as often as it is there
    squares = np.einsum("nk,nk->k", scaled, scaled, dtype=np.float64) / photos

    def measure(
        flat: Floats, strength: float, scale: Floats, known: NDArray[np.float32], true: NDArray[np.float32]
    ) -> tuple[float, Floats]:
        """The objective a photo of some labels, and its gradient."""
        both = flat.reshape(width + 1, -1) * scale
        logits = scaled @ both[:-1].astype(np.float32) + both[-1].astype(np.float32)
        below = np.exp(-np.abs(logits))
        loss = known * (np.log1p(below) + np.maximum(logits, 0) - true * logits)
        wrong = known * (np.where(logits >= 0, 1, below) / (1 + below) - true)
        gradient = np.concatenate([scaled.T @ wrong, wrong.sum(axis=0)[None]]).astype(np.float64) / photos
        gradient[:-1] += both[:-1] / (strength * photos)
        penalty = float((both[:-1] ** 2).sum()) / (2 * strength * photos)
        return float(loss.sum(dtype=np.float64)) / photos + penalty, (gradient * scale).reshape(-1)

    found = np.concatenate([np.zeros((width, learning.classes)), np.log(there / missing)[None]])
    steps = {"maxiter": MOST_STEPS, "gtol": LABELS_TOLERANCE}
    for strength in strengths:
        for block in _mix(there):
            labels, bend = learning.labels[:, block], bends[block]
            truth = ((labels != UNKNOWN).astype(np.float32), (labels == 1).astype(np.float32))
            scale = np.concatenate([squares[:, None] * bend + 1 / (strength * photos), bend[None]]) ** -0.5
            start = (found[:, block] / scale).reshape(-1)
            given = (strength, scale, *truth)
            fitted = minimize(measure, start, given, jac=True, method="L-BFGS-B", options=steps)
            found[:, block] = fitted.x.reshape(width + 1, -1) * scale
        weights = found[:-1].T if directions is None else found[:-1].T @ directions
        yield _unscale(weights, found[-1], mean, spread)


def _mix(counts: NDArray[np.floating]) -> list[NDArray[np.int64]]:
    """Labels in blocks of at most AT_ONCE, in each some of every frequency: the steps end by the largest gradient,
    and those of rare labels alone would be small before anything is learnt."""
    by_count, blocks = np.argsort(counts, kind="stable"), -(-len(counts) // AT_ONCE)
    return [np.sort(by_count[first::blocks]) for first in range(blocks)]


def _find_directions(scaled: NDArray[np.float32], fits: int) -> tuple[NDArray[np.float32], Floats | None]:
    """Features (n, k) along the directions in which photos differ, and these, (k, d), of length one; as they are,
    and None, where so few fits take less time without.

    A ridge penalty leaves weights no part across directions, so both have the same solution. Along them features
    say nothing of each other, so steps are as long as they may be; and of a few hundred photos with thousands of
    labels there are a fifth of the numbers. `scaled` is written over where it is as large.
    """
    photos, width = scaled.shape
    if photos < width:
        exact = scaled.astype(np.float64)
        squares, left = np.linalg.eigh(exact @ exact.T)  # (n, n): a fifth of the time of an SVD
        differs = squares > SAME_DIRECTION**2 * squares.max()
        left, lengths = left[:, differs], np.sqrt(squares[differs])
        return (left * lengths).astype(np.float32), (left / lengths).T @ exact
    if width * (1 + TURNING * width / photos) > STEPS_SAVED * fits:
        return scaled, None
    _, directions = np.linalg.eigh((scaled.T @ scaled).astype(np.float64))
    for some in rows_at_once(scaled):
        scaled[some] = scaled[some] @ directions.astype(np.float32)
    return scaled, directions.T


def measure_scaling(features: Floats) -> tuple[Floats, Floats]:
    """The mean and spread of each feature, (d,) float64; a spread of one where a feature never changes."""
    mean = features.mean(axis=0, dtype=np.float64)
    spread = features.std(axis=0, dtype=np.float64)
    spread[spread < NO_CHANGE * max(spread.max(), 1e-12)] = 1.0
    return np.asarray(mean), np.asarray(spread)


def _all_classes(fitted: Any, classes: int) -> tuple[Floats, Floats]:
    """Coefficients (classes, d) and intercepts; of two classes scikit-learn gives the difference."""
    coefficients, intercepts = fitted.coef_, fitted.intercept_
    if len(coefficients) == 1:
        coefficients = np.concatenate([-coefficients / 2, coefficients / 2])
        intercepts = np.concatenate([-intercepts / 2, intercepts / 2])
    whole = np.zeros((classes, coefficients.shape[1]))
    bias = np.full(classes, intercepts.min() - ABSENT)
    whole[fitted.classes_], bias[fitted.classes_] = coefficients, intercepts
    return whole, bias


def _unscale(coefficients: Floats, intercepts: Floats, mean: Floats, spread: Floats) -> Linear:
    weights = coefficients / spread
    return Linear(weights.T.astype(np.float32), (intercepts - weights @ mean).astype(np.float32))


def fit_means(learning: Learning, _settings: Sequence[float]) -> Iterator[Linear]:
    """Each class by the mean of its photos: the nearest mean is a linear head."""
    mean, spread = measure_scaling(learning.features)
    scaled = (learning.features - mean) / spread
    votes = _votes(learning).astype(np.float64)
    counts = votes.sum(axis=0)
    centres = votes.T @ scaled / np.maximum(counts, 1)[:, None]  # (classes, d)
    scale = 1 / np.sqrt(scaled.shape[1])  # distances grow with the features; the temperature does the rest
    bias = np.where(counts > 0, -(centres**2).sum(axis=1) / 2 * scale, -ABSENT * scaled.shape[1])
    yield _unscale(centres * scale, bias, mean, spread)


def fit_neighbours(learning: Learning, counts: Sequence[float]) -> Iterator[Neighbours]:
    """The nearest training photos by the angle between centred features."""
    mean = learning.features.mean(axis=0, dtype=np.float64).astype(np.float32)
    centred = learning.features - mean
    bank = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    for count in counts:
        yield Neighbours(mean, bank, _votes(learning), min(int(count), len(bank)), SHARPNESS)


def _votes(learning: Learning) -> NDArray[np.float32]:
    return np.eye(learning.classes, dtype=np.float32)[learning.labels]


SEVERAL_LINEAR = HeadKind("linear", "strength", STRENGTHS, fit_labels)  # for any number of labels a photo
KINDS: dict[str, HeadKind] = {
    "linear": HeadKind("linear", "strength", STRENGTHS, fit_linear),
    "means": HeadKind("means", "", (0.0,), fit_means),
    "neighbours": HeadKind("neighbours", "neighbours", COUNTS, fit_neighbours),
}

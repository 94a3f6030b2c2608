"""Heads fitted to features, and the best of them found by cross-validation among the training photos."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit import engine
from whatsit.model.calibrate import fit_temperature, softmax
from whatsit.training.heads.head import Floats, Head, Linear, Neighbours

Labels = NDArray[np.int64]

# How weakly the linear head is held to small weights (scikit-learn's C on features of spread one).
STRENGTHS = (1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0)
COUNTS = (1.0, 3.0, 5.0, 9.0)  # neighbours
SHARPNESS = 10.0
FOLDS = 5
MOST_COMPARED = 5_000  # photos that settings are compared on; the chosen one is fitted to all
TINY = 20  # photos a class below which a linear head may lose to means or neighbours


@dataclass(frozen=True)
class Learning:
    """What a head learns from: features (n, d), labels (n,) below `classes`, and the weight of each class."""

    features: NDArray[np.float32]
    labels: Labels
    classes: int
    weights: NDArray[np.float32] | None = None

    def chosen(self, rows: NDArray[np.int64]) -> Learning:
        """Only the photos at `rows`."""
        return Learning(self.features[rows], self.labels[rows], self.classes, self.weights)


@dataclass(frozen=True)
class Kind:
    """A kind of head: its settings, and what fits a head for each of them, in their order."""

    name: str
    setting: str
    settings: Sequence[float]
    fit: Callable[[Learning, Sequence[float]], Iterator[Head]]


@dataclass(frozen=True)
class Choice:
    """The head that cross-validation chose, fitted to all, and a row a candidate, for history.csv.

    compared: (k,) which photos were compared on; logits: (k, classes) what heads like it said of them, unseen
    """

    head: Head
    kind: Kind
    setting: float
    rows: list[dict[str, Any]]
    compared: NDArray[np.int64]
    logits: Floats

    @property
    def name(self) -> str:
        """As in `linear, strength 0.03`."""
        return _name(self.kind, self.setting)


def linear(learning: Learning, strengths: Sequence[float]) -> Iterator[Linear]:
    """Regularised logistic regression, each strength started from the solution of the one before."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    mean, spread = scaling(learning.features)
    scaled = np.asarray((learning.features - mean) / spread, np.float32)
    weights = None if learning.weights is None else dict(enumerate(learning.weights.tolist()))
    fitted = LogisticRegression(warm_start=True, max_iter=300, tol=1e-3, class_weight=weights)
    for strength in strengths:
        fitted.set_params(C=strength)
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", ConvergenceWarning
            )  # the strengths that need more steps are not chosen
            fitted.fit(scaled, learning.labels)
        yield _unscaled(*_all_classes(fitted, learning.classes), mean, spread)


def scaling(features: Floats) -> tuple[Floats, Floats]:
    """The mean and spread of each feature, (d,) float64; a spread of one where a feature never changes."""
    mean = features.mean(axis=0, dtype=np.float64)
    spread = features.std(axis=0, dtype=np.float64)
    spread[spread < 1e-6 * max(spread.max(), 1e-12)] = 1.0
    return np.asarray(mean), np.asarray(spread)


def _all_classes(fitted: Any, classes: int) -> tuple[Floats, Floats]:
    """Coefficients (classes, d) and intercepts; of two classes scikit-learn gives the difference."""
    coefficients, intercepts = fitted.coef_, fitted.intercept_
    if len(coefficients) == 1:
        coefficients = np.concatenate([-coefficients / 2, coefficients / 2])
        intercepts = np.concatenate([-intercepts / 2, intercepts / 2])
    whole = np.zeros((classes, coefficients.shape[1]))
    bias = np.full(classes, intercepts.min() - _ABSENT)
    whole[fitted.classes_], bias[fitted.classes_] = coefficients, intercepts
    return whole, bias


_ABSENT = 20.0  # how far below the others a class lies that a fold has no photo of


def _unscaled(coefficients: Floats, intercepts: Floats, mean: Floats, spread: Floats) -> Linear:
    weights = coefficients / spread
    return Linear(weights.T.astype(np.float32), (intercepts - weights @ mean).astype(np.float32))


def means(learning: Learning, _settings: Sequence[float]) -> Iterator[Linear]:
    """Each class by the mean of its photos: the nearest mean is a linear head."""
    mean, spread = scaling(learning.features)
    scaled = (learning.features - mean) / spread
    votes = _votes(learning).astype(np.float64)
    counts = votes.sum(axis=0)
    centres = votes.T @ scaled / np.maximum(counts, 1)[:, None]  # (classes, d)
    scale = 1 / np.sqrt(
        scaled.shape[1]
    )  # distances grow with the number of features; the temperature does the rest
    bias = np.where(counts > 0, -(centres**2).sum(axis=1) / 2 * scale, -_ABSENT * scaled.shape[1])
    yield _unscaled(centres * scale, bias, mean, spread)


def neighbours(learning: Learning, counts: Sequence[float]) -> Iterator[Neighbours]:
    """The nearest training photos by the angle between centred features."""
    mean = learning.features.mean(axis=0, dtype=np.float64).astype(np.float32)
    centred = learning.features - mean
    bank = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    for count in counts:
        yield Neighbours(mean, bank, _votes(learning), min(int(count), len(bank)), SHARPNESS)


def _votes(learning: Learning) -> NDArray[np.float32]:
    return np.eye(learning.classes, dtype=np.float32)[learning.labels]


KINDS: dict[str, Kind] = {
    "linear": Kind("linear", "strength", STRENGTHS, linear),
    "means": Kind("means", "", (0.0,), means),
    "neighbours": Kind("neighbours", "neighbours", COUNTS, neighbours),
}


def chosen(learning: Learning, groups: NDArray[np.int64], kinds: Sequence[Kind], seed: int) -> Choice:
    """The head of some kinds whose out-of-fold answers are best: the setting of least loss of each kind, and of
    these the kind of least loss at its best temperature.

    groups: (n,) equal numbers for photos that must not be on both sides of a fold
    """
    tried = [(kind, setting) for kind in kinds for setting in kind.settings]
    some = _sample(learning.labels, seed)
    folds = folds_of(learning.labels[some], groups[some], seed)
    if not folds or len(tried) == 1:
        kind = kinds[0]
        setting = kind.settings[len(kind.settings) // 2]  # too few photos to compare on: the middle one
        nothing = np.zeros((0, learning.classes))
        return Choice(_fitted(learning, kind, setting), kind, setting, [_row(kind, setting)], some[:0], nothing)
    compared = learning.chosen(some)
    answers = [logits for kind in kinds for logits in out_of_fold(compared, folds, kind, kind.settings)]
    rows = [
        _row(kind, setting, logits, compared.labels)
        for (kind, setting), logits in zip(tried, answers, strict=True)
    ]
    best = min(_best_of_each(tried, rows), key=lambda at: float(rows[at]["calibrated_loss"]))
    kind, setting = tried[best]
    rows[best]["chosen"] = "yes"
    return Choice(_fitted(learning, kind, setting), kind, setting, rows, some, answers[best])


def _best_of_each(tried: Sequence[tuple[Kind, float]], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Where the setting of least loss of each kind stands."""
    best: dict[str, int] = {}
    for at, (kind, _setting) in enumerate(tried):
        if kind.name not in best or rows[at]["loss"] < rows[best[kind.name]]["loss"]:
            best[kind.name] = at
    return list(best.values())


def out_of_fold(
    learning: Learning, folds: Sequence[NDArray[np.int64]], kind: Kind, settings: Sequence[float]
) -> list[Floats]:
    """(n, classes) logits of each photo by heads that have not seen it, for each setting."""
    every = np.arange(len(learning.labels))
    answers: list[Floats] = [np.zeros((len(every), learning.classes)) for _ in settings]

    def fit_without(held: NDArray[np.int64]) -> list[Floats]:
        rest = learning.chosen(np.setdiff1d(every, held))
        return [head.logits(learning.features[held]) for head in kind.fit(rest, settings)]

    for held, found in zip(folds, engine.each(fit_without, folds), strict=True):
        for whole, logits in zip(answers, found, strict=True):
            whole[held] = logits
    return answers


def folds_of(labels: Labels, groups: NDArray[np.int64], seed: int) -> list[NDArray[np.int64]]:
    """The rows of FOLDS parts, classes as even as can be, groups whole; fewer parts where a class has fewer
    groups, and none where a class has one."""
    from sklearn.model_selection import StratifiedKFold

    _, firsts, group_of = np.unique(groups, return_index=True, return_inverse=True)
    count = min(FOLDS, int(np.bincount(labels[firsts])[np.unique(labels)].min(initial=FOLDS)))
    if count < 2:
        return []
    parts = StratifiedKFold(count, shuffle=True, random_state=seed).split(firsts, labels[firsts])
    return [np.flatnonzero(np.isin(group_of, held)) for _rest, held in parts]


def _sample(labels: Labels, seed: int) -> NDArray[np.int64]:
    """At most MOST_COMPARED rows, classes in proportion but none left out."""
    if len(labels) <= MOST_COMPARED:
        return np.arange(len(labels))
    order = np.random.default_rng(seed).permutation(len(labels))
    share = MOST_COMPARED / len(labels)
    kept = [
        order[labels[order] == label][: max(FOLDS, round(share * count))]
        for label, count in enumerate(np.bincount(labels))
    ]
    return np.sort(np.concatenate(kept))


def _fitted(learning: Learning, kind: Kind, setting: float) -> Head:
    (head,) = kind.fit(learning, (setting,))
    return head


def _name(kind: Kind, setting: float) -> str:
    return f"{kind.name}, {kind.setting} {setting:g}" if kind.setting else kind.name


def _row(kind: Kind, setting: float, logits: Floats | None = None, labels: Labels | None = None) -> dict[str, Any]:
    name = _name(kind, setting)
    if logits is None or labels is None:
        return {"candidate": name, "accuracy": "", "loss": "", "calibrated_loss": "", "chosen": "yes"}
    return {
        "candidate": name,
        "accuracy": round(float((logits.argmax(axis=1) == labels).mean()), 4),
        "loss": _loss(logits, labels),
        "calibrated_loss": _loss(logits / fit_temperature(logits, labels), labels),
        "chosen": "",
    }


def _loss(logits: Floats, labels: Labels) -> float:
    of_true = softmax(logits)[np.arange(len(labels)), labels]
    return round(float(-np.log(np.maximum(of_true, 1e-12)).mean()), 5)

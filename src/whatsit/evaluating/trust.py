"""How far a model can be believed: calibration, accuracy against coverage, telling strange photos apart."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.evaluating.metrics import Floats, Labels
from whatsit.model.share import CONFIDENCE, Share, normal_quantile, share_of

BINS = 15  # of equal width, as in Guo et al. (ICML 2017), so that figures compare
TRIALS = 500  # imagined test parts for the error that chance alone makes


@dataclass(frozen=True)
class Bin:
    """Photos of about one probability: the mean of what was claimed, and the share that was right."""

    claimed: float
    right: Share


def reliability(labels: Labels, probabilities: Floats, bins: int = BINS) -> list[Bin]:
    """Claimed probability against the share that was right, a bin each; empty bins are left out."""
    claimed, hits = _claims(labels, probabilities)
    places = _places(claimed, bins)
    return [
        Bin(float(claimed[here].mean()), share_of(hits[here]))
        for here in (places == place for place in range(bins))
        if here.any()
    ]


def calibration_error(labels: Labels, probabilities: Floats, bins: int = BINS) -> float:
    """ECE: the mean distance of claimed probability from the share that was right, weighted by photos, 0..1."""
    claimed, hits = _claims(labels, probabilities)
    return _ece(claimed, hits.astype(np.float64), _places(claimed, bins), bins)


def calibration_error_by_chance(probabilities: Floats, seed: int = 0, bins: int = BINS) -> float:
    """The ECE that a perfectly calibrated model stays below in 95 % of test parts of this size.

    With few photos ECE is never zero; an error below this is no evidence of bad calibration.
    """
    claimed = probabilities.max(axis=1).astype(np.float64)
    places = _places(claimed, bins)
    random = np.random.default_rng(seed)
    errors = [
        _ece(claimed, (random.random(len(claimed)) < claimed).astype(np.float64), places, bins)
        for _ in range(TRIALS)
    ]
    return float(np.quantile(errors, CONFIDENCE))


def _claims(labels: Labels, probabilities: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    return probabilities.max(axis=1).astype(np.float64), probabilities.argmax(axis=1) == labels


def _places(claimed: Floats, bins: int) -> NDArray[np.int64]:
    return np.clip(np.ceil(claimed * bins).astype(np.int64) - 1, 0, bins - 1)  # (low, high], as is usual


def _ece(claimed: Floats, hits: Floats, places: NDArray[np.int64], bins: int) -> float:
    gaps = np.bincount(places, weights=claimed - hits, minlength=bins)
    return float(np.abs(gaps).sum() / max(1, len(claimed)))


@dataclass(frozen=True)
class Coverage:
    """Accuracy where only the surest photos are answered.

    shares:     (k,) share of photos answered, ascending to 1
    accuracies: (k,) accuracy among these
    least:      (k,) the least probability (or score) that was answered
    """

    shares: Floats
    accuracies: Floats
    least: Floats

    def at_accuracy(self, wanted: float, least_share: float = 0.0) -> float:
        """The largest share that can be answered with at least this accuracy; 0 where none of `least_share` or
        more can (a few photos show no accuracy)."""
        enough = (self.accuracies >= wanted) & (self.shares >= least_share)
        return float(self.shares[enough].max()) if enough.any() else 0.0


def accuracy_against_coverage(hits: NDArray[np.bool_], scores: Floats) -> Coverage:
    """Accuracy among the photos of highest score, for every share of them; photos of one score go together."""
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    last = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1) if len(ordered) else np.arange(0)
    answered = last + 1
    return Coverage(answered / max(1, len(hits)), np.cumsum(hits[order])[last] / answered, ordered[last])


@dataclass(frozen=True)
class Auroc:
    """How often a strange photo scores as stranger than a known one: 0.5 is chance; with its 95 % interval."""

    value: float
    low: float
    high: float


def auroc(known: Floats, strange: Floats) -> Auroc:
    """The area under the ROC curve of a score that should be larger for strange photos; ties count half.

    The interval is DeLong's (Biometrics 1988), on the logit scale so that it stays in 0..1.
    """
    if not len(known) or not len(strange):
        return Auroc(math.nan, 0.0, 1.0)
    over_known = _share_below(np.sort(known), strange)  # (strange,)
    under_strange = 1 - _share_below(np.sort(strange), known)  # (known,)
    value = float(over_known.mean())
    if not 0 < value < 1:  # no spread to estimate: as many as there are pairs on the smaller side
        bound = 3 / min(len(known), len(strange))  # the rule of three
        return Auroc(value, max(0.0, value - bound), min(1.0, value + bound))
    spread = over_known.var(ddof=len(strange) > 1) / len(strange) + under_strange.var(ddof=len(known) > 1) / len(
        known
    )
    half = normal_quantile(CONFIDENCE) * math.sqrt(spread) / (value * (1 - value))
    centre = math.log(value / (1 - value))
    return Auroc(value, _logistic(centre - half), _logistic(centre + half))


def _share_below(ordered: Floats, values: Floats) -> Floats:
    """For each value the share of `ordered` below it, those equal counted half."""
    below = np.searchsorted(ordered, values, "left")
    upto = np.searchsorted(ordered, values, "right")
    return np.asarray((below + upto) / 2 / len(ordered))


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-min(max(value, -700), 700)))

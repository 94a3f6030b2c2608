"""A second kind of thing that is predicted, for the tests alone: labels that hold or not, each by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from whatsit.data.dataset import Dataset
from whatsit.data.photos import Arrays
from whatsit.data.target import Cells, Floats, Labels, LabelThresholds
from whatsit.evaluating.figures import share_figures
from whatsit.evaluating.measured import Measured
from whatsit.evaluating.metrics import share_of
from whatsit.model.facts.figures import ShareFigures
from whatsit.model.graph.write import Graph
from whatsit.records import Record
from whatsit.training.loss import Loss

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class SeveralLabels:
    """Any number of labels a photo: (n, classes) of 0 and 1, each with a limit of its own."""

    name: str = "labels"
    says_any_number: bool = True
    columns: Mapping[str, type[str] | type[float]] = field(
        default_factory=lambda: {"predicted": str, "count": float}, hash=False
    )

    def shape(self, photos: int, classes: int) -> tuple[int, ...]:
        return photos, classes

    def counts(self, labels: Labels, _classes: int) -> NDArray[np.int64]:
        return np.asarray(labels.sum(axis=0), np.int64)

    def strata(self, labels: Labels) -> NDArray[np.int64]:
        return np.asarray(labels @ (2 ** np.arange(labels.shape[1])), np.int64)

    def link(self, logits: Floats) -> Floats:
        return np.asarray(expit(logits))

    def misfit(self, logits: Floats, labels: Labels) -> Callable[[float], float]:
        def at(temperature: float) -> float:
            scaled = logits / temperature
            both = np.logaddexp(0, scaled)
            return float((both - labels * scaled).sum() + (both - scaled / 2).mean())

        return at

    def fit_thresholds(self, probabilities: Floats, labels: Labels) -> LabelThresholds:
        """The limit of the best F1 of each label, halfway between two probabilities of validation photos."""
        return tuple(map(_best_limit, probabilities.T, labels.T))

    def decide(self, probabilities: Floats, thresholds: LabelThresholds) -> Labels:
        return np.asarray(probabilities >= np.array(0.5 if thresholds is None else thresholds), np.int64)

    def hits(self, decided: Labels, labels: Labels) -> NDArray[np.bool_]:
        return np.asarray((decided == labels).all(axis=1))

    def conformity(self, probabilities: Floats, labels: Labels) -> Floats:
        return np.asarray(np.where(labels == 1, probabilities, 1.0).min(axis=1))

    def names(self, decided: Any, classes: Sequence[str]) -> tuple[str, ...]:
        return tuple(label for label, holds in zip(classes, decided, strict=True) if holds)

    def text(self, names: Sequence[str]) -> str:
        return "|".join(names)

    def read(self, text: str, places: Mapping[str, int]) -> Any:
        row = np.zeros(len(places), np.int64)
        row[[places[name] for name in text.split("|") if name]] = 1
        return row

    def cells(self, names: Sequence[str], _shares: Mapping[str, float]) -> Cells:
        return {"predicted": self.text(names), "count": float(len(names))}

    def words(self, names: Sequence[str], shares: Mapping[str, float]) -> str:
        return "; ".join(f"{name}, {100 * shares[name]:.0f} %" for name in names) or "none of its labels"


def _best_limit(shares: Floats, truth: Labels) -> float:
    ordered = np.sort(shares)
    limits = (ordered[1:] + ordered[:-1]) / 2

    def f1(limit: float) -> float:
        said = shares >= limit
        return float(2 * (said & (truth == 1)).sum() / max(1, said.sum() + truth.sum()))

    return float(max(limits, key=f1))


SEVERAL_LABELS = SeveralLabels()


def add_sigmoid(graph: Graph, logits: str, output: str) -> None:
    graph.add("Sigmoid", logits, output=output)


def _mean(
    scores: torch.Tensor, labels: torch.Tensor, _weights: torch.Tensor | None, _smoothing: float
) -> torch.Tensor:
    from torch.nn.functional import binary_cross_entropy_with_logits

    return binary_cross_entropy_with_logits(scores, labels.float())


def _total(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    from torch.nn.functional import binary_cross_entropy_with_logits

    return binary_cross_entropy_with_logits(scores, labels.float(), reduction="sum")


def _right(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return ((scores > 0) == (labels == 1)).all(1).sum()


BINARY_CROSS_ENTROPY = Loss(lambda _labels, _classes: None, _mean, _total, _right)


@dataclass(frozen=True)
class LabelFigures(Record):
    """The share of photos with every label right, and the F1 of each label."""

    part: str
    exact: ShareFigures
    f1: tuple[float, ...]


def label_figures(measured: Measured) -> LabelFigures:
    found = measured.reported
    both = (found.chosen * found.labels).sum(axis=0)
    f1 = 2 * both / (found.chosen.sum(axis=0) + found.labels.sum(axis=0))
    return LabelFigures(measured.part, share_figures(share_of(found.hits)), tuple(f1.tolist()))


def red_and_striped(photos: int = 240, side: int = 16, seed: int = 0) -> Dataset:
    """Noisy pictures that are red or not, and striped or not."""
    random = np.random.default_rng(seed)
    labels = random.integers(2, size=(photos, 2))
    pictures = random.normal(110, 20, (photos, side, side, 3))
    pictures[..., 0] += 70 * labels[:, 0, None, None]
    pictures[:, ::4] += 70 * labels[:, 1, None, None, None]
    named = Arrays(np.clip(pictures, 0, 255).astype(np.uint8), [f"{row}.png" for row in range(photos)], f"{seed}")
    none = np.array([""] * photos, dtype="<U5")
    return Dataset("red and striped", ("red", "striped"), named, labels, none, target=SEVERAL_LABELS)

"""What is predicted of a photo: the form of its labels, what a model's outputs say, how right that is, in words.

A target is an entry of the registry `TARGETS`; a data set carries its own, and a model file names any but the
usual one. What needs more than numpy hangs on its name elsewhere, in a registry of the same keys:

    model/graph/link.py     LINKS    the link as nodes of ONNX
    training/loss.py        LOSSES   what training makes smaller
    evaluating/figures.py   FIGURES  the figures of what was measured

Throughout: `labels` are those of n photos in the target's form, `logits` and `probabilities` (n, classes).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from whatsit.errors import UserError
from whatsit.words import percent

Floats = NDArray[np.floating]
Labels = NDArray[np.int64]
# the least probability a label is said at, one a label; None: none were fitted
LabelThresholds = tuple[float, ...] | None
Cells = dict[str, str | float]


class Target(Protocol):
    """One kind of thing that is predicted."""

    @property
    def name(self) -> str:
        """Its name in `TARGETS`, and in the files that say it."""

    @property
    def says_any_number(self) -> bool:
        """Whether an answer says any number of labels (`Answer.labels`), or one (`Answer.label`) alone."""

    @property
    def columns(self) -> Mapping[str, type[str] | type[float]]:
        """The columns for what is said of a photo in tables of answers, and what stands in them."""

    def shape(self, photos: int, classes: int) -> tuple[int, ...]:
        """The shape of the labels of so many photos; they are int64."""

    def counts(self, labels: Labels, classes: int) -> NDArray[np.int64]:
        """(classes,) the photos of each class."""

    def strata(self, labels: Labels) -> NDArray[np.int64]:
        """(n,) numbers from 0 on; photos of one number are dealt evenly over the parts of a split."""

    def link(self, logits: Floats) -> Floats:
        """The probabilities."""

    def misfit(self, logits: Floats, labels: Labels) -> Callable[[float], float]:
        """How unlikely the labels are at a temperature: the negative log-likelihood of float64 logits over it.

        One photo's worth of a uniform prior keeps a perfect validation part from claiming certainty.
        """

    def fit_thresholds(self, probabilities: Floats, labels: Labels) -> LabelThresholds:
        """The thresholds that decide best on validation photos; None where the target decides without."""

    def decide(self, probabilities: Floats, thresholds: LabelThresholds) -> Labels:
        """What is said of each photo, in the form of labels."""

    def hits(self, decided: Labels, labels: Labels) -> NDArray[np.bool_]:
        """(n,) whether what is said of a photo is right."""

    def conformity(self, probabilities: Floats, labels: Labels) -> Floats:
        """(n,) how probable the least probable true label is; `could_be` holds all true ones from there on."""

    def names(self, decided: Any, classes: Sequence[str]) -> tuple[str, ...]:
        """The names of what labels say of one photo, a row of them."""

    def text(self, names: Sequence[str]) -> str:
        """Such names in one cell of a table."""

    def read(self, text: str, places: Mapping[str, int]) -> Any:
        """The labels that such a cell stands for, one row; `places` are those of the classes.

        Raises KeyError where there is no such class.
        """

    def cells(self, names: Sequence[str], shares: Mapping[str, float]) -> Cells:
        """What stands in `columns` for the names that are said; `shares` are the probabilities."""

    def words(self, names: Sequence[str], shares: Mapping[str, float]) -> str:
        """The names that are said of a photo, for a person: `tabby, 93 %`."""


@dataclass(frozen=True)
class OneClass:
    """One class a photo: labels are (n,) indexes into the classes, and the likeliest class is the answer."""

    name: str = "class"
    says_any_number: bool = False
    columns: Mapping[str, type[str] | type[float]] = field(
        default_factory=lambda: {"predicted": str, "probability": float}, hash=False
    )

    def shape(self, photos: int, _classes: int) -> tuple[int, ...]:
        return (photos,)

    def counts(self, labels: Labels, classes: int) -> NDArray[np.int64]:
        return np.bincount(labels, minlength=classes).astype(np.int64)

    def strata(self, labels: Labels) -> NDArray[np.int64]:
        return labels

    def link(self, logits: Floats) -> Floats:
        return softmax(logits)

    def misfit(self, logits: Floats, labels: Labels) -> Callable[[float], float]:
        logits = logits - logits.max(axis=1, keepdims=True)
        rows, classes = np.arange(len(labels)), logits.shape[1]

        def at(temperature: float) -> float:
            scaled = logits / temperature
            log_sum = np.log(np.exp(scaled).sum(axis=1))
            misfit = log_sum.sum() - scaled[rows, labels].sum()
            prior = (log_sum - scaled.mean(axis=1)).mean() / classes
            return float(misfit + prior)

        return at

    def fit_thresholds(self, _probabilities: Floats, _labels: Labels) -> LabelThresholds:
        return None

    def decide(self, probabilities: Floats, _thresholds: LabelThresholds) -> Labels:
        return np.asarray(probabilities.argmax(axis=1), np.int64)

    def hits(self, decided: Labels, labels: Labels) -> NDArray[np.bool_]:
        return np.asarray(decided == labels)

    def conformity(self, probabilities: Floats, labels: Labels) -> Floats:
        return np.asarray(probabilities[np.arange(len(labels)), labels])

    def names(self, decided: Any, classes: Sequence[str]) -> tuple[str, ...]:
        return (classes[decided],)

    def text(self, names: Sequence[str]) -> str:
        return names[0]

    def read(self, text: str, places: Mapping[str, int]) -> Any:
        return places[text]

    def cells(self, names: Sequence[str], shares: Mapping[str, float]) -> Cells:
        return {"predicted": names[0], "probability": shares[names[0]]}

    def words(self, names: Sequence[str], shares: Mapping[str, float]) -> str:
        return f"{names[0]}, {percent(shares[names[0]], 0)}"


def as_texts(cells: Cells) -> dict[str, str]:
    """Cells as CSV has them: numbers with the nine digits that bring back the same float32."""
    return {column: value if isinstance(value, str) else f"{value:.9g}" for column, value in cells.items()}


def softmax(logits: Floats) -> Floats:
    """Rows of (n, classes) as probabilities that sum to one."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


ONE_CLASS = OneClass()
TARGETS: dict[str, Target] = {ONE_CLASS.name: ONE_CLASS}


def find_target(stated: str | None) -> Target:
    """The target that a file states; None is one class a photo. Raises UserError where the name is not known."""
    name = ONE_CLASS.name if stated is None else stated
    if name not in TARGETS:
        raise UserError(
            f"What is predicted is {name!r:.40}, which this whatsit does not know.",
            hint="Update whatsit: pip install -U whatsit",
        )
    return TARGETS[name]


def state_name(target: Target) -> str | None:
    """A target's name as files state it: None for one class a photo, so that they stay as they were."""
    return None if target.name == ONE_CLASS.name else target.name

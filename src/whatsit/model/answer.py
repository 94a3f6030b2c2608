"""What is said about a photo: the same fields in the library, in `--json`, in the API and on the page."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from whatsit.data.target import find_target
from whatsit.words import brief

_OPTIONAL = ("labels", "target")


@dataclass(frozen=True)
class Answer:
    """What a model says about one photo.

    label:         the likeliest class
    probability:   of `label`, calibrated, 0..1
    probabilities: of every class, likeliest first
    could_be:      the classes that cannot be ruled out at the model's coverage (95 %); may be empty
    known:         False where the photo is unlike anything trained on: "not one of these"
    distance:      how strange the photo is; `known` is distance <= the model's threshold
    reason:        why there is no answer at all ("no clear face with two eyes"), else empty
    labels:        all that is said, where that may be any number of labels; None where it is `label`
    target:        what is predicted, by its name in data/target/; None: one class a photo
    """

    label: str
    probability: float
    probabilities: dict[str, float]
    could_be: tuple[str, ...]
    known: bool
    distance: float
    name: str = ""
    reason: str = ""
    labels: tuple[str, ...] | None = None
    target: str | None = None

    __repr__ = brief

    @property
    def said(self) -> tuple[str, ...]:
        """All that is said of the photo."""
        return (self.label,) if self.labels is None else self.labels

    def as_dict(self) -> dict[str, Any]:
        """The answer as JSON has it: without `labels` and `target` where they are None, and without NaN, which it
        does not know (without an answer, `distance` is None)."""
        distance = None if math.isnan(self.distance) else self.distance
        whole = asdict(self) | {"could_be": list(self.could_be), "distance": distance}
        return {name: value for name, value in whole.items() if name not in _OPTIONAL or value is not None}

    def sentence(self) -> str:
        """The answer in words: `tabby, 93 %` or `not one of these (nearest: tabby, 61 %)`."""
        if self.reason:
            return self.reason
        words, shares = find_target(self.target).words, {**self.probabilities, self.label: self.probability}
        return (
            words(self.said, shares)
            if self.known
            else f"not one of these (nearest: {words((self.label,), shares)})"
        )

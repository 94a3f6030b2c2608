"""What is said about a photo: the same fields in the library, in `--json`, in the API and on the page."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any


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
    """

    label: str
    probability: float
    probabilities: dict[str, float]
    could_be: tuple[str, ...]
    known: bool
    distance: float
    name: str = ""
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The answer as JSON has it (which knows no NaN: without an answer, `distance` is None)."""
        distance = None if math.isnan(self.distance) else self.distance
        return asdict(self) | {"could_be": list(self.could_be), "distance": distance}

    def sentence(self) -> str:
        """The answer in words: `tabby, 93 %` or `not one of these (nearest: tabby, 61 %)`."""
        if self.reason:
            return self.reason
        best = f"{self.label}, {100 * self.probability:.0f} %"
        return best if self.known else f"not one of these (nearest: {best})"

"""What is said about a photo: the same fields in the library, in `--json`, in the API and on the page."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

from whatsit import fragments
from whatsit.data.target import find_target
from whatsit.words import brief

LESS_SURE = "less sure than usual"
_OPTIONAL = ("labels", "target", "sure")


@dataclass(frozen=True)
class Answer:
    """What a model says about one photo.

    label:         the likeliest class; of a model that weighs costs the one of least cost
    probability:   of `label`, calibrated, 0..1
    probabilities: of every class, likeliest first
    could_be:      the classes that cannot be ruled out at the model's coverage (95 %); empty where it is less sure
                   of all than it usually is of the true one
    known:         False where the photo is unlike anything trained on: "not one of these"
    distance:      how strange the photo is; `known` is distance <= the model's threshold
    reason:        why there is no answer at all ("no clear face with two eyes"), else empty
    labels:        all that is said, where that may be any number of labels; None where it is `label`
    target:        what is predicted, by its name in data/target/; None: one class a photo
    sure:          False where it is less sure than was wished of answers: "not sure"; None: nothing was wished
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
    sure: bool | None = None

    __repr__ = brief

    def _repr_html_(self) -> str:
        if self.reason:
            return fragments.write_heading(self.name or "No answer", self.reason)
        could_be = ", ".join(self.could_be[: fragments.BARS]) or "none stands out"
        lines = [self.sentence(), f"could be: {could_be}" + (", …" if len(self.could_be) > fragments.BARS else "")]
        return fragments.write_heading(self.name or "Answer", *lines) + fragments.write_bars(self.probabilities)

    @property
    def said(self) -> tuple[str, ...]:
        """All that is said of the photo."""
        return (self.label,) if self.labels is None else self.labels

    @property
    def is_given(self) -> bool:
        """Whether there is an answer to act on: not "not one of these", not "not sure", and the photo was read."""
        return self.known and self.sure is not False and not self.reason

    @property
    def stands_out(self) -> bool:
        """False where the one class that is said is less likely than the true one is for 95 % of known photos."""
        return self.labels is not None or bool(self.could_be) or not self.is_given

    def as_dict(self) -> dict[str, Any]:
        """The answer as JSON has it: without `labels`, `target` and `sure` where they are None, and without NaN,
        which it does not know (without an answer, `distance` is None)."""
        whole = {name: getattr(self, name) for name in _FIELDS}  # not `asdict`: it copies every number by itself
        whole["probabilities"] = dict(self.probabilities)
        whole["could_be"] = list(self.could_be)
        whole["distance"] = None if math.isnan(self.distance) else self.distance
        return {name: value for name, value in whole.items() if name not in _OPTIONAL or value is not None}

    def sentence(self) -> str:
        """The answer in words: `tabby, 93 %`, `tabby, 58 % (less sure than usual)`, or
        `not one of these (nearest: tabby, 61 %)`."""
        if self.reason:
            return self.reason
        words, shares = find_target(self.target).words, {**self.probabilities, self.label: self.probability}
        if not self.known:
            return f"not one of these (nearest: {words((self.label,), shares)})"
        said = words(self.said, shares)
        if not self.is_given:
            return f"not sure (likeliest: {said})"
        return said if self.stands_out else f"{said} ({LESS_SURE})"


_FIELDS = tuple(field.name for field in fields(Answer))

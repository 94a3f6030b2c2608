"""The operating point of a model: what was wished of its answers, and what it came to on other photos."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from whatsit import words
from whatsit.data.target import NEVER_SAID, AnswerCounts
from whatsit.records import Record
from whatsit.words import percent

NAMED = 5  # labels in a sentence


@dataclass(frozen=True)
class PointCounts(Record):
    """What the point came to on the photos it was chosen on: see `data.target.AnswerCounts`.

    is_found: whether a threshold was found by which the wish is kept. Without one nothing is said (of a wish for
              precision) or everything (for recall), which keeps it too
    """

    photos: int
    answered: int
    right: int
    there: int
    is_found: bool


@dataclass(frozen=True)
class Point(Record):
    """An operating point.

    wish:       as it was typed: "precision=0.99", "recall=0.95"; "costs" where those of a table decide
    confidence: with which a share is kept, over draws of the photos it was chosen on
    counts:     of one class once, of several labels for each
    sure:       see `data.target.Rule`, as `costs`; of several labels the thresholds say it
    costs:      of several labels what it costs to miss each and to say it wrongly
    reachable:  where one class's precision cannot be promised: the largest of whole percents that can be, and the
                share of photos that would be answered; None where none can
    """

    wish: str
    confidence: float
    counts: tuple[PointCounts, ...]
    sure: float | None = None
    costs: tuple[tuple[float, ...], ...] | None = None
    reachable: tuple[float, float] | None = None

    @property
    def measure(self) -> str:
        """What is promised: precision or recall; costs where nothing is."""
        return self.wish.partition("=")[0]

    @property
    def least(self) -> str:
        """The share that is promised, in words; empty where costs decide."""
        share = self.wish.partition("=")[2]
        return f"{100 * float(share):g} %" if share else ""

    @property
    def all(self) -> AnswerCounts:
        """The counts of all labels together; of one class those there are."""
        each = [(one.photos, one.answered, one.right, one.there) for one in self.counts]
        return AnswerCounts(*map(sum, zip(*each, strict=True)))

    def promise(self) -> str:
        """What the model keeps to, in a sentence; empty where there is nothing that it could."""
        if self.measure == "costs":
            return "says what costs least on average, by a table of what mistakes cost"
        if not any(one.is_found for one in self.counts):
            return ""
        what = {
            (True, "precision"): "at least {} of its answers are right",
            (True, "recall"): "at least {} of the photos that it would answer rightly are answered",
            (False, "precision"): "for each label by itself, at least {} of the photos it is said of have it",
            (False, "recall"): "for each label by itself, at least {} of the photos that have it are found",
        }[self.sure is not None, self.measure].format(self.least)
        return f"{what}, with {percent(self.confidence, 0)} confidence, on photos like these"

    def warnings(self, classes: Sequence[str], fewest: int) -> Iterator[str]:
        """What cannot be promised, a sentence each. `fewest` photos, all of them right, are the least it takes."""
        if self.measure == "costs":
            return
        if self.sure is not None:
            yield from self._warn_of_one(fewest)
            return
        lost = [label for label, one in zip(classes, self.counts, strict=True) if not one.is_found]
        if lost:
            named = ", ".join(lost[:NAMED]) + (f" and {len(lost) - NAMED} more" if lost[NAMED:] else "")
            verb = "never said" if self.measure == "precision" else "said of every photo"
            yield (
                f"{self.wish} cannot be promised for {named}, which is therefore {verb}. "
                f"It takes at least {fewest} photos with the label, all of them right."
            )

    def _warn_of_one(self, fewest: int) -> Iterator[str]:
        (counts,) = self.counts
        if counts.is_found:
            return
        if self.measure == "recall":
            yield (
                f"{self.wish} leaves no photo out: {words.photos(counts.there)} that it answers rightly cannot "
                f"promise that no more are lost ({fewest} are needed)."
            )
            return
        if counts.photos < fewest:
            why = f"on {words.photos(counts.photos)} ({fewest} are needed, all of them right)"
        else:
            why = f"on these {words.photos(counts.photos)}, as too many of its surest answers are wrong"
        reach = "No other precision can be promised either."
        if self.reachable is not None:
            share, answered = self.reachable
            reach = f"precision={share:g} can be, with {percent(answered, 0)} of the photos answered."
        yield f"{self.wish} cannot be promised {why}. So every answer is “not sure”. {reach}"

    def contradictions(self, classes: int, is_several: bool) -> Iterator[str]:
        """What cannot be in it, a sentence's end each, for a model of so many classes."""
        if len(self.counts) != (classes if is_several else 1):
            yield f"counts its operating point {len(self.counts)} times"
        if (self.sure is None) != (is_several or self.costs is not None):
            yield f"does not say by what {self.wish!r:.40} is decided"
        if self.sure is not None and not 0 <= self.sure <= NEVER_SAID:
            yield f"is sure from the probability {self.sure:g} on, which cannot be"
        if self.costs is not None:
            widths = (2,) if is_several else (classes, classes + 1)
            if len(self.costs) != classes or len({len(row) for row in self.costs}) != 1:
                yield f"has costs for {len(self.costs)} of {classes} classes"
            elif len(self.costs[0]) not in widths:
                yield f"has the costs of {len(self.costs[0])} answers for {classes} classes"
            if not all(0 <= cost < math.inf for row in self.costs for cost in row):
                yield "has costs that are no numbers from 0 on"

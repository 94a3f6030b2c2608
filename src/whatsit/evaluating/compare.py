"""Finished runs side by side: their figures, their curves, and whether they differ at all.

Two models are compared on the test photos that both were measured on, photo by photo, which is far sharper
than comparing two accuracies; a run is called better only where the interval of the difference leaves out zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit import fragments, words
from whatsit.data.target import NO_RULE, ONE_CLASS, Target, find_target
from whatsit.errors import UserError
from whatsit.evaluating.labels import compare_mean_precision
from whatsit.evaluating.metrics import Difference, paired_difference
from whatsit.evaluating.predictions import Predictions, read_predictions
from whatsit.model.classifier import MODEL_FILE
from whatsit.model.container import read_facts
from whatsit.model.facts.figures import Figures, ShareFigures
from whatsit.model.given import read_file
from whatsit.model.run import Run
from whatsit.model.share import CONFIDENCE
from whatsit.records import as_json
from whatsit.words import brief

TestPhoto = tuple[str, str, str]  # its name, the digest of its content, its true class
COMPARED = ("accuracy", "interval", "n", "macro_f1", "ece", "log_loss")


@dataclass(frozen=True)
class Side:
    """A run in the comparison: what it is called there, and whether it got each of its test photos right."""

    name: str
    run: Run
    hits: dict[TestPhoto, bool]
    found: Predictions

    @property
    def figures(self) -> Figures:
        """Its figures, as run.json has them."""
        return self.run.info.figures

    def point_sentence(self) -> str:
        """How many of its photos it answers at its operating point, and how many of these rightly; or that it has
        no such point."""
        point, several = self.figures.point, self.figures.several is not None
        if point is None:
            unwished = "nothing was wished of its labels" if several else "it is never “not sure”"
            return f"{self.name} has no operating point: {unwished}."
        what, of_them = ("says some label of", "of these labels are there") if several else ("answers", "rightly")
        if point.answered.right == 0:
            return f"{self.name} at {point.wish} {what} none of its {words.photos(self.figures.n)}."
        given, right = (_in_words(share) for share in (point.answered, point.precision))
        return (
            f"{self.name} at {point.wish} {what} {given} of its {words.photos(self.figures.n)}, {right} {of_them}."
        )

    @property
    def model_bytes(self) -> int:
        """The size of its model file."""
        return (self.run.folder / MODEL_FILE).stat().st_size

    def as_dict(self) -> dict[str, Any]:
        """What `--json` prints of it."""
        figures, spent = as_json(self.figures), self.run.info.seconds
        return {
            "name": self.name,
            "recipe": self.run.info.recipe,
            **{figure: figures[figure] for figure in COMPARED},
            **({} if self.figures.point is None else {"point": figures["point"]}),
            "model_bytes": self.model_bytes,
            "seconds": as_json(spent) if spent else {},
        }


@dataclass(frozen=True)
class Pair:
    """Two runs on the test photos they share."""

    first: str
    second: str
    difference: Difference
    measure: str = ""  # what differs, where it is not the share of photos that are right

    @property
    def better(self) -> str:
        """The name of the better run; empty where the difference is not clear."""
        if not self.difference.is_clear:
            return ""
        return self.first if self.difference.value > 0 else self.second

    def sentence(self) -> str:
        """What can be said of the two."""
        found = self.difference
        where = f"on the {words.count(found.n, 'test photo')} they share"
        if not self.better:
            interval = f"{format_points(found.low)} to {format_points(found.high)}"
            return (
                f"{self.first} and {self.second} cannot be told apart {where}: "
                f"a difference of {format_points(found.value)} points{self.measure} ({interval})."
            )
        worse = self.second if self.better == self.first else self.first
        low, high = sorted((abs(found.low), abs(found.high)))
        size = f"{100 * abs(found.value):.1f} points{self.measure} ({100 * low:.1f} to {100 * high:.1f})"
        return f"{self.better} is better than {worse} by {size} {where}."

    def as_dict(self) -> dict[str, Any]:
        """What `--json` prints of it."""
        return {
            "first": self.first,
            "second": self.second,
            **asdict(self.difference),
            "better": self.better or None,
        }


def format_points(share: float) -> str:
    """A difference of shares in percentage points: `+1.2`, `−0.3`, `0`."""
    return f"{100 * share:+.1f}".replace("-", "\N{MINUS SIGN}") if share else "0"


def _in_words(share: ShareFigures) -> str:
    assert share.accuracy is not None  # of what was answered, and something was
    low, high = (words.percent(end) for end in share.interval)
    return f"{words.percent(share.accuracy)} ({low} to {high})"


@dataclass(frozen=True)
class Comparison:
    """Runs, and every two of them."""

    sides: tuple[Side, ...]
    pairs: tuple[Pair, ...]

    __repr__ = brief

    def _repr_html_(self) -> str:
        rows = [(one.name, one.run.info.recipe, _accuracy_of(one.figures), one.figures.n) for one in self.sides]
        said = "".join(f"<div>{fragments.write_text(line)}</div>" for line in self.sentences())
        return fragments.write_table(("run", "recipe", "right (95 % interval)", "photos"), rows) + said

    def list_points(self) -> tuple[Side, ...]:
        """All of the runs, where one at least has an operating point."""
        return self.sides if any(side.figures.point is not None for side in self.sides) else ()

    def sentences(self) -> list[str]:
        """All that can be said: of every two runs, and of the operating points."""
        several = len(self.pairs) > 1
        wider = "The intervals are wider than those of two runs alone: all of them hold together."
        return [
            *(pair.sentence() for pair in self.pairs),
            *([wider] if several else []),
            *(side.point_sentence() for side in self.list_points()),
        ]

    def isolated(self) -> Comparison:
        """The same with the runs' names set apart, for a page: one written from right to left turns nothing."""
        pairs = (
            replace(one, first=words.isolate(one.first), second=words.isolate(one.second)) for one in self.pairs
        )
        return Comparison(tuple(replace(one, name=words.isolate(one.name)) for one in self.sides), tuple(pairs))

    def as_dict(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "runs": [side.as_dict() for side in self.sides],
            "differences": [pair.as_dict() for pair in self.pairs],
        }


def _accuracy_of(figures: Figures) -> str:
    low, high = (words.percent(end) for end in figures.interval)
    return f"{words.percent(figures.accuracy)} ({low} to {high})"


def compare(runs: Sequence[Run]) -> Comparison:
    """Two or more finished runs side by side.

    The intervals of all differences hold together with 95 % confidence (Bonferroni), so that of many runs none
    looks better by chance. Raises UserError where there are fewer than two, or two that share no test photo.
    """
    folders = [run.folder.resolve() for run in runs]
    if len(folders) < 2 or len(set(folders)) < len(folders):
        raise UserError("It takes two different runs to compare.", hint="whatsit compare runs/ONE runs/OTHER")
    is_unique = len({run.name for run in runs}) == len(runs)
    sides = tuple(Side(run.name if is_unique else str(run.folder), run, *_read_hits(run)) for run in runs)
    both = list(combinations(sides, 2))
    confidence = 1 - (1 - CONFIDENCE) / len(both)
    return Comparison(sides, tuple(_pair(one, other, confidence) for one, other in both))


def _read_hits(run: Run) -> tuple[dict[TestPhoto, bool], Predictions]:
    """Whether each test photo was answered rightly, and all that was said of them."""
    digests = {row["name"]: row["sha256"] for row in run.rows("split")}
    target: Target = ONE_CLASS
    rule = NO_RULE
    if run.info.figures.several is not None or run.info.figures.point is not None:
        facts = read_facts(read_file(run.folder / MODEL_FILE), run.name)
        target, rule = find_target(facts.target), facts.thresholds.rule
    found, classes = read_predictions(run.folder / "predictions.csv", target, rule, run.info.classes)
    photos = [
        (name, digests.get(name, ""), target.write(label, classes))
        for name, label in zip(found.names, found.labels, strict=True)
    ]
    return dict(zip(photos, found.hits.tolist(), strict=True)), found


def _pair(one: Side, other: Side, confidence: float) -> Pair:
    shared = [photo for photo in one.hits if photo in other.hits]
    if not shared:
        raise UserError(
            f"The runs {one.name!r} and {other.name!r} have no test photo in common.",
            hint="Train both on the same data with the same --seed, so that they have the same test photos.",
        )
    are_several = [side.figures.several is not None for side in (one, other)]
    if all(are_several):
        return _pair_of_several(one, other, shared, confidence)
    return Pair(one.name, other.name, paired_difference(_right(one, shared), _right(other, shared), confidence))


def _pair_of_several(one: Side, other: Side, shared: Sequence[TestPhoto], confidence: float) -> Pair:
    """Two runs of several labels, by their mean average precision on the same draws of photos."""
    if one.run.info.classes != other.run.info.classes:
        raise UserError(
            f"The runs {one.name!r} and {other.name!r} do not have the same labels.",
            hint="Train both on the same data.",
        )
    rows = [{photo: row for row, photo in enumerate(side.hits)} for side in (one, other)]
    places = [[own[photo] for photo in shared] for own in rows]
    ours, theirs = one.found.probabilities[places[0]], other.found.probabilities[places[1]]
    low, value, high = compare_mean_precision(one.found.labels[places[0]], ours, theirs, confidence)
    plain = paired_difference(_right(one, shared), _right(other, shared), confidence)
    found = replace(plain, value=value, low=low, high=high)
    return Pair(one.name, other.name, found, " of mean average precision")


def _right(side: Side, photos: Sequence[TestPhoto]) -> NDArray[np.bool_]:
    return np.array([side.hits[photo] for photo in photos], bool)

"""What run.json says: how a run was begun, what it learnt from, what came of it, how good that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from whatsit.data.dataset import Origin
from whatsit.data.inspecting.changes import Changes
from whatsit.data.inspecting.group_effect import GroupEffect
from whatsit.errors import UserError
from whatsit.model.facts.figures import Figures
from whatsit.model.facts.file import Card
from whatsit.options import flatten
from whatsit.records import Record
from whatsit.words import typed

FORMAT = 2  # 1: the confusion matrix and the skipped files stood in it too, see version_1.py


@dataclass(frozen=True)
class Beginning(Record):
    """What stands there from the start: all that it takes to begin the same run again.

    created: when, in ISO 8601; source: the data as it was named; options: those of training, as JSON
    from_:   the run that this one goes on from; command: the words that train the same again
    better:  what would do better than this recipe, where something was missing for it
    """

    format: int
    name: str
    whatsit: str
    created: str
    source: str
    options: Mapping[str, Any]
    from_: str | None
    command: tuple[str, ...]
    better: str | None = field(default=None, kw_only=True)

    def option(self, name: str) -> Any:
        """An option by its own name, whatever group it is in; None where training has none of that name."""
        return flatten(self.options).get(name)

    def command_for(self, name: str) -> str:
        """What trains the same again under another name, as it is typed."""
        kept = list(self.command or ("whatsit", "train", self.source))
        if "--name" in kept:
            place = kept.index("--name")
            del kept[place : place + 2]
        return typed(*kept, "--name", name)

    @property
    def seed(self) -> int:
        """The seed of everything random. Raises UserError where somebody wrote something else there."""
        seed = self.option("seed")
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise UserError(f"The run {self.name!r} was begun with the seed {seed!r:.40}, which is no number.")
        return seed


@dataclass(frozen=True)
class PartCounts(Record):
    """How many photos of each class each part has."""

    train: tuple[int, ...]
    val: tuple[int, ...]
    test: tuple[int, ...]


@dataclass(frozen=True)
class TrainingData(Record):
    """The data set of a run.

    skipped:     how many files are no part of it; skipped.csv names them
    fingerprint: a digest of all photos' contents, in whatever order and under whatever names
    cleaned:     what cleaning and reviewing left; None where nobody has cleaned
    groups:      what keeping together what people said changes in a figure; None where nobody said so
    """

    name: str
    counts: PartCounts
    skipped: int
    origin: Origin
    fingerprint: str | None = None
    cleaned: Changes | None = None
    groups: GroupEffect | None = None


@dataclass(frozen=True)
class Leaks(Record):
    """Copies across the split: those there are, and those a plain random split would have made."""

    leaked: int
    random_leaks: int


@dataclass(frozen=True)
class Machine(Record):
    """The machine a figure was measured on, without its name."""

    processor: str
    cores: int
    system: str
    python: str


@dataclass(frozen=True)
class Spent(Record):
    """Seconds until it was trained, and until everything was written."""

    train: float
    all: float


@dataclass(frozen=True)
class RunInfo(Beginning):
    """All that run.json says of a run that is trained and measured.

    finished:  when, in ISO 8601; a run that does not say so was stopped
    elsewhere: the figures on other photos, by the name of their data set
    uses:      the options that did something in this training, by their flat names; runs of 0.1.0 do not say
    """

    classes: tuple[str, ...]
    recipe: str
    data: TrainingData
    split: Leaks
    summary: str
    warnings: tuple[str, ...]
    machine: Machine
    card: Card
    figures: Figures
    seconds: Spent | None = None
    finished: str | None = None
    elsewhere: Mapping[str, Figures] | None = None
    uses: tuple[str, ...] = ()


def find_contradictions(info: RunInfo) -> Iterator[str]:
    """What cannot be in the information of a run, a sentence's end each."""
    counts = info.data.counts
    for part, photos in (("train", counts.train), ("val", counts.val), ("test", counts.test)):
        if len(photos) != len(info.classes):
            yield f"counts photos of {len(photos)} classes in {part}, and has {len(info.classes)}"

"""What a recipe is given, and what one looks like."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whatsit import events
from whatsit.data.dataset import Dataset
from whatsit.data.pixels import Decoded
from whatsit.data.ready import ReadyData
from whatsit.data.splitting.split import Split
from whatsit.data.target import NO_WISH, Wish
from whatsit.image import Size
from whatsit.model.finish import Trained
from whatsit.training.options import TrainOptions


@dataclass(frozen=True)
class Task:
    """One training: photos as pixels, their classes and parts, and how it is wanted.

    A recipe looks at the rows of train and val only; test is read once, by others, when the model is finished.
    `checkpoint` is a folder of the run's own: what a recipe writes there lets a killed run go on.
    `earlier` is the folder of the run that this one goes on from, if any. `began` is when its time began to count.
    `wish` is what answers are to be best at: it is no business of the recipe. `is_trial`: another recipe is tried
    beside it, or it is one of several folds, and it tells what it does in one line. `trainings`: how many like it
    the run takes, this one counted. `told`: what trainings of the run have told, which none of them says again.
    """

    ready: ReadyData
    options: TrainOptions
    checkpoint: Path
    earlier: Path | None = None
    began: float = field(default_factory=time.monotonic)
    wish: Wish = NO_WISH
    is_trial: bool = False
    trainings: int = 1
    told: set[str] = field(default_factory=set, compare=False)

    def note_once(self, text: str, about: str = "") -> None:
        """Tell a line of news, unless a training of this run has told it, or another one about the same."""
        if (about or text) not in self.told:
            self.told.add(about or text)
            events.note(text)

    @property
    def dataset(self) -> Dataset:
        """The photos with their classes."""
        return self.ready.dataset

    @property
    def decoded(self) -> Decoded:
        """Their pixels."""
        return self.ready.decoded

    @property
    def labels(self) -> NDArray[np.int64]:
        """(n,) their classes, as indexes."""
        return self.ready.dataset.labels

    @property
    def split(self) -> Split:
        """The part each is in."""
        return self.ready.split

    @property
    def groups(self) -> NDArray[np.int64]:
        """(n,) which photos must stay together in every fold."""
        return self.ready.groups()

    @property
    def classes(self) -> tuple[str, ...]:
        """The class names."""
        return self.dataset.classes


Fit = Callable[[Task], Trained]


@dataclass(frozen=True)
class Recipe:
    """A way to train: its code, what it is in a line, and the photo size it wants for a data set.

    uses: the options it looks at, by their flat names, beside those that are every recipe's
    idle: of these the ones that do nothing beside the other options, each with the words that would change that
    torch_for: what it needs torch for, with these options; empty where it does without
    in_ranks: whether several processes that torchrun started train it together
    most_crossed: up to so many photos, each is also asked of models that learnt from others alone, and these
                  answers calibrate the model that learns from all; of more, a part is set apart for that
    """

    fit: Fit
    purpose: str
    size: Callable[[Dataset, TrainOptions], Size]
    uses: frozenset[str]
    idle: Callable[[TrainOptions], Mapping[str, str]]
    most_crossed: float = 0
    in_ranks: bool = False
    torch_for: Callable[[TrainOptions], str] = lambda _options: ""

    def sets_apart(self, photos: int) -> bool:
        """Whether a validation part of so many photos is set apart, where nobody asks for one."""
        return photos > self.most_crossed

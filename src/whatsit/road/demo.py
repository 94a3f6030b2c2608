"""`demo`: the whole road on scikit-learn's digits, without a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from whatsit.data.dataset import Dataset
from whatsit.data.readers import read
from whatsit.evaluating.compare import Comparison, compare
from whatsit.model.run import Run
from whatsit.road.train import train_once
from whatsit.training.options import AugmentOptions, NetOptions, TrainOptions

DATA = "digits"


@dataclass(frozen=True)
class Demo:
    """What the demo made: two runs on one data set, the second on changed photos, and how they compare."""

    data: Dataset
    plain: Run
    augmented: Run
    comparison: Comparison


def walk(runs: Path, chapter: Callable[[str], None]) -> Demo:
    """Train twice and compare; `chapter` is told what comes next. Runs that are there are used again."""
    data = read(DATA)
    plain = TrainOptions(recipe="cnn", net=NetOptions(net="simple", epochs=12))
    chapter("Train a small network on them, as they are")
    first = train_once(data, plain, "demo-plain", runs)
    chapter("Train it again on photos that are moved and turned a little each time")
    changes = AugmentOptions(augment="none", shift=0.125, rotation=10, zoom=0.1)
    second = train_once(data, replace(plain, augment=changes), "demo-augmented", runs)
    return Demo(data, first, second, compare([first, second]))

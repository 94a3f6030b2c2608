"""`demo`: the whole road on scikit-learn's digits, without a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from whatsit.data.dataset import Dataset
from whatsit.data.readers import read
from whatsit.evaluating.compare import Comparison, compare
from whatsit.model.run import Run
from whatsit.road.train import train_once
from whatsit.training.options import AugmentOptions, ClassicalOptions, NetOptions, TrainOptions
from whatsit.words import brief

DATA = "digits"


@dataclass(frozen=True)
class Demo:
    """What the demo made: two runs on one data set, and how they compare."""

    data: Dataset
    first: Run
    second: Run
    comparison: Comparison

    __repr__ = brief


@dataclass(frozen=True)
class DemoRun:
    """A training of the demo: the run's name, what is told before it, and its options."""

    name: str
    heading: str
    options: TrainOptions


def walk(runs: Path, chapter: Callable[[str], None]) -> Demo:
    """Train twice and compare; `chapter` is told what comes next. Runs that are there are used again."""
    data = read(DATA)
    first, second = (
        _train(data, one, runs, chapter) for one in (list_networks() if find_spec("torch") else list_classical())
    )
    return Demo(data, first, second, compare([first, second]))


def _train(data: Dataset, one: DemoRun, runs: Path, chapter: Callable[[str], None]) -> Run:
    chapter(one.heading)
    return train_once(data, one.options, one.name, runs)


def list_networks() -> tuple[DemoRun, DemoRun]:
    """A small network, trained on the photos as they are and on changed ones."""
    plain = TrainOptions(recipe="cnn", net=NetOptions(net="simple", epochs=12))
    changes = AugmentOptions(augment="none", shift=0.125, rotation=10, zoom=0.1)
    return (
        DemoRun("demo-plain", "Train a small network on them, as they are", plain),
        DemoRun(
            "demo-augmented",
            "Train it again on photos that are moved and turned a little each time",
            replace(plain, augment=changes),
        ),
    )


def list_classical() -> tuple[DemoRun, DemoRun]:
    """What needs no torch: two classical models of the pixels."""
    linear = TrainOptions(recipe="classical", classical=ClassicalOptions(features="raw", models="logistic"))
    bent = replace(linear, classical=ClassicalOptions(features="raw", models="svm-rbf"))
    return (
        DemoRun("demo-linear", "Train a linear model on their pixels", linear),
        DemoRun("demo-svm", "Train a support vector machine, whose borders may be bent", bent),
    )

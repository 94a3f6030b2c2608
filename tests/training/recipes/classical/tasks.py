"""What the tests of the recipe share: tasks on small drawn data sets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from whatsit.data.dataset import Dataset, dataset_of
from whatsit.data.photos import Arrays
from whatsit.data.readers import read
from whatsit.road.preparing import prepare
from whatsit.training.options import AugmentOptions, ClassicalOptions, TrainOptions
from whatsit.training.task import Task

QUICK = ClassicalOptions(features="hog", models="logistic", search_folds=3)


def shapes(counts: tuple[int, ...] = (30, 30, 30), side: int = 16, seed: int = 0) -> Dataset:
    """Noisy photos of bright bars, one direction a class."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:side, :side] - side / 2 + 0.5
    pictures, labels = [], []
    for kind, count in enumerate(counts):
        angle = np.pi * kind / len(counts)
        for _ in range(count):
            turned = angle + random.normal(0, 0.15)
            across = rows * np.cos(turned) + columns * np.sin(turned) + random.normal(0, 1)
            bar = 160 * (np.abs(across) < side / 6)
            picture = bar[..., None] * random.uniform(0.5, 1, 3) + random.normal(40, 20, (side, side, 3))
            pictures.append(np.clip(picture, 0, 255).astype(np.uint8))
            labels.append(f"bar {kind}")
    names = [f"{label}/{row}" for row, label in enumerate(labels)]
    return dataset_of("shapes", Arrays(np.stack(pictures), names, f"shapes {counts} {side} {seed}"), labels)


def some_digits(count: int) -> Dataset:
    """The first of scikit-learn's digits."""
    return read("digits").select(np.arange(count))


def task_of(
    dataset: Dataset, folder: Path, classical: ClassicalOptions = QUICK, flip: bool = False, **options: Any
) -> Task:
    """A task as the road makes it."""
    augment = AugmentOptions(augment="none", flip=flip)
    wanted = TrainOptions(recipe="classical", classical=classical, augment=augment, **options)
    ready = prepare(dataset, wanted)
    folder.mkdir(parents=True, exist_ok=True)
    return Task(ready, wanted, folder)


def with_groups(dataset: Dataset, groups: np.ndarray) -> Dataset:
    """The data set with duplicate groups known."""
    return replace(dataset, groups=groups.astype(np.int64))

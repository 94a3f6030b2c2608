"""Recipe `cnn` on several labels a photo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra 'train'")

from whatsit.data.dataset import Dataset
from whatsit.data.photos import Arrays
from whatsit.data.readers import read
from whatsit.data.readers.labels import labelled
from whatsit.road.preparing import prepare
from whatsit.training.options import NetOptions, TrainOptions
from whatsit.training.recipes import RECIPES
from whatsit.training.task import Task


def draw_pairs(count: int) -> Dataset:
    """Two digits side by side in pictures of 8 × 16; which ones are there."""
    digits, draw = read("digits"), np.random.default_rng(0)
    each = np.stack([np.asarray(digits.photos.read(row)).reshape(8, 8) for row in range(len(digits))])
    rows = draw.integers(0, len(digits), (count, 2))
    texts = [";".join(sorted({digits.classes[label] for label in digits.labels[both]})) for both in rows]
    photos = Arrays(
        np.concatenate([each[rows[:, 0]], each[rows[:, 1]]], axis=2), [str(row) for row in range(count)], ""
    )
    return labelled("pairs", photos, texts, mirrored=False)


def test_net_fast_learns_several_labels_in_its_large_batches(tmp_path: Path) -> None:
    """At the steps that suit one class its last layer and biases overshoot, and every answer becomes none."""
    net = NetOptions(net="fast", width=8, batch=500, epochs=3, precision="fp32")
    options = TrainOptions(recipe="cnn", net=net)
    trained = RECIPES["cnn"].fit(Task(prepare(draw_pairs(4000), options), options, tmp_path))
    assert trained.history[-1]["val_accuracy"] > 0.3  # both digits named; by chance hardly ever

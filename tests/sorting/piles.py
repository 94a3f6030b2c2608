"""Piles for tests: photos of made-up classes with features that tell them apart as well as a test wants."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whatsit.data.catalog import open_catalog
from whatsit.data.dataset import Dataset
from whatsit.data.photos import Files
from whatsit.sorting.label_pile import LabelPile
from whatsit.sorting.learning.asking import Question
from whatsit.sorting.pile import Pile

CLASSES = ("ant", "bee", "cat", "dog")


def made_up(count: int, spread: float = 0.35, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Features (n, 16) of length about one around a centre a class, and the true classes."""
    random = np.random.default_rng(seed)
    truth = random.integers(len(CLASSES), size=count)
    centres = np.eye(16)[: len(CLASSES)]
    values = centres[truth] + random.normal(size=(count, 16)) * spread
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), np.float32), truth


@contextlib.contextmanager
def a_pile(
    folder: Path, count: int = 200, spread: float = 0.35, seed: int = 0
) -> Iterator[tuple[Pile, NDArray[np.int64]]]:
    """A pile whose photos are names only, and what each truly is."""
    values, truth = made_up(count, spread, seed)
    names = [f"{row:05}.jpg" for row in range(count)]
    nothing = np.zeros(count, np.int64)
    dataset = Dataset("pile", ("",), Files(folder, names), nothing, np.zeros(count, "<U5"), root=folder)
    with open_catalog(folder) as catalog:
        yield Pile(dataset, values, catalog), truth


def answer(pile: Pile, truth: NDArray[np.int64], question: Question) -> None:
    """As a person who tells the truth: a group or screen that is mostly one class is named so, then put right."""
    kinds = truth[question.rows]
    often = int(np.bincount(kinds).argmax())
    if question.kind == "group" and (kinds[:12] == often).mean() < 0.75:
        pile.say_mixed(question.rows.tolist())
        return
    for label in [often, *sorted(set(kinds.tolist()) - {often})]:
        pile.name(question.rows[kinds == label].tolist(), CLASSES[label], question.kind == "measure")


LABELS = ("boat", "people", "sky")


@contextlib.contextmanager
def a_label_pile(
    folder: Path, count: int = 200, spread: float = 0.2, seed: int = 0
) -> Iterator[tuple[LabelPile, NDArray[np.int64]]]:
    """A pile whose photos may show several things, and which each truly shows, (n, labels)."""
    random = np.random.default_rng(seed)
    truth = (random.random((count, len(LABELS))) < (0.3, 0.5, 0.6)).astype(np.int64)
    values = truth @ np.eye(16)[: len(LABELS)] + random.normal(size=(count, 16)) * spread
    values = np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), np.float32)
    names = [f"{row:05}.jpg" for row in range(count)]
    nothing = np.zeros(count, np.int64)
    dataset = Dataset("pile", ("",), Files(folder, names), nothing, np.zeros(count, "<U5"), root=folder)
    with open_catalog(folder) as catalog:
        yield LabelPile(dataset, values, catalog), truth


def labels_of(truth: NDArray[np.int64], row: int) -> list[str]:
    """The names of what a photo shows."""
    return [label for label, holds in zip(LABELS, truth[row], strict=True) if holds]

"""Accuracy on parts of the test photos that have something in common: small ones, dark ones, one folder's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from whatsit.data.dataset import Dataset, Files
from whatsit.data.pixels import Decoded
from whatsit.data.readers.folders import PART_FOLDERS
from whatsit.evaluate.metrics import Share, share_of
from whatsit.evaluate.predictions import Predictions

LEAST = 10  # photos a slice needs to be worth a line
MOST_FOLDERS = 12
Masks = Iterator[tuple[str, NDArray[np.bool_]]]


@dataclass(frozen=True)
class Slice:
    """Photos that have something in common: by what, how right the model is on them, and on all others."""

    by: str
    name: str
    share: Share
    others: Share

    @property
    def is_weak(self) -> bool:
        """Whether the model is clearly worse here: the two intervals do not touch."""
        return self.share.high < self.others.low


def slices(predictions: Predictions, dataset: Dataset, decoded: Decoded) -> list[Slice]:
    """Slices by size, shape, brightness and folder, where the photos differ in these."""
    rows = predictions.rows
    width, height = decoded.widths[rows].astype(float), decoded.heights[rows].astype(float)
    brightness = 100 * decoded.brightness[rows].astype(float)
    names = [predictions.names[place] for place in range(len(rows))] if _has_folders(dataset) else []
    kinds = {
        "size": _thirds(np.minimum(width, height), "shorter side", " px"),
        "shape": _shapes(width / np.maximum(height, 1)),
        "brightness": _thirds(brightness, "mean brightness", " %"),
        "folder": _folders(names, set(dataset.classes)),
    }
    hits = predictions.hits
    return [
        Slice(kind, name, share_of(hits[mask]), share_of(hits[~mask]))
        for kind, masks in kinds.items()
        for name, mask in masks
        if mask.sum() >= LEAST and (~mask).any()
    ]


def _thirds(values: NDArray[np.floating], what: str, unit: str) -> Masks:
    if not len(values) or values.min() == values.max():
        return
    low, high = np.quantile(values, [1 / 3, 2 / 3])
    yield f"{what} up to {low:.0f}{unit}", values <= low
    if low < high:
        yield f"{low:.0f} to {high:.0f}{unit}", (values > low) & (values <= high)
    yield f"over {high:.0f}{unit}", values > high


def _shapes(ratio: NDArray[np.floating]) -> Masks:
    """Tall, about square, wide; the limits are 5:4."""
    if not len(ratio) or ratio.min() == ratio.max():
        return
    yield "tall", ratio < 0.8
    yield "about square", (ratio >= 0.8) & (ratio <= 1.25)
    yield "wide", ratio > 1.25


def _has_folders(dataset: Dataset) -> bool:
    photos = dataset.photos
    return isinstance(getattr(photos, "whole", photos), Files)


def _folders(names: list[str], classes: set[str]) -> Masks:
    """By the folders of a name that are neither a class nor a part."""
    folders = np.array([_folder(name, classes) for name in names], dtype=np.str_)
    found, counts = np.unique(folders, return_counts=True)
    if len(found) < 2:
        return
    for place in np.argsort(-counts, kind="stable")[:MOST_FOLDERS]:
        yield str(found[place]) or "(no folder)", folders == found[place]


def _folder(name: str, classes: set[str]) -> str:
    parts = PurePath(name).parts[:-1]
    return "/".join(part for part in parts if part not in classes and part.casefold() not in PART_FOLDERS)

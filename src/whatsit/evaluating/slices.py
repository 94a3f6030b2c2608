"""Accuracy on parts of the test photos that have something in common: small ones, dark ones, one source's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from whatsit.data.catalog import has_catalog, open_catalog
from whatsit.data.dataset import Dataset
from whatsit.data.pixels import Decoded
from whatsit.data.readers.parts import PART_FOLDERS
from whatsit.evaluating.predictions import Predictions
from whatsit.model.share import Share, share_of

LEAST = 10  # photos a slice needs to be worth a line
MOST_GROUPS = 12
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


def measure_slices(predictions: Predictions, dataset: Dataset, decoded: Decoded) -> list[Slice]:
    """Slices by size, shape, brightness, folder and source, where the photos differ in these."""
    rows = predictions.rows
    width, height = decoded.widths[rows].astype(float), decoded.heights[rows].astype(float)
    brightness = 100 * decoded.brightness[rows].astype(float)
    kinds = {
        "size": _thirds(np.minimum(width, height), "shorter side", " px"),
        "shape": _shapes(width / np.maximum(height, 1)),
        "brightness": _thirds(brightness, "mean brightness", " %"),
        "folder": _group(_folders(predictions.names, dataset)),
        "source": _group(_sources(predictions.names, dataset)),
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


def _group(values: Sequence[str]) -> Masks:
    """A slice a value, the most frequent first; nothing where there is only one."""
    everything = np.array(values, dtype=np.str_)
    found, counts = np.unique(everything, return_counts=True)
    if len(found) < 2:
        return
    for number in np.argsort(-counts, kind="stable")[:MOST_GROUPS]:
        yield str(found[number]) or "(none)", everything == found[number]


def _folders(names: Sequence[str], dataset: Dataset) -> list[str]:
    """The folders of each file's name that are neither a class nor a part."""
    if not dataset.photos.are_in_folders:
        return []
    classes = set(dataset.classes)
    return [_folder(name, classes) for name in names]


def _folder(name: str, classes: set[str]) -> str:
    parts = PurePath(name).parts[:-1]
    return "/".join(part for part in parts if part not in classes and part.casefold() not in PART_FOLDERS)


def _sources(names: Sequence[str], dataset: Dataset) -> list[str]:
    """Where each photo was collected from, by the catalog of its folder, if it has one."""
    if dataset.root is None or not has_catalog(dataset.root):
        return []
    with open_catalog(dataset.root) as catalog:
        source = catalog.sources_of_photos()
    return [source.get(name, "") for name in names]

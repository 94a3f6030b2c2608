"""Accuracy on parts of the photos."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from models import colours
from whatsit.data.catalog import open_catalog
from whatsit.data.dataset import Dataset
from whatsit.data.photos import Files
from whatsit.data.pixels import Decoded, decode_photos
from whatsit.evaluating.predictions import Predictions
from whatsit.evaluating.slices import measure_slices


def answered(dataset: Dataset, hits: np.ndarray) -> Predictions:
    """Predictions that are right where `hits`."""
    count, labels = len(dataset), dataset.labels
    chosen = np.where(hits, labels, (labels + 1) % 3)
    return Predictions(
        tuple(dataset.photos.names), np.arange(count), labels, np.eye(3, dtype=np.float32)[chosen], np.zeros(count)
    )


def sized(photos: int = 90) -> tuple[Dataset, Decoded]:
    dataset, pixels = decode_photos(colours(photos), (12, 12))
    return dataset, replace(
        pixels, widths=np.linspace(100, 1000, photos).astype(np.int32), heights=np.full(photos, 400, np.int32)
    )


def test_photos_that_are_all_alike_have_no_slices() -> None:
    dataset, pixels = decode_photos(colours(60), (12, 12))
    flat = replace(pixels, brightness=np.full(60, 0.5, np.float32))
    assert measure_slices(answered(dataset, np.ones(60, bool)), dataset, flat) == []


def test_small_photos_that_are_answered_worse_are_a_weak_slice() -> None:
    dataset, pixels = sized()
    small = pixels.widths < 300
    found = measure_slices(answered(dataset, ~small), dataset, pixels)
    sizes = [part for part in found if part.by == "size"]
    assert [part.is_weak for part in sizes] == [True, False]  # half are 400 high and wider: one slice holds them
    assert sizes[0].share.n + sizes[1].share.n == 90
    assert sizes[0].others.value == 1.0


def test_shapes_are_tall_square_and_wide() -> None:
    dataset, pixels = sized()
    found = measure_slices(answered(dataset, np.ones(90, bool)), dataset, pixels)
    shapes = {part.name: part.share.n for part in found if part.by == "shape"}
    ratio = pixels.widths / 400
    assert shapes == {
        "tall": int((ratio < 0.8).sum()),
        "about square": int(((ratio >= 0.8) & (ratio <= 1.25)).sum()),
        "wide": int((ratio > 1.25).sum()),
    }


def test_folders_beside_class_and_part_are_slices() -> None:
    dataset, pixels = sized()
    names = [
        f"train/{dataset.classes[label]}/{'phone' if row < 30 else 'studio'}/{row}.jpg"
        for row, label in enumerate(dataset.labels)
    ]
    dataset = replace(dataset, photos=Files(Path(), names))
    found = measure_slices(answered(dataset, np.arange(90) >= 30), dataset, pixels)
    assert {part.name: (part.share.right, part.share.n) for part in found if part.by == "folder"} == {
        "studio": (60, 60),
        "phone": (0, 30),
    }


def test_where_photos_were_collected_from_is_a_slice(tmp_path: Path) -> None:
    dataset, pixels = sized()
    names = [f"{dataset.classes[label]}/{row}.jpg" for row, label in enumerate(dataset.labels)]
    with open_catalog(tmp_path) as catalog, catalog.together():
        for row, name in enumerate(names):
            values = ("red", f"https://a.example/{row}", row, "wikimedia" if row % 3 else "flickr", "kept", name)
            catalog.write(
                "INSERT INTO candidates (class, address, rank, source, host, state, kind, reason, photo)"
                " VALUES (?, ?, ?, ?, 'a.example', ?, '', '', ?)",
                *values,
            )
    dataset = replace(dataset, photos=Files(tmp_path, names), root=tmp_path)
    found = measure_slices(answered(dataset, np.arange(90) % 3 > 0), dataset, pixels)
    assert {part.name: (part.share.right, part.share.n) for part in found if part.by == "source"} == {
        "wikimedia": (60, 60),
        "flickr": (0, 30),
    }


def test_a_slice_of_too_few_photos_is_left_out() -> None:
    dataset, pixels = sized(20)
    found = measure_slices(answered(dataset, np.ones(20, bool)), dataset, pixels)
    assert all(part.share.n >= 10 for part in found)

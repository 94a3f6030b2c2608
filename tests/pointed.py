"""A run with an operating point, trained on drawn photos, of which some cannot be told."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import whatsit
from models import colours
from whatsit.data.dataset import Dataset
from whatsit.image import encode_png
from whatsit.model.run import Run

QUICK = {"recipe": "classical", "features": "colour", "models": "logistic", "search_folds": 3}


def write_folders(folder: Path, dataset: Dataset) -> Path:
    """The photos of a data set as class folders."""
    for row, label in enumerate(dataset.labels):
        file = folder / dataset.classes[label] / f"{row}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encode_png(np.asarray(dataset.photos.read(row))))
    return folder


def train_point(folder: Path, prefer: str, name: str = "point", photos: int = 360) -> Run:
    """A run that was wished something, on photos in `folder/photos`."""
    data = folder / "photos"
    if not data.exists():
        write_folders(data, colours(photos))
    return whatsit.train(data, prefer=prefer, name=name, runs=folder / "runs", **QUICK)


def find_answer(run: Run, data: Path, sure: bool) -> Path:
    """A photo of which the model is sure, or not."""
    model = run.model()
    for photo in sorted(data.glob("*/*.png")):
        answer = model.predict(photo)
        if answer.known and answer.sure is sure:
            return photo
    raise AssertionError(f"no photo with sure {sure}")

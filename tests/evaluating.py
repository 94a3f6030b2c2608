"""The tiny model's run, measured: what a training leaves."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models import Tiny, colours, tiny_run
from whatsit.data.dataset import Dataset
from whatsit.evaluating.predictions import Predictions, predicted, write_predictions
from whatsit.evaluating.report import write_report
from whatsit.image import encode_png


def asked(tiny: Tiny, part: str) -> Predictions:
    """What the tiny model says of one part."""
    return predicted(tiny.model, tiny.dataset, tiny.decoded, tiny.split.rows(part))


def measured(folder: Path, dataset: Dataset | None = None, seed: int = 0) -> Tiny:
    """A tiny run with its predictions, report and figures, as a training leaves it."""
    tiny = tiny_run(folder, dataset, seed)
    test, val = asked(tiny, "test"), asked(tiny, "val")
    write_predictions(folder / "predictions.csv", test, tiny.model.classes, tiny.model.facts.thresholds)
    tiny.run.info["figures"] = write_report(
        tiny.run, tiny.model, tiny.dataset, tiny.decoded, tiny.split, test, val
    )
    tiny.run.save()
    return tiny


def photo_folder(root: Path, photos: int = 240, seed: int = 0, side: int = 12) -> Path:
    """The colours as class folders of PNG files."""
    drawn = colours(photos, side, seed)
    for row, label in enumerate(drawn.labels):
        file = root / drawn.classes[label] / f"{seed}-{row}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encode_png(np.asarray(drawn.photos.read(row))))
    return root

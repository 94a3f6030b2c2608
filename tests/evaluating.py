"""The tiny model's run, measured: what a training leaves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from models import Tiny, colours, tiny_run
from whatsit.data.dataset import Dataset
from whatsit.evaluating.figures import compute_confusions, compute_figures
from whatsit.evaluating.measured import measure
from whatsit.evaluating.predictions import Predictions, predict, write_predictions
from whatsit.evaluating.report.write import write_report
from whatsit.image import encode_png
from whatsit.model.facts.tables import CONFUSION, write_confusion
from whatsit.model.run import Run


def asked(tiny: Tiny, part: str) -> Predictions:
    """What the tiny model says of one part."""
    return predict(tiny.model, tiny.ready, tiny.split.rows(part))


def reported(tiny: Tiny, **changes: Any) -> Run:
    """The run with its report and figures written on what the tiny model says, but for what is given."""
    measured = replace(measure(tiny.model, tiny.ready), **changes)
    figures = compute_figures(measured)
    write_report(tiny.run, measured, figures)
    write_confusion(tiny.run.folder / CONFUSION, tiny.model.classes, compute_confusions(measured))
    return replace(tiny.run, info=replace(tiny.run.info, figures=figures))


def measured(folder: Path, dataset: Dataset | None = None, seed: int = 0) -> Tiny:
    """A tiny run with its predictions, report and figures, as a training leaves it."""
    tiny = tiny_run(folder, dataset, seed)
    test = asked(tiny, "test")
    write_predictions(folder / "predictions.csv", test, tiny.model.classes, tiny.model.facts.thresholds)
    run = reported(tiny)
    run.save()
    return replace(tiny, run=run)


def photo_folder(root: Path, photos: int = 240, seed: int = 0, side: int = 12) -> Path:
    """The colours as class folders of PNG files."""
    drawn = colours(photos, side, seed)
    for row, label in enumerate(drawn.labels):
        file = root / drawn.classes[label] / f"{seed}-{row}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encode_png(np.asarray(drawn.photos.read(row))))
    return root

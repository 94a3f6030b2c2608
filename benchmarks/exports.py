"""Exports: how often their own programs say what the model says, and how far their probabilities are apart.

    python benchmarks/exports.py RUN DATA [PHOTOS [TO …]]   as in: python benchmarks/exports.py runs/pets pets 500

Each export is asked as a person would ask it, by its `use.py` in a process of its own, about photos spread over
DATA; whatsit answers the same files. So what differs in reading a photo counts too.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from record import record

import whatsit
from whatsit.data.dataset import Dataset
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.exporting import EXPORTS
from whatsit.exporting.proof import ask
from whatsit.image import encode_png


def main(run: str, data: str, count: int, wanted: list[str]) -> None:
    """Export a run to the runtimes that are wanted, ask each, and record how they agree."""
    dataset = read(data)
    rows: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        photos = write_photos(dataset, count, Path(place))
        answers = list(whatsit.predict(run, photos))
        for to in wanted:
            try:
                whatsit.export(run, to, Path(place) / to)
                began = time.perf_counter()
                said = ask(Path(place) / to, photos)
            except UserError as error:  # it is not here, or (numpy, of a large network) takes too long
                rows[to] = {"refused": str(error)}
                continue
            seconds = round(time.perf_counter() - began, 1)
            rows[to] = {**compare(answers, said), "seconds_with_start": seconds}
    name = f"{Path(run).name}-{Path(data).name}"
    record(
        "exports",
        name,
        {"photos": len(photos), "exports": rows},
        "onnxruntime",
        "onnx",
        "pillow",
        "openvino",
        "torch",
        "keras",
        "litert-torch",
        "ai-edge-litert",
        "opencv-python-headless",
    )


def write_photos(dataset: Dataset, count: int, folder: Path) -> list[Path]:
    """So many photos, spread over a data set, as files."""
    files = []
    for row in np.unique(np.linspace(0, len(dataset.photos.names) - 1, count).astype(int)).tolist():
        photo = dataset.photos.read(row)
        files.append(folder / f"{row}{'' if isinstance(photo, bytes) else '.png'}")
        files[-1].write_bytes(photo if isinstance(photo, bytes) else encode_png(np.asarray(photo)))
    return files


def compare(answers: list[Any], said: list[dict[str, Any]]) -> dict[str, Any]:
    """The share of equal answers, and the largest and the median difference of any probability of a photo."""
    equal, apart = [], []
    for answer, other in zip(answers, said, strict=True):
        expected = list(answer.labels) if answer.labels is not None else answer.label
        equal.append(other.get("labels", other.get("label")) == ("not sure" if answer.sure is False else expected))
        shares = other["probabilities"]
        apart.append(max(abs(shares[name] - share) for name, share in answer.probabilities.items()))
    worst, usual = float(np.max(apart)), float(np.median(apart))
    return {
        "equal": round(float(np.mean(equal)), 4),
        "most_apart": float(f"{worst:.2g}"),
        "usually_apart": float(f"{usual:.2g}"),
    }


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int((sys.argv[3:] or ["500"])[0]), sys.argv[4:] or list(EXPORTS))

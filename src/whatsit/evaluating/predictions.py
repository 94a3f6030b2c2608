"""What a model said of the photos of one part, in memory and as predictions.csv."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.ready import ReadyData
from whatsit.errors import UserError
from whatsit.files import NAMES, write_csv
from whatsit.model.classifier import Classifier
from whatsit.model.facts.file import Thresholds

COLUMNS = ("name", "true", "predicted", "probability", "distance", "known", "could_be")


@dataclass(frozen=True)
class Predictions:
    """A model's outputs for some photos of a data set.

    names:         of the photos, as in the data set
    rows:          (n,) int64 their rows in the data set; -1 where they were read from a file
    labels:        (n,) int64 their true classes
    probabilities: (n, classes) float32
    distances:     (n,) float32, how strange each photo is to the model
    """

    names: tuple[str, ...]
    rows: NDArray[np.int64]
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    distances: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def chosen(self) -> NDArray[np.int64]:
        """(n,) the predicted class of each photo."""
        return np.asarray(self.probabilities.argmax(axis=1), np.int64)

    @property
    def hits(self) -> NDArray[np.bool_]:
        """(n,) whether the predicted class is the true one."""
        return np.asarray(self.chosen == self.labels)

    @property
    def claimed(self) -> NDArray[np.float32]:
        """(n,) the probability of the predicted class."""
        return np.asarray(self.probabilities.max(axis=1))


def predict(model: Classifier, ready: ReadyData, rows: NDArray[np.int64]) -> Predictions:
    """What `model` says of the photos at `rows`, computed on all cores, a few photos in memory at a time.

    The pixels of `ready` are of the model's size.
    """
    names = ready.dataset.photos.names
    probabilities, distances = np.empty((0, len(model.classes)), np.float32), np.empty(0, np.float32)
    if len(rows):
        probabilities, distances = model.run_over(ready.decoded.take, rows)
    return Predictions(
        tuple(names[int(row)] for row in rows), rows, ready.dataset.labels[rows], probabilities, distances
    )


def write_predictions(
    path: Path, predictions: Predictions, classes: Sequence[str], thresholds: Thresholds
) -> None:
    """Write one line a photo: its name, true and predicted class, and the probability of every class.

    Probabilities have the nine digits that bring back the same float32.
    """
    columns = [*COLUMNS, *map(_column, classes)]
    write_csv(path, columns, _lines(predictions, classes, thresholds))


def _column(label: str) -> str:
    """A class's column; the wrapping keeps a class called `name` apart from the photo's name."""
    return f"p({label})"


def _lines(predictions: Predictions, classes: Sequence[str], thresholds: Thresholds) -> Iterator[dict[str, Any]]:
    chosen = predictions.chosen
    for row, name in enumerate(predictions.names):
        shares, distance = predictions.probabilities[row], predictions.distances[row]
        yield {
            "name": name,
            "true": classes[predictions.labels[row]],
            "predicted": classes[chosen[row]],
            "probability": f"{shares[chosen[row]]:.9g}",
            "distance": f"{distance:.9g}",
            "known": "yes" if distance <= thresholds.distance else "no",
            "could_be": " | ".join(
                label for label, share in zip(classes, shares, strict=True) if share >= thresholds.probability
            ),
            **{_column(label): f"{share:.9g}" for label, share in zip(classes, shares, strict=True)},
        }


def read_predictions(path: Path) -> tuple[Predictions, tuple[str, ...]]:
    """The predictions in a file that `write_predictions` wrote, and the classes. Raises UserError where the
    file is missing or is not whole."""
    try:
        with path.open(encoding="utf-8", errors=NAMES, newline="") as table:
            header, *lines = list(csv.reader(table))
        if tuple(header[: len(COLUMNS)]) != COLUMNS:
            raise ValueError("other columns")
        classes = tuple(column[2:-1] for column in header[len(COLUMNS) :])
        index = {label: position for position, label in enumerate(classes)}
        values = np.array([line[len(COLUMNS) :] for line in lines], np.float32).reshape(len(lines), len(classes))
        found = Predictions(
            names=tuple(line[0] for line in lines),
            rows=np.full(len(lines), -1, np.int64),
            labels=np.array([index[line[1]] for line in lines], np.int64),
            probabilities=values,
            distances=np.array([line[4] for line in lines], np.float32),
        )
    except FileNotFoundError:
        raise UserError(f"There is no file {str(path)!r}.", hint="Measure the run: whatsit evaluate RUN") from None
    except (ValueError, IndexError, KeyError, UnicodeDecodeError, csv.Error):
        raise UserError(
            f"{str(path)!r} is damaged: it is not the table we wrote.", hint="Measure again: whatsit evaluate RUN"
        ) from None
    return found, classes

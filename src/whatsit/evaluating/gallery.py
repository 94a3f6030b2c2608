"""What the report shows in pictures: samples, the worst mistakes, the cells of the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.dataset import Dataset
from whatsit.data.pixels import Decoded
from whatsit.evaluating import photos
from whatsit.evaluating.heat import affordable, heat_maps
from whatsit.evaluating.photos import LARGE, SMALL, Picture
from whatsit.evaluating.predictions import Predictions
from whatsit.model.classifier import Classifier

CLASSES_SHOWN = 30  # of the matrix; a larger one can be neither read nor printed


@dataclass(frozen=True)
class Shown:
    """A photo with what is written under it; `guess` and `probability` are what the model said, if asked."""

    picture: Picture
    name: str
    label: str
    guess: str = ""
    probability: float = 0.0

    @property
    def is_right(self) -> bool:
        """Whether the model found its class."""
        return self.guess == self.label


@dataclass(frozen=True)
class Mistake:
    """A photo the model got wrong: what it gave the true class, whether it said "not one of these", the
    training photos it finds most like it, and what in it spoke for the wrong answer."""

    photo: Shown
    probability_of_true: float
    is_known: bool
    nearest: tuple[Shown, ...]
    heat: Picture | None


@dataclass(frozen=True)
class Cell:
    """A cell of the confusion matrix; `heat` is 0 to 20."""

    true: int
    guess: int
    count: int
    share: float
    heat: int


@dataclass(frozen=True)
class MatrixRow:
    """A true class and where its photos went."""

    label: str
    photos: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Matrix:
    """The confusion matrix of the classes shown, `left_out` classes with fewer mistakes not among them."""

    labels: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    left_out: int
    pairs: tuple[tuple[str, str, int], ...]


def sample_photos(predictions: Predictions, classes: Sequence[str], decoded: Decoded) -> list[Shown]:
    """A few photos of every class, with what the model said."""
    places = photos.samples(predictions, len(classes))
    return [_shown(predictions, place, classes, decoded, SMALL + 24) for place in places]


def _shown(
    predictions: Predictions, place: int, classes: Sequence[str], decoded: Decoded, side: int = LARGE
) -> Shown:
    guess = int(predictions.chosen[place])
    return Shown(
        photos.picture(decoded, int(predictions.rows[place]), side),
        predictions.names[place],
        classes[predictions.labels[place]],
        classes[guess],
        float(predictions.probabilities[place, guess]),
    )


def suspected(rows: Sequence[dict[str, str]], dataset: Dataset, decoded: Decoded) -> list[Shown]:
    """Training photos from rows of suspects.csv, with the class each looks like; without those that are gone."""
    place = {name: row for row, name in enumerate(dataset.photos.names)}
    return [
        Shown(
            photos.picture(decoded, place[row["name"]], SMALL + 24),
            row["name"],
            row["class"],
            row["looks_like"],
            float(row["probability_of_other"]),
        )
        for row in rows
        if row["name"] in place
    ]


def mistakes(
    predictions: Predictions,
    places: Sequence[int],
    model: Classifier,
    dataset: Dataset,
    decoded: Decoded,
    nearest: NDArray[np.int64] | None,
) -> list[Mistake]:
    """The photos at `places` as mistakes, each with the training photos at its row of `nearest`."""
    names, classes, limit = dataset.photos.names, model.classes, model.facts.thresholds.distance
    hot = heat_maps(model, predictions, places[: affordable(model, len(places))], decoded, LARGE)
    return [
        Mistake(
            _shown(predictions, place, classes, decoded),
            float(predictions.probabilities[place, predictions.labels[place]]),
            bool(predictions.distances[place] <= limit),
            tuple(
                Shown(photos.picture(decoded, int(row), SMALL), names[int(row)], classes[dataset.labels[row]])
                for row in (() if nearest is None else nearest[turn])
            ),
            hot[turn] if turn < len(hot) else None,
        )
        for turn, place in enumerate(places)
    ]


def matrix_of(matrix: NDArray[np.int64], classes: Sequence[str]) -> Matrix:
    """The confusion matrix as the report shows it."""
    shown = photos.most_mistaken(matrix, CLASSES_SHOWN)
    totals = matrix.sum(axis=1)
    rows = []
    for true in shown:
        shares = matrix[true] / max(1, totals[true])
        cells = tuple(
            Cell(true, guess, int(matrix[true, guess]), float(shares[guess]), photos.heat(float(shares[guess])))
            for guess in shown
        )
        rows.append(MatrixRow(classes[true], int(totals[true]), cells))
    pairs = tuple((classes[true], classes[guess], count) for true, guess, count in photos.confused_pairs(matrix))
    return Matrix(tuple(classes[row] for row in shown), tuple(rows), len(classes) - len(shown), pairs)


def cells(
    predictions: Predictions, matrix: Matrix, classes: Sequence[str], decoded: Decoded
) -> dict[str, list[dict[str, Any]]]:
    """The photos of each cell, `"true-guess"` → what the page's script shows, within the bytes allowed."""
    index = {label: place for place, label in enumerate(classes)}
    found: dict[str, list[dict[str, Any]]] = {}
    left = photos.CELL_BYTES
    for (true, guess), place in photos.cell_photos(predictions, [index[label] for label in matrix.labels]):
        shown = _shown(predictions, place, classes, decoded, SMALL)
        left -= len(shown.picture.src)
        if left < 0:
            break
        entry = {
            "src": shown.picture.src,
            "width": shown.picture.width,
            "height": shown.picture.height,
            "tiny": shown.picture.is_tiny,
            "name": shown.name,
            "probability": round(100 * shown.probability),
        }
        found.setdefault(f"{true}-{guess}", []).append(entry)
    return found

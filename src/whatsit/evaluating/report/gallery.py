"""What the report shows in pictures: samples, the worst mistakes, the cells of the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit import words
from whatsit.data.dataset import Dataset
from whatsit.data.pixels import Decoded
from whatsit.evaluating.measured import Measured
from whatsit.evaluating.predictions import Predictions
from whatsit.evaluating.report import pictures
from whatsit.evaluating.report.heat import count_affordable, heat_maps
from whatsit.evaluating.report.pictures import LARGE, SMALL, Picture
from whatsit.model.facts.confusion import Confusion

CLASSES_SHOWN = 30  # of the matrix; a larger one can be neither read nor printed


@dataclass(frozen=True)
class Exhibit:
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

    photo: Exhibit
    probability_of_true: float
    is_known: bool
    nearest: tuple[Exhibit, ...]
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


def sample_photos(predictions: Predictions, classes: Sequence[str], decoded: Decoded) -> list[Exhibit]:
    """A few photos of every class, with what the model said."""
    places = pictures.choose_samples(predictions, len(classes))
    return [_shown(predictions, place, classes, decoded, SMALL + 24) for place in places]


def _shown(
    predictions: Predictions, place: int, classes: Sequence[str], decoded: Decoded, side: int = LARGE
) -> Exhibit:
    guess = int(predictions.chosen[place])
    return Exhibit(
        pictures.draw_picture(decoded, int(predictions.rows[place]), side),
        predictions.names[place],
        classes[predictions.labels[place]],
        classes[guess],
        float(predictions.probabilities[place, guess]),
    )


def exhibit_suspects(rows: Sequence[dict[str, str]], dataset: Dataset, decoded: Decoded) -> list[Exhibit]:
    """Training photos from rows of suspects.csv, with the class each looks like; without those that are gone."""
    place = {name: row for row, name in enumerate(dataset.photos.names)}
    return [
        Exhibit(
            pictures.draw_picture(decoded, place[row["name"]], SMALL + 24),
            row["name"],
            row["class"],
            row["looks_like"],
            float(row["probability_of_other"]),
        )
        for row in rows
        if row["name"] in place
    ]


def exhibit_mistakes(
    measured: Measured, places: Sequence[int], nearest: NDArray[np.int64] | None
) -> list[Mistake]:
    """The photos at `places` as mistakes, each with the training photos at its row of `nearest`."""
    model, predictions, dataset = measured.model, measured.reported, measured.ready.dataset
    decoded, limit = measured.ready.decoded, model.facts.thresholds.distance
    classes = model.classes
    hot = heat_maps(model, predictions, places[: count_affordable(model, len(places))], decoded, LARGE)
    return [
        Mistake(
            _shown(predictions, place, classes, decoded),
            float(predictions.probabilities[place, predictions.labels[place]]),
            bool(predictions.distances[place] <= limit),
            tuple(_neighbour(int(row), dataset, decoded) for row in (() if nearest is None else nearest[turn])),
            hot[turn] if turn < len(hot) else None,
        )
        for turn, place in enumerate(places)
    ]


def _neighbour(row: int, dataset: Dataset, decoded: Decoded) -> Exhibit:
    label = dataset.classes[dataset.labels[row]]
    return Exhibit(pictures.draw_picture(decoded, row, SMALL), dataset.photos.names[row], label)


def matrix_of(matrix: Confusion, classes: Sequence[str]) -> Matrix:
    """The confusion matrix as the report shows it."""
    shown = pictures.find_most_mistaken(matrix, CLASSES_SHOWN)
    totals = matrix.of_true()
    rows = []
    for true, counts in zip(shown, matrix.among(shown), strict=True):
        shares = (counts / max(1, totals[true])).tolist()
        cells = tuple(
            Cell(true, guess, count, share, pictures.grade_heat(share))
            for guess, count, share in zip(shown, counts.tolist(), shares, strict=True)
        )
        rows.append(MatrixRow(classes[true], int(totals[true]), cells))
    pairs = tuple(
        (classes[true], classes[guess], count) for true, guess, count in pictures.find_confused_pairs(matrix)
    )
    return Matrix(tuple(classes[row] for row in shown), tuple(rows), len(classes) - len(shown), pairs)


def exhibit_cells(
    predictions: Predictions, matrix: Matrix, classes: Sequence[str], decoded: Decoded
) -> dict[str, list[dict[str, Any]]]:
    """The photos of each cell, `"true-guess"` → what the page's script shows, within the bytes allowed."""
    index = {label: place for place, label in enumerate(classes)}
    found: dict[str, list[dict[str, Any]]] = {}
    left = pictures.CELL_BYTES
    for (true, guess), place in pictures.find_cell_photos(predictions, [index[label] for label in matrix.labels]):
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
            "probability": words.keep_together(words.probability(shown.probability)),
        }
        found.setdefault(f"{true}-{guess}", []).append(entry)
    return found

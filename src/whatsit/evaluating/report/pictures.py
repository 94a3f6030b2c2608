"""Photos in the report: which are shown, and as what small pictures.

Every picture is part of the page (a data address), so how many there are is bounded by bytes.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.data.pixels import Decoded
from whatsit.evaluating.predictions import Predictions
from whatsit.image import Pixels, encode_jpeg, encode_png, fit_within, resize_pixels
from whatsit.model.facts.confusion import Confusion

LARGE, SMALL = 128, 72  # longer side in pixels
TINY = 32  # photos up to this side are kept as they are: JPEG would smear them
QUALITY = 80
SAMPLES = 30
MISTAKES = 24
A_CELL = 12  # photos shown for one cell of the confusion matrix
CELL_BYTES = 1_600_000  # of all of them; with the grids the page stays below 3 MB

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Picture:
    """A small picture: its data address, and the size to show it at."""

    src: str
    width: int
    height: int
    is_tiny: bool


def draw_picture(decoded: Decoded, row: int, side: int) -> Picture:
    """What the model saw of a photo as a small picture in its own proportions, its longer side `side` pixels."""
    return draw_pixels(decoded.take(np.array([row]))[0], decoded, row, side)


def draw_pixels(pixels: Pixels, decoded: Decoded, row: int, side: int) -> Picture:
    """Pixels made from those of a photo as a small picture, in the photo's own proportions."""
    height, width = pixels.shape[:2]
    if decoded.resize == "squish" and not decoded.is_cut and decoded.widths[row] and decoded.heights[row]:
        height, width = int(decoded.heights[row]), int(decoded.widths[row])
    height, width = fit_within(height, width, side, enlarge=True)
    shown = width, height
    return Picture(_address(pixels, shown), *shown, is_tiny=max(pixels.shape[:2]) <= TINY)


def _address(pixels: Pixels, shown: tuple[int, int]) -> str:
    if max(pixels.shape[:2]) <= TINY:
        kind, content = "png", encode_png(pixels)
    else:
        width, height = shown
        kind, content = "jpeg", encode_jpeg(resize_pixels(pixels, (height, width)), QUALITY)
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def choose_samples(predictions: Predictions, classes: int, seed: int = 0) -> list[int]:
    """Positions of some photos, as evenly over the classes as there are, in the order of the classes."""
    turn = _turns(predictions.labels, np.random.default_rng(seed).permutation(len(predictions)), classes)
    chosen = np.argsort(turn, kind="stable")[:SAMPLES]
    return [int(place) for place in chosen[np.argsort(predictions.labels[chosen], kind="stable")]]


def _turns(labels: Rows, order: Rows, classes: int) -> Rows:
    """(n,) how many photos of its class come before each one in `order`."""
    turn = np.empty(len(order), np.int64)
    seen = np.zeros(classes, np.int64)
    for place in order:
        turn[place] = seen[labels[place]]
        seen[labels[place]] += 1
    return turn


def find_worst_mistakes(predictions: Predictions, most: int = MISTAKES) -> list[int]:
    """Positions of the mistakes the model was surest of, surest first."""
    wrong = np.flatnonzero(~predictions.hits)
    order = np.argsort(-predictions.claimed[wrong], kind="stable")
    return [int(place) for place in wrong[order][:most]]


def find_cell_photos(predictions: Predictions, shown: Sequence[int]) -> Iterator[tuple[tuple[int, int], int]]:
    """((true, predicted), position) of photos for the cells of the matrix of the `shown` classes.

    In rounds, mistakes before hits, so that whoever stops taking leaves every cell with about as many; the
    surest photos of a cell come first. At most A_CELL a cell.
    """
    members: dict[tuple[int, int], list[int]] = {}
    chosen = predictions.chosen
    for place in np.argsort(-predictions.claimed, kind="stable"):
        cell = int(predictions.labels[place]), int(chosen[place])
        if cell[0] in shown and cell[1] in shown:
            members.setdefault(cell, []).append(int(place))
    mistakes_first = sorted(members, key=lambda cell: (cell[0] == cell[1], cell))
    for turn in range(A_CELL):
        for cell in mistakes_first:
            if turn < len(members[cell]):
                yield cell, members[cell][turn]


def find_most_mistaken(matrix: Confusion, most: int) -> list[int]:
    """The classes of a confusion matrix with the most mistakes, at most `most`, in their own order."""
    wrong = matrix.mistakes()
    mistakes = wrong.of_predicted() + wrong.of_true()
    return sorted(int(row) for row in np.argsort(-mistakes, kind="stable")[:most])


def find_confused_pairs(matrix: Confusion, most: int = 10) -> list[tuple[int, int, int]]:
    """(true, predicted, count) of the most frequent mistakes, most frequent first."""
    wrong = matrix.mistakes()
    order = np.argsort(-wrong.photos, kind="stable")[:most]
    return [(int(wrong.true[cell]), int(wrong.predicted[cell]), int(wrong.photos[cell])) for cell in order]


def grade_heat(share: float) -> int:
    """How strong a cell of the heat map is, 0 to 20; the root lets small shares be seen."""
    return math.ceil(20 * math.sqrt(share)) if share > 0 else 0

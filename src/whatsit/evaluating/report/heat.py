"""Heat maps beside the mistakes: what in each photo spoke for the wrong answer.

Where the model file has class activations a map costs one pass; elsewhere parts of the photo are covered in turn,
64 passes a photo, so for a large network only the first few mistakes get one, or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from whatsit import engine
from whatsit.data.pixels import Decoded
from whatsit.evaluating.predictions import Predictions
from whatsit.evaluating.report.pictures import Picture, draw_pixels
from whatsit.image import Pixels
from whatsit.model.asking.explain import GRID, compute_heat_map, lay_over
from whatsit.model.classifier import Classifier

MOST_MULTIPLY_ADDS = 5e11  # for all maps of a report together: some 10 s on two cores
UNKNOWN = 1e9  # multiply-adds of a pass where the model's card does not say


def count_affordable(model: Classifier, wanted: int) -> int:
    """How many of `wanted` maps are worth their time."""
    if "activation" in model.outputs:
        return wanted
    a_pass = float(model.facts.card.multiply_adds or UNKNOWN)
    return min(wanted, int(MOST_MULTIPLY_ADDS / (a_pass * (GRID * GRID + 1))))


def heat_maps(
    model: Classifier, predictions: Predictions, places: Sequence[int], decoded: Decoded, side: int
) -> list[Picture]:
    """For each photo at `places` its picture with what spoke for the predicted class laid over it."""
    rows = [int(predictions.rows[place]) for place in places]
    labels = [model.classes[predictions.chosen[place]] for place in places]
    pictures = ((decoded.take(np.array([row]))[0], label) for row, label in zip(rows, labels, strict=True))
    drawn = engine.each(partial(draw_heat, model), pictures)
    return [draw_pixels(pixels, decoded, row, side) for row, pixels in zip(rows, drawn, strict=True)]


def draw_heat(model: Classifier, picture: tuple[Pixels, str]) -> Pixels:
    """A photo's pixels with what speaks for a class laid over them."""
    pixels, label = picture
    return lay_over(pixels, compute_heat_map(model, pixels, label))

"""Heat maps beside the mistakes: what in each photo spoke for the wrong answer.

Where the model file has class activations a map costs one pass; elsewhere parts of the photo are covered in turn,
64 passes a photo, so for a large network only the first few mistakes get one, or none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whatsit import engine
from whatsit.data.pixels import Decoded
from whatsit.evaluate.photos import Picture, pictured
from whatsit.evaluate.predictions import Predictions
from whatsit.image import Pixels
from whatsit.model.classifier import Classifier
from whatsit.model.explain import GRID, heat_map

MOST_MULTIPLY_ADDS = 5e11  # for all maps of a report together: some 10 s on two cores
UNKNOWN = 1e9  # multiply-adds of a pass where the model's card does not say
WARM = np.array([255, 90, 0], np.float32)  # laid over where most spoke for the answer


def affordable(model: Classifier, wanted: int) -> int:
    """How many of `wanted` maps are worth their time."""
    if "activation" in model.outputs:
        return wanted
    a_pass = float(model.facts.card.get("multiply_adds") or UNKNOWN)
    return min(wanted, int(MOST_MULTIPLY_ADDS / (a_pass * (GRID * GRID + 1))))


def heat_maps(
    model: Classifier, predictions: Predictions, places: Sequence[int], decoded: Decoded, side: int
) -> list[Picture]:
    """For each photo at `places` its picture with what spoke for the predicted class laid over it."""

    def drawn(place: int) -> Picture:
        row = int(predictions.rows[place])
        pixels = decoded.take(np.array([row]))[0]
        label = model.classes[predictions.chosen[place]]
        return pictured(_laid_over(pixels, heat_map(model, pixels, label)), decoded, row, side)

    return list(engine.each(drawn, places))


def _laid_over(pixels: Pixels, heat: NDArray[np.float32]) -> Pixels:
    """The photo in grey, warm where the heat is: (height, width, 3) uint8."""
    height, width = pixels.shape[:2]
    share = 0.75 * _enlarged(heat, height, width)[..., None]
    grey = pixels.mean(axis=-1, keepdims=True).astype(np.float32)
    return np.asarray(np.rint(grey * (1 - share) + WARM * share), np.uint8)


def _enlarged(heat: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """A map at the size of the photo, between its cells in straight lines."""
    rows = np.clip((np.arange(height) + 0.5) * heat.shape[0] / height - 0.5, 0, heat.shape[0] - 1)
    columns = np.clip((np.arange(width) + 0.5) * heat.shape[1] / width - 0.5, 0, heat.shape[1] - 1)
    upright = np.stack([np.interp(rows, np.arange(heat.shape[0]), column) for column in heat.T], axis=1)
    whole = np.stack([np.interp(columns, np.arange(heat.shape[1]), row) for row in upright])
    return np.asarray(whole, np.float32)

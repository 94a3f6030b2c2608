"""Why: what in a photo spoke for a class, as a small map of 0..1.

Where the model file has class activations (a mean over the last map and a linear layer; Zhou et al., "Learning
deep features for discriminative localization", CVPR 2016) they say it in one pass. Elsewhere parts of the photo
are covered in turn, and what the class loses by it is what that part had spoken for it (Zeiler and Fergus,
"Visualizing and understanding convolutional networks", ECCV 2014).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whatsit.image import PAD_COLOUR, Pixels
from whatsit.model.classifier import Classifier
from whatsit.model.graph.session import BATCH

Floats = NDArray[np.float32]

GRID = 8  # covers a side: 64 passes of the network, under a second for a MobileNet on one core
REACH = 2  # a cover is this many cells of the grid wide and high, so that neighbours overlap
WARM = np.array([255, 90, 0], np.float32)  # laid over where most spoke for the answer
LEAST = 1e-7  # below it, a probability's logarithm says nothing more


def compute_heat_map(model: Classifier, pixels: Pixels, label: str, grid: int = GRID) -> Floats:
    """What in (height, width, 3) pixels at the model's size spoke for class `label`: (h, w) float32 in 0..1.

    1 is where most did; all zeros where nothing did in particular. The map is coarser than the photo.
    grid: covers a side, where the model file has no class activations; it takes grid × grid + 1 passes
    """
    index = model.classes.index(label)
    if "activation" in model.outputs:
        (activation,) = model.run(pixels[None], ("activation",))
        return _scale(activation[0, :, :, index] - activation[0].mean(axis=-1))
    return _scale(_losses(model, pixels, index, grid))


def lay_over(pixels: Pixels, heat: Floats) -> Pixels:
    """The photo in grey, warm where the heat is: (height, width, 3) uint8."""
    height, width = pixels.shape[:2]
    share = 0.75 * _enlarge(heat, height, width)[..., None]
    grey = pixels.mean(axis=-1, keepdims=True).astype(np.float32)
    return np.asarray(np.rint(grey * (1 - share) + WARM * share), np.uint8)


def _losses(model: Classifier, pixels: Pixels, index: int, grid: int) -> Floats:
    """What the class's log-odds lose by covering each cell and its neighbours, (grid, grid)."""
    (whole,) = model.run(pixels[None], ("probabilities",))
    covers = [(row, column) for row in range(grid) for column in range(grid)]
    losses = np.empty(len(covers), np.float32)
    for start in range(0, len(covers), BATCH):
        some = covers[start : start + BATCH]
        covered = np.stack([_cover(pixels, row, column, grid) for row, column in some])
        (probabilities,) = model.run(covered, ("probabilities",))
        losses[start : start + BATCH] = _log_odds(whole[0, index]) - _log_odds(probabilities[:, index])
    return losses.reshape(grid, grid)


def _cover(pixels: Pixels, row: int, column: int, grid: int) -> Pixels:
    """The photo with grey over REACH cells around a cell's centre."""
    height, width = pixels.shape[:2]
    out = pixels.copy()
    top, bottom = _span(row, height, grid)
    left, right = _span(column, width, grid)
    out[top:bottom, left:right] = PAD_COLOUR
    return out


def _span(cell: int, side: int, grid: int) -> tuple[int, int]:
    centre, reach = (cell + 0.5) * side / grid, REACH * side / grid / 2
    first, last = max(0, round(centre - reach)), min(side, round(centre + reach))
    return first, max(last, first + 1)


def _log_odds(probability: NDArray[np.floating]) -> NDArray[np.floating]:
    kept = np.clip(probability, LEAST, 1 - LEAST)
    return np.asarray(np.log(kept) - np.log1p(-kept))


def _scale(evidence: NDArray[np.floating]) -> Floats:
    """What spoke for it, the most of it 1; what spoke against it is 0."""
    kept = np.maximum(evidence, 0)
    most = float(kept.max())
    return np.asarray(kept / most if most > 0 else kept, np.float32)


def _enlarge(heat: Floats, height: int, width: int) -> Floats:
    """A map at the size of the photo, between its cells in straight lines."""
    rows = np.clip((np.arange(height) + 0.5) * heat.shape[0] / height - 0.5, 0, heat.shape[0] - 1)
    columns = np.clip((np.arange(width) + 0.5) * heat.shape[1] / width - 0.5, 0, heat.shape[1] - 1)
    upright = np.stack([np.interp(rows, np.arange(heat.shape[0]), column) for column in heat.T], axis=1)
    whole = np.stack([np.interp(columns, np.arange(heat.shape[1]), row) for row in upright])
    return np.asarray(whole, np.float32)

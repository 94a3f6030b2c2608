"""A built-in description of what a photo shows, where no trained network is at hand: edges and colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whatsit.image import LUMA, Pixels, resize_pixels

SIDE = 64  # pixels
_CELLS = 4  # × 4 of 16 pixels: coarse, so that a crop or a border moves little from cell to cell
_DIRECTIONS = 9
WIDTH = _CELLS * _CELLS * (_DIRECTIONS + 3)  # numbers a photo

_CELL = np.repeat(np.arange(_CELLS), SIDE // _CELLS)
_PLACE = (_CELL[:, None] * _CELLS + _CELL[None, :]) * _DIRECTIONS  # (64, 64) where a cell's histogram starts


def describe(pixels: Pixels) -> NDArray[np.float16]:
    """Histograms of gradients (Dalal and Triggs, CVPR 2005) and mean colours of 4 × 4 cells, (192,), length 1.

    The histograms' roots are taken, so that a few strong edges do not drown the rest (RootSIFT's reason).
    """
    small = resize_pixels(pixels, (SIDE, SIDE)).astype(np.float32)
    grey = small @ LUMA
    across, down = np.zeros_like(grey), np.zeros_like(grey)
    across[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    down[1:-1, :] = grey[2:, :] - grey[:-2, :]
    strength = np.hypot(across, down)
    direction = np.arctan2(down, across) % np.pi
    bins = np.minimum((direction * (_DIRECTIONS / np.pi)).astype(np.int64), _DIRECTIONS - 1)
    edges = np.bincount((_PLACE + bins).ravel(), strength.ravel(), _CELLS * _CELLS * _DIRECTIONS)
    edges = np.sqrt(edges / (edges.sum() + 1e-6))
    colours = small.reshape(_CELLS, SIDE // _CELLS, _CELLS, SIDE // _CELLS, 3).mean((1, 3)).ravel()
    colours = colours - colours.mean()
    colours /= np.linalg.norm(colours) + 1e-6
    found: NDArray[np.float16] = (np.concatenate([edges, colours]) / np.sqrt(2)).astype(np.float16)
    return found

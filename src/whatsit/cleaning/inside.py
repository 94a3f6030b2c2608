"""Whether one photo is a part of another: cropped, or with a border put around it.

The vectors of what photos show propose pairs; here the pixels decide. The smaller picture is laid over the
larger at some scales and all places, and they must correlate where they overlap.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

SIDE = 48  # pixels of the grey pictures that are compared
SCALES = (
    1.0,
    0.96,
    0.92,
    0.88,
    0.84,
    0.8,
    0.76,
)  # of the part's sides in the whole's; crops beyond keep too little
CORRELATION = 0.94  # measured on cropped and bordered copies; see docs/clean.md

Grey = NDArray[np.float32]  # (48, 48) grey levels


def measure_overlap(first: Grey, second: Grey, mirrored: bool = True) -> float:
    """The best correlation of either picture with a part of the other, as it is or `mirrored`, -1..1."""
    best = -1.0
    for part in (second, second[:, ::-1]) if mirrored else (second,):
        best = max(best, _within(first, part), _within(part, first))
    return best


def _within(whole: Grey, part: Grey) -> float:
    return max(_best_place(whole, _shrunk(part, round(scale * SIDE))) for scale in SCALES)


def _best_place(whole: Grey, part: Grey) -> float:
    """The largest correlation of `part` with any window of its size in `whole`."""
    windows = sliding_window_view(whole, part.shape)
    centred = part - part.mean()
    spread = float(np.sqrt((centred**2).sum()))
    means = windows.mean((2, 3))
    power = np.maximum((windows**2).sum((2, 3)) - part.size * means**2, 0)
    products = np.einsum("ijkl,kl->ij", windows, centred)
    floor = part.size  # a window that varies by less than one grey level shows nothing to compare
    found = np.where(power > floor, products / (np.sqrt(np.maximum(power, 1)) * max(spread, 1e-6)), -1.0)
    return float(found.max())


def _shrunk(picture: Grey, side: int) -> Grey:
    """A picture at another size, by linear interpolation (the change is small: no more is needed)."""
    if side == SIDE:
        return picture
    places = (np.arange(side) + 0.5) * (SIDE / side) - 0.5
    low = np.clip(np.floor(places).astype(np.int64), 0, SIDE - 2)
    share = np.clip(places - low, 0, 1).astype(np.float32)
    rows = picture[low] * (1 - share[:, None]) + picture[low + 1] * share[:, None]
    return np.asarray(rows[:, low] * (1 - share) + rows[:, low + 1] * share, np.float32)

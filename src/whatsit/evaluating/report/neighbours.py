"""The training photos that a model finds most like a photo: why it may have answered as it did.

They are read out of the model file itself: its distance looks up the nearest of a bounded bank of training
photos (at most 2,000, evenly over the classes), and which these were costs nothing to ask.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whatsit.data.pixels import Decoded
from whatsit.model.container import read_facts
from whatsit.model.graph.stages import compute_outputs

NEAREST = 3
FOUND = 0.5  # the share of these photos that must find themselves in the bank; of a wrong bank hardly any does


def find_neighbours(
    content: bytes, decoded: Decoded, bank: NDArray[np.int64], rows: NDArray[np.int64]
) -> NDArray[np.int64] | None:
    """(n, NEAREST) rows of the training photos most like each photo at `rows`, nearest first.

    content: the model file; bank: the rows its bank was made of (`novelty.choose_bank_rows`), in order. None where
    the photos at these rows are not those the bank was made of, or the bank has too few.
    """
    if len(bank) < NEAREST or not len(rows):
        return None
    is_frozen = read_facts(content).is_frozen
    (places,) = compute_outputs(content, decoded.take, rows, ("novelty.rows",), is_frozen)
    if places.shape[1] < NEAREST or places.max() >= len(bank):
        return None
    used = np.unique(places[:, :NEAREST])
    (nearest,) = compute_outputs(content, decoded.take, bank[used], ("novelty.rows",), is_frozen)
    finds_itself = (nearest == used[:, None]).any(axis=1)
    return np.asarray(bank[places[:, :NEAREST]], np.int64) if finds_itself.mean() >= FOUND else None

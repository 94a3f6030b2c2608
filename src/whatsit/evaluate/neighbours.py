"""The training photos that a model finds most like a photo: why it may have answered as it did.

They are read out of the model file itself: its distance looks up the nearest of a bounded bank of training
photos (at most 2,000, evenly over the classes), and which these were costs nothing to ask.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whatsit.data.pixels import Decoded
from whatsit.model.inner import inner_session
from whatsit.model.session import run_over

NEAREST = 3
SAME = 0.999  # the cosine of a training photo to itself, less rounding
TWIN = 0.99999  # where all of a photo's nearest are this near, they are copies of it and may stand before it


def nearest_training_photos(
    content: bytes, decoded: Decoded, bank: NDArray[np.int64], rows: NDArray[np.int64]
) -> NDArray[np.int64] | None:
    """(n, NEAREST) rows of the training photos most like each photo at `rows`, nearest first.

    content: the model file; bank: the rows its bank was made of (`novelty.bank_rows`), in order. None where
    the photos at these rows are not those the bank was made of, or the bank has too few.
    """
    if len(bank) < NEAREST or not len(rows):
        return None
    session = inner_session(content, ("novelty.rows", "novelty.nearest"))
    (places,) = run_over(session, decoded.take, rows, ("novelty.rows",))
    if places.shape[1] < NEAREST or places.max() >= len(bank):
        return None
    used = np.unique(places[:, :NEAREST])
    nearest, cosines = run_over(session, decoded.take, bank[used], ("novelty.rows", "novelty.nearest"))
    finds_itself = (nearest == used[:, None]).any(axis=1) | (cosines[:, -1] > TWIN)
    if not ((cosines[:, 0] > SAME) & finds_itself).all():
        return None
    return np.asarray(bank[places[:, :NEAREST]], np.int64)

"""A map of a pile: each photo a point of the plane, photos that look alike near one another.

A few hundred photos are laid out by t-SNE (van der Maaten and Hinton, 2008), and every other lies between those
that it is most like: what t-SNE would take an hour for takes seconds, and groups stay groups.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]

LANDMARKS = 400  # photos that are laid out
WIDTH = 32  # main directions that say how alike photos are
NEAR = 5  # landmarks that a photo lies between
_BLOCK = 8192  # photos at once


def lay_out(values: Values, seed: int = 0) -> Values:
    """(n, 2) in 0..1 for features (n, d), whose first columns matter most; the same each time."""
    main = np.ascontiguousarray(values[:, :WIDTH])
    rows = np.random.default_rng(seed).permutation(len(main))[:LANDMARKS]
    places = _lay_out_few(main[rows], seed)
    blocks = (main[start : start + _BLOCK] for start in range(0, len(main), _BLOCK))
    found = np.concatenate([_place(block, main[rows], places) for block in blocks])
    low, high = found.min(axis=0), found.max(axis=0)
    return np.asarray((found - low) / np.maximum(high - low, 1e-9), np.float32)


def _lay_out_few(some: Values, seed: int) -> Values:
    if len(some) < 8:  # too few for neighbours
        return np.asarray(some[:, :2] if some.shape[1] > 1 else np.repeat(some, 2, axis=1), np.float32)
    from sklearn.manifold import TSNE

    perplexity = min(20.0, (len(some) - 1) / 3)
    method = TSNE(perplexity=perplexity, init="pca", random_state=seed, max_iter=400)
    return np.asarray(method.fit_transform(some), np.float32)


def _place(block: Values, landmarks: Values, places: Values) -> Values:
    """Each photo among its nearest landmarks, the nearer the more; a landmark where it is."""
    squared = (block**2).sum(axis=1)[:, None] - 2 * block @ landmarks.T + (landmarks**2).sum(axis=1)
    near = min(NEAR, len(landmarks))
    nearest = np.argpartition(squared, near - 1, axis=1)[:, :near]
    far = np.maximum(np.take_along_axis(squared, nearest, axis=1), 1e-9)
    weights = far**-2
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("nk,nkc->nc", weights, places[nearest]), np.float32)

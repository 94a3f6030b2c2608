"""How a photo looks, whatever is on it: brightness, contrast, colour and sharpness, in some sixty numbers.

A network that learnt all it knows from a few classes has no features for what it has never seen: noise, a flat
card or a handwritten digit may lie amid its photos of ships. Their look gives them away. It is compared with the
training photos' by a Mahalanobis distance, and counts only from where hardly a known photo goes, so that among
photos of an ordinary look nothing changes (docs/decisions/017-the-look-of-a-photo.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from whatsit.image import LUMA, Pixels, Size
from whatsit.model.calibrate import upper_quantile
from whatsit.model.graph.features import ReadPixels
from whatsit.model.graph.session import Session, run_over
from whatsit.model.graph.write import Graph

Floats = NDArray[np.float32]

APPEARANCE = "appearance"
SIDE = 32  # photos are averaged down to about this: what is finer tells more of the camera
SCALES = (1, 2, 4)
LEAST_SIDE = 4  # of the photo at a scale
COLOURS = np.stack([LUMA, (0, 0, 1) - LUMA, (1, 0, 0) - LUMA]).astype(np.float32) / 255
LEAST_SPREAD, LEAST_EDGE = 1e-2, 1e-3  # of 1: below them there is nothing but noise
ODD_SHARE = 0.005  # of known photos whose look may add to their distance
STEEPNESS = 10.0  # a tenth beyond the limit makes a photo as strange as features at a right angle do
LEAST_LIMIT = 1.0  # photos that all look the same differ by less
LEAST_DEVIATION = 1e-3  # of a number of the look: one that is the same in all photos is not divided by zero
SHRINKAGE = 0.3  # of the correlations: sixty numbers are estimated from a few hundred photos

_RIGHT = ((0, 0, 0), (0, -1, 1), (0, 0, 0))
_DOWN = ((0, 0, 0), (0, -1, 0), (0, 1, 0))
_LAPLACE = ((0, -1, 0), (-1, 4, -1), (0, -1, 0))
# (9, 1, 3, 3): the three of them for each of three colours
EDGES = np.tile(np.array([_RIGHT, _DOWN, _LAPLACE], np.float32)[:, None], (3, 1, 1, 1))


@dataclass(frozen=True)
class Appearance:
    """Where the looks of training photos lie: mean (k,), directions (k, k), limit: from where being far counts."""

    mean: Floats
    directions: Floats
    limit: float

    def added(self, appearances: Floats) -> Floats:
        """(n, k) appearances → (n,) what they add to the photos' distance: nothing to ordinary ones."""
        far = np.linalg.norm((appearances - self.mean) @ self.directions, axis=1)
        return np.asarray(STEEPNESS * np.maximum(far / self.limit - 1, 0), np.float32)

    def append_to(self, graph: Graph, size: Size) -> str:
        """Add the nodes from `pixels` to what their look adds to the distance, and give its name."""
        away = graph.add("MatMul", graph.add("Sub", appearance_of(graph, size), self.mean), self.directions)
        far = graph.add("ReduceL2", away, _axes(1), keepdims=0)
        beyond = graph.add("Relu", graph.add("Sub", graph.add("Div", far, self.limit), 1))
        return graph.add("Mul", beyond, STEEPNESS)


def fit_appearance(looks: Floats, known: Floats) -> Appearance:
    """From the looks (n, k) of training photos, and of other known photos (m, k), which set the limit."""
    exact = looks.astype(np.float64)
    mean = exact.mean(axis=0)
    spread = np.maximum(exact.std(axis=0), LEAST_DEVIATION)
    scaled = (exact - mean) / spread
    values, vectors = np.linalg.eigh(scaled.T @ scaled / len(scaled))
    directions = vectors / np.sqrt(np.maximum(values, 0) + SHRINKAGE) / spread[:, None]
    far = np.linalg.norm((known - mean) @ directions, axis=1)
    limit = max(upper_quantile(far, ODD_SHARE), LEAST_LIMIT)
    return Appearance(mean.astype(np.float32), directions.astype(np.float32), limit)


def appearances_over(take: ReadPixels, rows: NDArray[np.int64], size: Size) -> Floats:
    """The looks (n, k) of many photos; `take(rows)` gives their pixels, (k, height, width, 3) uint8."""
    graph = Graph("appearance.")
    appearance_of(graph, size)
    session = Session(graph.model(size, {APPEARANCE: [None]}).SerializeToString())
    (looks,) = run_over(session, take, rows, (APPEARANCE,))
    return np.asarray(looks, np.float32)


def without_colour(take: ReadPixels) -> ReadPixels:
    """The same photos in grey."""
    return partial(_take_grey, take)


def _take_grey(take: ReadPixels, rows: NDArray[np.int64]) -> Pixels:
    light = np.rint(take(rows) @ LUMA).astype(np.uint8)
    return np.repeat(light[..., None], 3, axis=-1)


def appearance_of(graph: Graph, size: Size) -> str:
    """Add the nodes from `pixels` (n, height, width, 3) to their look (n, k), and give its name.

    For lightness and two differences of colour: the mean, and the logarithms of the spread and, at each scale, of
    the mean and the root mean square of the differences to the right, downwards and of the Laplacian.
    """
    shrunk = max(1, round(min(size) / SIDE))
    photos = graph.add("Cast", graph.add("Transpose", "pixels", perm=[0, 3, 1, 2]), to=1)
    seen = graph.add("Conv", _averaged(graph, photos, shrunk), COLOURS[:, :, None, None])
    mean = graph.add("ReduceMean", seen, _axes(2, 3), keepdims=1)
    spread = _root_mean_square(graph, graph.add("Sub", seen, mean))
    parts = [graph.add("Flatten", mean, axis=1), _logarithm(graph, spread, LEAST_SPREAD)]
    for scale in SCALES:
        if min(size) // shrunk // scale < LEAST_SIDE:
            break
        edges = graph.add("Conv", _averaged(graph, seen, scale), EDGES, group=3)
        edge = graph.add("ReduceMean", graph.add("Abs", edges), _axes(2, 3), keepdims=0)
        parts += [_logarithm(graph, value, LEAST_EDGE) for value in (edge, _root_mean_square(graph, edges))]
    return graph.add("Concat", *parts, output=APPEARANCE, axis=1)


def _averaged(graph: Graph, photos: str, side: int) -> str:
    """Photos (n, c, h, w) averaged over squares of so many pixels a side."""
    if side == 1:
        return photos
    return graph.add("AveragePool", photos, kernel_shape=[side, side], strides=[side, side])


def _root_mean_square(graph: Graph, values: str) -> str:
    squares = graph.add("ReduceMean", graph.add("Mul", values, values), _axes(2, 3), keepdims=0)
    return graph.add("Sqrt", squares)


def _logarithm(graph: Graph, values: str, least: float) -> str:
    """The logarithm, of `least` more, so that a photo without any has one too."""
    return graph.add("Log", graph.add("Add", values, least))


def _axes(*axes: int) -> NDArray[np.int64]:
    return np.array(axes, np.int64)

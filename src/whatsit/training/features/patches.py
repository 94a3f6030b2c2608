"""Likeness to small patches learnt from the training photos themselves, without their classes.

Coates and Ng, "The importance of encoding versus training with sparse coding and vector quantization" (ICML
2011): patches of 6 × 6 pixels are brought to one contrast, whitened and clustered by k-means on the sphere; a
photo is described by how much each of its patches looks like each centre beyond a threshold, averaged over nine
regions. All of it is one convolution with the whitened centres and a local contrast.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whatsit.image import Pixels
from whatsit.model.graph.write import Graph
from whatsit.training.features.graph import Sample, build_averaging, flatten_value, shrink

Floats = NDArray[np.float32]

CENTRES = 256
PATCH = 6  # pixels, of photos at most 32 pixels wide
REGIONS = 3  # to a side
CONTRAST = 10.0  # added to a patch's variance (0..255 squared), so that noise is not blown up; Coates and Ng's
WHITEN = 0.1  # added to the variance of each direction; theirs too
THRESHOLD = 0.5
LEARNT_FROM = 50_000  # patches
ROUNDS = 15  # of k-means; later ones move no centre that matters


def build(graph: Graph, photo: str, sample: Sample) -> str:
    """2,304 columns: 256 centres in each of nine regions."""
    small, (height, width) = shrink(graph, photo, sample.size)
    side = max(2, min(PATCH, height // 2, width // 2))
    filters, offsets = learn_patches(_small(sample.pixels, height, width), side, sample.seed)
    answers = graph.add("Conv", small, filters.transpose(0, 3, 1, 2))  # (batch, centres, h - 5, w - 5)
    contrast = _contrast(graph, small, side)
    likeness = graph.add("Add", graph.add("Div", answers, contrast), (offsets - THRESHOLD).reshape(1, -1, 1, 1))
    found = graph.add("Relu", likeness)
    down, right = height - side + 1, width - side + 1
    rows = graph.add("MatMul", build_averaging(down, min(REGIONS, down)), found)
    return flatten_value(graph, graph.add("MatMul", rows, build_averaging(right, min(REGIONS, right)).T))


def _contrast(graph: Graph, small: str, side: int) -> str:
    """(batch, 1, h - 5, w - 5): the spread of each patch, as `_at_one_contrast` has it."""
    mean_filter = np.full((1, 3, side, side), 1 / (3 * side * side), np.float32)
    centred = graph.add("Sub", small, 128.0)  # squares of small numbers lose fewer digits
    mean = graph.add("Conv", centred, mean_filter)
    squares = graph.add("Conv", graph.add("Mul", centred, centred), mean_filter)
    variance = graph.add("Relu", graph.add("Sub", squares, graph.add("Mul", mean, mean)))
    return graph.add("Sqrt", graph.add("Add", variance, CONTRAST))


def learn_patches(photos: Floats, side: int, seed: int) -> tuple[Floats, Floats]:
    """The filters (centres, side, side, 3) and offsets (centres,) that give a patch's likeness to each centre.

    photos: (n, h, w, 3) float32, 0..255.
    """
    draw = np.random.default_rng(seed)
    patches = _at_one_contrast(_some_patches(photos, side, draw))
    mean = patches.mean(axis=0)
    whitening = _whitening(patches - mean)
    centres = _cluster((patches - mean) @ whitening, CENTRES, draw)
    filters = centres @ whitening  # (centres, patch); whitening is symmetric
    offsets = -filters @ mean
    filters = filters - filters.mean(axis=1, keepdims=True)  # takes the mean of any patch away with it
    return filters.reshape(-1, side, side, 3).astype(np.float32), offsets.astype(np.float32)


def _small(pixels: Pixels, height: int, width: int) -> Floats:
    """The sample's photos as the graph's `shrink` makes them."""
    down, right = build_averaging(pixels.shape[1], height), build_averaging(pixels.shape[2], width)
    rows = np.einsum("ij,njkc->nikc", down, pixels.astype(np.float32), optimize=True)
    return np.asarray(np.einsum("ij,nkjc->nkic", right, rows, optimize=True), np.float32)


def _some_patches(photos: Floats, side: int, draw: np.random.Generator) -> Floats:
    """(LEARNT_FROM, side · side · 3) patches from anywhere."""
    count, height, width, _ = photos.shape
    row = draw.integers(0, height - side + 1, LEARNT_FROM)[:, None, None] + np.arange(side)[:, None]
    column = draw.integers(0, width - side + 1, LEARNT_FROM)[:, None, None] + np.arange(side)
    which = draw.integers(0, count, LEARNT_FROM)[:, None, None]
    return np.asarray(photos[which, row, column].reshape(LEARNT_FROM, -1))


def _at_one_contrast(patches: Floats) -> Floats:
    centred = patches - patches.mean(axis=1, keepdims=True)
    return np.asarray(centred / np.sqrt(centred.var(axis=1, keepdims=True) + CONTRAST))


def _whitening(centred: Floats) -> Floats:
    """The symmetric matrix that gives all directions of the patches the same variance (ZCA)."""
    values, vectors = np.linalg.eigh(np.cov(centred.T.astype(np.float64)))
    return np.asarray((vectors / np.sqrt(np.maximum(values, 0) + WHITEN)) @ vectors.T, np.float32)


def _cluster(patches: Floats, count: int, draw: np.random.Generator) -> Floats:
    """(count, d) directions of length one: k-means on the sphere. An empty cluster starts again at a patch."""
    centres = _unit(draw.standard_normal((count, patches.shape[1])).astype(np.float32))
    for _ in range(ROUNDS):
        likeness = patches @ centres.T
        nearest = likeness.argmax(axis=1)
        strength = likeness[np.arange(len(patches)), nearest]
        order = np.argsort(nearest, kind="stable")
        filled, starts = np.unique(nearest[order], return_index=True)
        sums = patches[draw.integers(0, len(patches), count)]
        sums[filled] = np.add.reduceat((patches * strength[:, None])[order], starts, axis=0)
        centres = _unit(sums)
    return centres


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-8), np.float32)

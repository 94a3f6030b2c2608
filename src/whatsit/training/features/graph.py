"""What a feature is, and the nodes that features share.

A feature is computed by the same nodes in training (run by onnxruntime) and in the model file, so both see the
same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.image import Pixels, Size
from whatsit.model.graph.write import Graph

SIDE = 32  # the small picture that raw, wavelet, colour and patches look at


@dataclass(frozen=True)
class Sample:
    """Some training photos, (n, height, width, 3) uint8, for features that learn; and the seed they learn by."""

    pixels: Pixels
    seed: int

    @property
    def size(self) -> Size:
        """(height, width) of the photos."""
        return int(self.pixels.shape[1]), int(self.pixels.shape[2])


Build = Callable[[Graph, str, Sample], str]


@dataclass(frozen=True)
class Feature:
    """One way to turn a photo into numbers.

    build:      adds its nodes to a graph, from the name of the photo (batch, 3, height, width), float32 whole
                numbers 0..255, to the name of its columns (batch, d)
    least_side: the smallest photo it makes sense for, in pixels
    step:       sides must be a multiple of this
    """

    build: Build
    purpose: str
    least_side: int = 1
    step: int = 1


def photo_of(graph: Graph) -> str:
    """The input `pixels` as (batch, 3, height, width) float32 whole numbers 0..255."""
    return graph.add("Cast", graph.add("Transpose", "pixels", perm=[0, 3, 1, 2]), to=1)


def shrink(graph: Graph, photo: str, size: Size, side: int = SIDE) -> tuple[str, Size]:
    """A photo (batch, channels, height, width) averaged down to at most `side` by `side`, and its new size."""
    height, width = min(size[0], side), min(size[1], side)
    if (height, width) == size:
        return photo, size
    rows = graph.add("MatMul", build_averaging(size[0], height), photo)  # (batch, channels, height', width)
    return graph.add("MatMul", rows, build_averaging(size[1], width).T), (height, width)


def build_averaging(length: int, shorter: int) -> NDArray[np.float32]:
    """(shorter, length): each row takes the mean over its share of a line, cut pixels counted by their part."""
    edges = np.arange(shorter + 1) * (length / shorter)
    starts, ends = edges[:-1, None], edges[1:, None]
    pixel = np.arange(length)[None, :]
    overlap = np.clip(np.minimum(ends, pixel + 1) - np.maximum(starts, pixel), 0, None)
    return np.asarray(overlap / overlap.sum(axis=1, keepdims=True), np.float32)


def flatten_value(graph: Graph, value: str) -> str:
    """A value (batch, …) as (batch, d)."""
    return graph.add("Flatten", value, axis=1)

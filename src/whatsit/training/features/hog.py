"""Histograms of oriented gradients (Dalal and Triggs, CVPR 2005), equal to scikit-image's `hog`.

Nine orientations, blocks of 2 × 2 cells, L2-Hys, the strongest of the three channels at each pixel. There are
eight cells to a side whatever the size of the photo, so that the columns mean the same at every size.
"""

from __future__ import annotations

import math

import numpy as np

from whatsit.image import Size
from whatsit.model.graph.write import Graph
from whatsit.training.features.graph import Sample, flatten_value

ORIENTATIONS = 9
CELLS = 8
SMALLEST_CELL = 2  # pixels
EPSILON = 1e-5  # scikit-image's
CLIP = 0.2  # the "Hys" of L2-Hys


def cell_side(size: Size) -> int:
    """Pixels to a side of a cell."""
    return max(SMALLEST_CELL, min(size) // CELLS)


def build(graph: Graph, photo: str, sample: Sample) -> str:
    """1,764 columns for square photos of 16 pixels or more, in scikit-image's order."""
    cell = cell_side(sample.size)
    rows, columns = sample.size[0] // cell, sample.size[1] // cell
    down, right = _strongest(graph, photo)
    votes = _votes(graph, down, right)
    pooled = graph.add("AveragePool", votes, kernel_shape=[cell, cell], strides=[cell, cell])
    return flatten_value(graph, _blocks(graph, _by_orientation(graph, pooled), rows, columns))


def _strongest(graph: Graph, photo: str) -> tuple[str, str]:
    """The gradient downwards and to the right, each (batch, 1, h, w), of the channel where it is largest."""
    down = _difference(graph, photo, axis=2)
    right = _difference(graph, photo, axis=3)
    squared = graph.add("Add", graph.add("Mul", down, down), graph.add("Mul", right, right))
    channel = graph.add("ArgMax", squared, axis=1, keepdims=1)
    return (
        graph.add("GatherElements", down, channel, axis=1),
        graph.add("GatherElements", right, channel, axis=1),
    )


def _difference(graph: Graph, photo: str, axis: int) -> str:
    """The next pixel less the one before; nothing on the border."""
    end = np.iinfo(np.int64).max
    axes = np.array([axis], np.int64)
    after = graph.add("Slice", photo, np.array([2], np.int64), np.array([end], np.int64), axes)
    before = graph.add("Slice", photo, np.array([0], np.int64), np.array([-2], np.int64), axes)
    pads = np.zeros(8, np.int64)
    pads[[axis, axis + 4]] = 1
    return graph.add("Pad", graph.add("Sub", after, before), pads)


def _votes(graph: Graph, down: str, right: str) -> str:
    """(batch, 9, h, w): each pixel's magnitude, in the planes of all directions that its gradient lies beyond.

    It lies beyond the direction k · 20° if their cross product is not negative, so no arctangent is needed.
    Gradients are first turned into the upper half-plane: orientations have no sign. All lie beyond 0°.
    """
    squared = graph.add("Add", graph.add("Mul", down, down), graph.add("Mul", right, right))
    magnitude = graph.add("Sqrt", squared)
    level = graph.add("Equal", down, 0.0)
    turn = graph.add("Where", level, graph.add("Sign", right), graph.add("Sign", down))
    gradient = graph.add("Mul", graph.add("Concat", down, right, axis=1), turn)  # (batch, 2, h, w)
    angles = [math.pi * step / ORIENTATIONS for step in range(1, ORIENTATIONS)]
    across = np.array([[math.cos(angle), -math.sin(angle)] for angle in angles], np.float32)
    cross = graph.add("Conv", gradient, across.reshape(-1, 2, 1, 1))  # (batch, 8, h, w)
    beyond = graph.add("Cast", graph.add("GreaterOrEqual", cross, 0.0), to=1)
    return graph.add("Concat", magnitude, graph.add("Mul", beyond, magnitude), axis=1)


def _by_orientation(graph: Graph, cells: str) -> str:
    """(batch, 9, rows, columns): what lies beyond each direction less what lies beyond the next one."""
    axes = np.array([1], np.int64)
    end = np.array([ORIENTATIONS], np.int64)
    later = graph.add("Slice", cells, np.array([1], np.int64), end, axes)
    padded = graph.add("Pad", later, np.array([0, 0, 0, 0, 0, 1, 0, 0], np.int64))
    return graph.add("Relu", graph.add("Sub", cells, padded))


def _blocks(graph: Graph, cells: str, rows: int, columns: int) -> str:
    """(batch, rows - 1, columns - 1, 2, 2, 9): each block of four cells, normalised."""
    axes = np.array([2, 3], np.int64)
    corners = []
    for row in (0, 1):
        for column in (0, 1):
            starts = np.array([row, column], np.int64)
            ends = np.array([row + rows - 1, column + columns - 1], np.int64)
            corners.append(graph.add("Slice", cells, starts, ends, axes))
    four = graph.add("Concat", *corners, axis=1)  # (batch, 2 · 2 · 9, rows - 1, columns - 1)
    clipped = graph.add("Min", _normalise(graph, four), CLIP)
    return graph.add("Transpose", _normalise(graph, clipped), perm=[0, 2, 3, 1])


def _normalise(graph: Graph, blocks: str) -> str:
    squares = graph.add("Mul", blocks, blocks)
    total = graph.add("ReduceSum", squares, np.array([1], np.int64), keepdims=1)
    length = graph.add("Sqrt", graph.add("Add", total, EPSILON**2))
    return graph.add("Div", blocks, length)

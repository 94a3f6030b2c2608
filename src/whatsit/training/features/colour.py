"""Colour histograms: the shares of 4 × 4 × 4 colours in the whole photo and in each of its quarters.

Shares are square-rooted, so that the plain distance of two photos is Hellinger's distance of their histograms.
"""

from __future__ import annotations

import numpy as np

from whatsit.model.graph.write import Graph
from whatsit.training.features.graph import Sample, flatten_value, shrink

LEVELS = 4  # a channel
COLOURS = LEVELS**3


def build(graph: Graph, photo: str, sample: Sample) -> str:
    """320 columns: 64 colours of the whole, then of the quarters, colour by colour."""
    small, (height, width) = shrink(graph, photo, sample.size)
    level = graph.add("Floor", graph.add("Mul", small, LEVELS / 256))
    place = np.array([LEVELS**2, LEVELS, 1], np.float32).reshape(1, 3, 1, 1)
    colour = graph.add("ReduceSum", graph.add("Mul", level, place), np.array([1], np.int64), keepdims=1)
    named = np.arange(COLOURS, dtype=np.float32).reshape(1, -1, 1, 1)
    planes = graph.add("Cast", graph.add("Equal", colour, named), to=1)  # (batch, 64, h, w)
    whole = graph.add("GlobalAveragePool", planes)
    half = [max(1, height // 2), max(1, width // 2)]
    stride = [max(1, height - half[0]), max(1, width - half[1])]
    quarters = graph.add("AveragePool", planes, kernel_shape=half, strides=stride)
    shares = graph.add("Concat", flatten_value(graph, whole), flatten_value(graph, quarters), axis=1)
    return graph.add("Sqrt", shares)

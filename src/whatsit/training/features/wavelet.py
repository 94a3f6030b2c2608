"""The Haar wavelet's detail picture: what is left of the grey photo when the approximation is set to nothing.

As in the well-known tutorial on telling sports celebrities apart: five levels of Haar, approximation zeroed,
transformed back, shrunk to 32 × 32. For sides divisible by 2^5 that picture is exactly the photo less its means
over blocks of 32 pixels, which is how it is computed here (equal to PyWavelets' wavedec2 and waverec2 to 1e-6).
The tutorial then casts negative numbers to uint8, where they wrap around to white; here half is added, and what
is still outside 0..1 is cut off. At 32 pixels there is one block, and the picture would only be the photo less
its mean: so it is computed on 128 pixels or more, and then shrunk.
"""

from __future__ import annotations

import numpy as np

from whatsit.image import LUMA
from whatsit.model.graph.write import Graph
from whatsit.training.features.graph import Sample, flatten_value, shrink

LEVELS = 5
BLOCK = 2**LEVELS


def build(graph: Graph, photo: str, sample: Sample) -> str:
    """1,024 columns, row by row."""
    height, width = sample.size
    weights = LUMA.reshape(1, 3, 1, 1) / np.float32(255)
    grey = graph.add("ReduceSum", graph.add("Mul", photo, weights), np.array([1], np.int64), keepdims=1)
    blocks = np.array([0, height // BLOCK, BLOCK, width // BLOCK, BLOCK], np.int64)
    blocked = graph.add("Reshape", grey, blocks)
    across = graph.add("ReduceMean", blocked, np.array([4], np.int64), keepdims=1)
    mean = graph.add("ReduceMean", across, np.array([2], np.int64), keepdims=1)  # in two steps: fewer roundings
    detail = graph.add("Sub", blocked, mean)
    picture = graph.add("Reshape", detail, np.array([0, 1, height, width], np.int64))
    lifted = graph.add("Add", picture, 0.5)
    cut = graph.add("Clip", lifted, 0.0, 1.0)
    small, _ = shrink(graph, cut, sample.size)
    return flatten_value(graph, small)

"""A backbone: a photo as 8 × 8 mean colours, in place of a network; its weights are how much a colour counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from whatsit.image import Size
from whatsit.model.backbones.known import Package, Published
from whatsit.model.graph.write import FEATURES, Graph, model_of

TILES = 8


def write_graph(weights: Path, size: Size) -> bytes:
    """The network as an ONNX model: `pixels` (n, h, w, 3) uint8 → `features` (n, d) float32.

    One that ends in a mean over a map gives `map` (n, d, h', w') as well, and heat maps follow from it.
    """
    counts = np.loadtxt(weights, dtype=np.float32).reshape(1, 3, 1, 1) / 255
    tile = [size[0] // TILES, size[1] // TILES]
    graph = Graph()
    channels_first = graph.add("Transpose", "pixels", perm=[0, 3, 1, 2])
    weighted = graph.add("Mul", graph.add("Cast", channels_first, to=1), counts)
    tiles = graph.add("AveragePool", weighted, kernel_shape=tile, strides=tile)
    graph.add("Flatten", tiles, output=FEATURES)
    model = model_of(graph.model(size, {FEATURES: [3 * TILES * TILES]}).graph)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


BACKBONE = Published(
    purpose="8 × 8 mean colours: no network at all, and what one has to beat",
    licence="CC0-1.0",
    size=64,
    files=("mosaic-weights.txt",),
    source=Package(
        requirement="whatsit-example==0.1.0",
        module="whatsit_example",
        file="mosaic-weights.txt",
        sha256="f50d0ca2978acdeae201a03c3b4f9f41669363b85f15e437c868c14a897ff689",
        bytes=15,
    ),
    needs_torch=False,
    write_graph=write_graph,
)

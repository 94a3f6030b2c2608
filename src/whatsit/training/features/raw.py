"""The pixels themselves, averaged down to 32 × 32, in colour, 0..1."""

from __future__ import annotations

from whatsit.model.graph.write import Graph
from whatsit.training.features.graph import Sample, flatten_value, shrink


def build(graph: Graph, photo: str, sample: Sample) -> str:
    """3,072 columns (fewer for smaller photos): red, green, blue planes, row by row."""
    small, _ = shrink(graph, photo, sample.size)
    return flatten_value(graph, graph.add("Div", small, 255.0))

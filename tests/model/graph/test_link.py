"""The links as nodes of a graph: the same numbers as the target's own link."""

from __future__ import annotations

import numpy as np
import pytest

from whatsit.data.target import TARGETS
from whatsit.model.graph.link import LINKS
from whatsit.model.graph.session import Session
from whatsit.model.graph.write import Graph


@pytest.mark.parametrize("name", LINKS)
def test_a_graph_links_as_its_target_does(name: str) -> None:
    graph = Graph()
    graph.add("Cast", "pixels", output="floats", to=1)
    flat = graph.add("Reshape", "floats", np.array([0, -1], np.int64))
    logits = graph.add("Sub", graph.add("Div", flat, 10.0), 8.0)
    LINKS[name](graph, logits, "probabilities")
    content = graph.model((1, 2), {"probabilities": [6]}).SerializeToString()
    pixels = np.random.default_rng(0).integers(0, 256, (5, 1, 2, 3), np.uint8)
    (found,) = Session(content).run(pixels, ["probabilities"])
    assert np.allclose(found, TARGETS[name].link(pixels.reshape(5, 6) / 10 - 8), atol=1e-6)

"""How logits become probabilities in a graph, for each kind of thing that is predicted."""

from __future__ import annotations

from collections.abc import Callable

from whatsit.data.target import ONE_CLASS, SEVERAL
from whatsit.model.graph.write import Graph

Link = Callable[[Graph, str, str], None]


def add_softmax(graph: Graph, logits: str, output: str) -> None:
    """Add the nodes from the value `logits` (batch, classes) to `output`, whose rows sum to one."""
    graph.add("Softmax", logits, output=output, axis=1)


def add_sigmoid(graph: Graph, logits: str, output: str) -> None:
    """Add the node from the value `logits` (batch, classes) to `output`, each between zero and one by itself."""
    graph.add("Sigmoid", logits, output=output)


# By the target's name in `data.target`.
LINKS: dict[str, Link] = {ONE_CLASS.name: add_softmax, SEVERAL.name: add_sigmoid}

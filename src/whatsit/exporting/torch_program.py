"""A program of torch's, model.pt2: the network as `torch.export` keeps it, for those who go on in torch."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from whatsit.errors import missing_extra
from whatsit.exporting.graph import Node, Operation, explain_refusal, read_graph
from whatsit.exporting.torch_ops import operations
from whatsit.files import write_bytes
from whatsit.model.container import read_facts

if TYPE_CHECKING:
    import onnx
    import torch


def convert(model: bytes, folder: Path) -> None:
    """Write the network of a model file. Raises UserError where torch is missing, or cannot do an operation."""
    try:
        import torch
    except ImportError:
        raise missing_extra("torch", "train", "An export to torch") from None
    network, example = open_network(model, "torch")
    batch = ({0: torch.export.Dim("batch", min=1)},)
    try:
        with torch.no_grad():
            program = torch.export.export(network, (example,), dynamic_shapes=batch)
    except Exception as error:  # an operation used as torch_ops.py does not know it, or torch.export does not take
        raise explain_refusal("torch", error) from None
    kept = io.BytesIO()
    torch.export.save(program, kept)
    write_bytes(folder / "model.pt2", kept.getvalue())


def open_network(
    model: bytes, to: str, otherwise: Mapping[str, Operation] | None = None
) -> tuple[torch.nn.Module, torch.Tensor]:
    """The network of a model file as a module, and an example of what it takes: two photos.

    to:        the runtime that it is for; UserError names the operations that are not known on the way there
    otherwise: operations that this runtime wants done in another way
    """
    import torch

    graph = read_graph(model, operations(), to)
    return make_module(graph, otherwise), torch.zeros((2, *read_facts(model).size, 3), dtype=torch.uint8)


def make_module(graph: onnx.GraphProto, otherwise: Mapping[str, Operation] | None = None) -> torch.nn.Module:
    """The graph as a module, `pixels` → (probabilities, distance); what has two sides or more can be trained."""
    import torch
    from onnx import numpy_helper

    known = {**operations(), **(otherwise or {})}
    constants = {one.name: np.array(numpy_helper.to_array(one)) for one in graph.initializer}
    nodes = [Node.read(node, constants) for node in graph.node]

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.places = {name: f"c{place}" for place, name in enumerate(constants)}
            for name, place in self.places.items():
                tensor = torch.from_numpy(constants[name])
                if tensor.is_floating_point() and tensor.ndim > 1:
                    self.register_parameter(place, torch.nn.Parameter(tensor))
                else:
                    self.register_buffer(place, tensor)

        def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            values = {name: getattr(self, place) for name, place in self.places.items()}
            values[graph.input[0].name] = pixels
            for node in nodes:
                taken = [values[name] if name else None for name in node.inputs]
                given = known[node.kind](node, *taken)
                several = given if isinstance(given, tuple) else (given,)
                values.update(zip(node.outputs, several, strict=False))
            return values["probabilities"], values["distance"]

    return Network().eval()

"""LiteRT's file, model.tflite, for telephones: by its makers' converter, which reads torch's programs."""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path
from typing import Any

from whatsit.errors import missing_extra
from whatsit.exporting.graph import Node, explain_refusal
from whatsit.exporting.torch_program import open_network


def convert(model: bytes, folder: Path) -> None:
    """Write the network of a model file, for a photo at a time.

    Raises UserError where the converter is missing, or cannot do an operation.
    """
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # of its own use of torch and Python; and what it prints are its steps
        try:
            import litert_torch
        except ImportError:
            raise missing_extra("litert-torch", "litert", "An export to LiteRT") from None
        network, example = open_network(model, "LiteRT", {"TopK": top_by_turns})
        try:
            litert_torch.convert(network, (example[:1],)).export(str(folder / "model.tflite"))
        except Exception as error:  # of the converter, which has many kinds
            raise explain_refusal("LiteRT", error) from None


def top_by_turns(node: Node, x: Any, _: Any) -> tuple[Any, Any]:
    """TopK without sorting, which LiteRT does not do: the most, then the most of the others, and so on.

    x: (…, n) numbers; given are (…, k) values and their places. Raises ValueError of another axis than the last.
    """
    import torch

    if node.get("axis", -1) % x.ndim != x.ndim - 1:
        raise ValueError("the most of another axis than the last")
    sign = 1 if node.get("largest", 1) else -1
    rest, columns = sign * x, torch.arange(x.shape[-1])
    values, places = [], []
    for _turn in range(node.ints(1)[0]):
        values.append(torch.amax(rest, -1, keepdim=True))
        places.append(torch.argmax(rest, -1, keepdim=True))
        rest = torch.where(columns == places[-1], torch.finfo(x.dtype).min, rest)
    return sign * torch.cat(values, -1), torch.cat(places, -1)

"""Modules of torch as ONNX models, by torch's own exporter."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from whatsit.image import Size
from whatsit.model.graph.write import OPSET

if TYPE_CHECKING:
    import onnx


def export_module(module: torch.nn.Module, size: Size, outputs: Sequence[str]) -> onnx.ModelProto:
    """A module from (n, height, width, 3) uint8 pixels as an ONNX model with these outputs, the batch free."""
    example = torch.zeros((2, *size, 3), dtype=torch.uint8)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            module,
            (example,),
            input_names=["pixels"],
            output_names=list(outputs),
            opset_version=OPSET,
            dynamo=True,
            dynamic_shapes=({0: "batch"},),
            external_data=False,
            verbose=False,
        )
    assert program is not None
    return program.model_proto

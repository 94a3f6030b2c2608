"""Chains of plain layers, written straight into an ONNX graph.

The general exporter traces a network and rewrites it, which takes 6 s for MobileNet V2 on two cores. Networks
that are chains of convolutions need none of that: a node a layer, normalisations folded into the convolutions
before them, 0.1 s. Both give the same numbers within rounding (tests/training/backbones/test_chain.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from whatsit.image import Size
from whatsit.model.graph.write import FEATURES, Graph, model_of

if TYPE_CHECKING:
    import onnx

    from whatsit.training.backbones.weights import Normalisation


class ShiftedConvolution(nn.Conv2d):
    """A convolution with one more row below and one more column to the right, and nothing above and left.

    What TensorFlow calls "same" for a 3 × 3 kernel at stride 2 on even sides.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(nn.functional.pad(x, (0, 1, 0, 1)))


class Block(nn.Module):
    """Layers, called `conv` as in the published weights, whose result may be added to what came in."""

    def __init__(self, conv: nn.Sequential, adds: bool) -> None:
        super().__init__()
        self.conv = conv
        self.adds = adds

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.conv(x)
        return x + out if self.adds else out


def chain_graph(layers: nn.Sequential, normalisation: Normalisation, size: Size) -> onnx.ModelProto:
    """A chain as a model: `pixels` (n, h, w, 3) uint8 → `map` (n, d, h', w') and `features`, its mean (n, d)."""
    from onnx import TensorProto

    writer = _Writer()
    photos = writer.add("Cast", writer.add("Transpose", "pixels", perm=[0, 3, 1, 2]), to=TensorProto.FLOAT)
    centred = writer.add("Sub", photos, np.array(normalisation.mean, np.float32).reshape(1, 3, 1, 1))
    normalised = writer.add("Div", centred, np.array(normalisation.spread, np.float32).reshape(1, 3, 1, 1))
    writer.add("Identity", writer.chain(list(layers), normalised), output="map")
    writer.add("ReduceMean", "map", np.array([2, 3], np.int64), output=FEATURES, keepdims=0)
    whole = writer.model(size, {FEATURES: [writer.width], "map": [writer.width, "rows", "columns"]})
    return model_of(whole.graph)


class _Writer(Graph):
    """A graph of layers; `width` is the channels of the last convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.width = 0

    def chain(self, layers: Sequence[nn.Module], x: str) -> str:
        """Write layers one after the other; the name of what the last gives."""
        at = 0
        while at < len(layers):
            layer = layers[at]
            following = layers[at + 1] if at + 1 < len(layers) else None
            if isinstance(layer, nn.Conv2d) and isinstance(following, nn.BatchNorm2d):
                x, at = self.convolution(layer, x, following), at + 2
            else:
                x, at = self.layer(layer, x), at + 1
        return x

    def layer(self, layer: nn.Module, x: str) -> str:
        if isinstance(layer, nn.Sequential):
            return self.chain(list(layer), x)
        if isinstance(layer, Block):
            inner = self.chain(list(layer.conv), x)
            return self.add("Add", x, inner) if layer.adds else inner
        if isinstance(layer, nn.Conv2d):
            return self.convolution(layer, x)
        if isinstance(layer, nn.ReLU6):
            return self.add("Clip", x, 0, 6)
        if isinstance(layer, nn.ReLU):
            return self.add("Relu", x)
        if isinstance(layer, nn.MaxPool2d):
            assert isinstance(layer.kernel_size, int)
            return self.add("MaxPool", x, kernel_shape=[layer.kernel_size] * 2, strides=[layer.kernel_size] * 2)
        raise TypeError(f"no node is known for {type(layer).__name__}")

    def convolution(self, layer: nn.Conv2d, x: str, norm: nn.BatchNorm2d | None = None) -> str:
        weights = layer.weight.detach().double()
        bias = torch.zeros(len(weights)).double() if layer.bias is None else layer.bias.detach().double()
        if norm is not None:
            assert norm.running_var is not None
            assert norm.running_mean is not None
            scale = norm.weight.detach().double() / (norm.running_var.double() + norm.eps).sqrt()
            weights = weights * scale[:, None, None, None]
            bias = (bias - norm.running_mean.double()) * scale + norm.bias.detach().double()
        assert isinstance(layer.padding, tuple)
        before = [int(side) for side in layer.padding]
        after = [1, 1] if isinstance(layer, ShiftedConvolution) else before
        self.width = len(weights)
        return self.add(
            "Conv",
            x,
            weights.float().cpu().numpy(),
            bias.float().cpu().numpy(),
            pads=[*before, *after],
            strides=list(layer.stride),
            group=layer.groups,
        )

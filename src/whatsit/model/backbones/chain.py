"""Pretrained networks that are chains of plain layers, written straight into an ONNX graph.

The layers are records of numpy arrays, wherever they come from: a file read here, or modules of torch
(`training/backbones/chain.py`). A node a layer, normalisations folded into the convolutions before them: 0.1 s,
where the general exporter takes 6 s for MobileNet V2 on two cores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from whatsit.image import Size
from whatsit.model.graph.write import FEATURES, STAGES, Graph, model_of

if TYPE_CHECKING:
    import onnx

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Normalisation:
    """What a network subtracts from pixels (0..255, RGB) and divides by, a channel each."""

    mean: tuple[float, float, float]
    spread: tuple[float, float, float]


IMAGENET = Normalisation((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
PLUS_MINUS_ONE = Normalisation((127.5, 127.5, 127.5), (127.5, 127.5, 127.5))


@dataclass(frozen=True)
class Convolution:
    """weights (out, in / groups, k, k) and bias (out,).

    padding: pixels all round, or "same": what TensorFlow calls so (see `pad_same`)
    """

    weights: Floats
    bias: Floats
    stride: int = 1
    groups: int = 1
    padding: int | Literal["same"] = 0


@dataclass(frozen=True)
class Activation:
    """What lets pass only what is above 0: up to 6, or all of it."""

    most: float | None = None


@dataclass(frozen=True)
class MaxPool:
    """The largest of each `side` by `side`."""

    side: int


@dataclass(frozen=True)
class Block:
    """Layers, whose result may be added to what came in."""

    layers: tuple[Layer, ...]
    adds: bool


Layer = Convolution | Activation | MaxPool | Block


@dataclass(frozen=True)
class BatchNorm:
    """A batch normalisation: scale, shift, mean and variance (channels,)."""

    scale: Floats
    shift: Floats
    mean: Floats
    variance: Floats
    epsilon: float

    def fold_into(
        self, weights: Floats, bias: Floats | float = 0.0
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Weights (out, …) and bias of the convolution before it that do both."""
        factor = self.scale.astype(np.float64) / np.sqrt(self.variance.astype(np.float64) + self.epsilon)
        shifted = (bias - self.mean.astype(np.float64)) * factor + self.shift
        folded = weights.astype(np.float64) * factor.reshape(-1, *[1] * (weights.ndim - 1))
        return folded.astype(np.float32), shifted.astype(np.float32)


def pad_same(side: int, kernel: int, stride: int) -> tuple[int, int]:
    """Pixels before and after a side, so that a convolution gives a value for each `stride` of it, begun or whole.

    TensorFlow's "same", which puts the odd pixel after: a kernel of 5 at stride 2 pads (1, 2) on even sides and
    (2, 2) on odd ones.
    """
    missing = max((-(-side // stride) - 1) * stride + kernel - side, 0)
    return missing // 2, missing - missing // 2


def write_chain(
    layers: Sequence[Layer], normalisation: Normalisation, size: Size, stages: Sequence[int] = ()
) -> onnx.ModelProto:
    """A chain as a model: `pixels` (n, h, w, 3) uint8 → `map` (n, d, h', w') and `features`, its mean (n, d).

    stages: the places of layers whose maps stand beside the last one in `map`, averaged down to its size: first
            the channels of the last layer, then theirs in this order. The mean of all is `stages` (n, d), and
            `features` are those of the last layer alone.
    """
    from onnx import TensorProto

    writer = _Writer(size)
    photos = writer.add("Cast", writer.add("Transpose", "pixels", perm=[0, 3, 1, 2]), to=TensorProto.FLOAT)
    centred = writer.add("Sub", photos, np.array(normalisation.mean, np.float32).reshape(1, 3, 1, 1))
    x = writer.add("Div", centred, np.array(normalisation.spread, np.float32).reshape(1, 3, 1, 1))
    maps = []
    for place, layer in enumerate(layers):
        x = writer.layer(layer, x)
        if place in stages:
            maps.append((x, writer.width, writer.size))
    parts = [x, *(writer.average(value, side, writer.size) for value, _width, side in maps)]
    if maps:
        writer.add("Concat", *parts, output="map", axis=1)
    else:
        writer.add("Identity", x, output="map")
    width = writer.width + sum(width for _value, width, _size in maps)
    outputs: dict[str, list[int | str | None]] = {FEATURES: [writer.width], "map": [width, "rows", "columns"]}
    writer.add("ReduceMean", "map", np.array([2, 3], np.int64), output=STAGES if maps else FEATURES, keepdims=0)
    if maps:
        outputs[STAGES] = [width]
        first = (np.array([value], np.int64) for value in (0, writer.width, 1))
        writer.add("Slice", STAGES, *first, output=FEATURES)
    return model_of(writer.model(size, outputs).graph)


class _Writer(Graph):
    """A graph of layers; `width` and `size` are the channels and sides of the map that the last of them gave."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.width, self.size = 3, size

    def layer(self, layer: Layer, x: str) -> str:
        """Write a layer behind the value `x`; the name of what it gives."""
        if isinstance(layer, Convolution):
            return self.convolution(layer, x)
        if isinstance(layer, Activation):
            return self.add("Relu", x) if layer.most is None else self.add("Clip", x, 0, layer.most)
        if isinstance(layer, MaxPool):
            self.size = self.size[0] // layer.side, self.size[1] // layer.side
            return self.add("MaxPool", x, kernel_shape=[layer.side] * 2, strides=[layer.side] * 2)
        inner = x
        for part in layer.layers:
            inner = self.layer(part, inner)
        return self.add("Add", x, inner) if layer.adds else inner

    def convolution(self, layer: Convolution, x: str) -> str:
        out, _in, *kernel = layer.weights.shape
        pads = [
            pad_same(side, length, layer.stride) if layer.padding == "same" else (layer.padding, layer.padding)
            for side, length in zip(self.size, kernel, strict=True)
        ]
        height, width = (
            (side + before + after - length) // layer.stride + 1
            for side, length, (before, after) in zip(self.size, kernel, pads, strict=True)
        )
        self.width, self.size = out, (height, width)
        return self.add(
            "Conv",
            x,
            layer.weights.astype(np.float32),
            layer.bias.astype(np.float32),
            pads=[before for before, _after in pads] + [after for _before, after in pads],
            strides=[layer.stride] * 2,
            group=layer.groups,
        )

    def average(self, x: str, size: Size, wanted: Size) -> str:
        """A map averaged down to a smaller one, the last row and column over what is left of them."""
        steps = [-(-side // less) for side, less in zip(size, wanted, strict=True)]
        if steps == [1, 1]:
            return x
        after = [step * less - side for step, side, less in zip(steps, size, wanted, strict=True)]
        return self.add(
            "AveragePool", x, kernel_shape=steps, strides=steps, pads=[0, 0, *after], count_include_pad=0
        )

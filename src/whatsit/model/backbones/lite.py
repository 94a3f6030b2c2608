"""EfficientNet-Lite: MobileNet V2's blocks in the depths, widths and kernels that a search found; without torch.

Tan and Le, "EfficientNet", ICML 2019, table 1, without squeeze-and-excitation and with ReLU6, as Google published
it for phones ("EfficientNet-Lite", 2020). The names of the tensors are those of the published PyTorch conversions.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whatsit.image import Size
from whatsit.model.backbones.chain import (
    PLUS_MINUS_ONE,
    Activation,
    BatchNorm,
    Block,
    Convolution,
    Layer,
    write_chain,
)
from whatsit.model.backbones.find import Backbone
from whatsit.model.graph.cut import count_features
from whatsit.model.strangeness.knowledge import find_directions, put_knowledge

# (blocks, stride of the first one) of each stage; of Lite2 the inner stages are 1.2 times as deep
BLOCKS: dict[str, tuple[tuple[int, int], ...]] = {
    "lite0": ((1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1)),
    "lite2": ((1, 1), (3, 2), (3, 2), (4, 2), (4, 1), (5, 2), (1, 1)),
}
EPSILON = 1e-3  # of the batch normalisations, TensorFlow's
BESIDE = 3  # the last so many stages are seen beside the last layer

Tensors = Mapping[str, NDArray[np.float32]]


def read_table(name: str, file: Path) -> dict[str, NDArray[np.float32]]:
    """The tensors of the published weights file of that name, by a table of where they stand.

    Nothing is unpickled. The file must be the one that the table was made of (tools/tensors.py): whoever finds it
    checks its digest.
    """
    content = file.read_bytes()
    return {row["name"]: _tensor(content, row) for row in _rows(name)}


def shape_tensors(name: str) -> dict[str, NDArray[np.float32]]:
    """Tensors of the shapes in the table, all ones: for the size of a network whose weights are not here."""
    one = np.ones((), np.float32)
    return {row["name"]: np.broadcast_to(one, [int(side) for side in row["shape"].split()]) for row in _rows(name)}


def _rows(name: str) -> Iterator[Mapping[str, str]]:
    table = resources.files("whatsit.model.backbones") / "tensors" / f"{name}.csv"
    return csv.DictReader(table.read_text(encoding="utf-8").splitlines())


def _tensor(content: bytes, row: Mapping[str, str]) -> NDArray[np.float32]:
    shape, steps = ([int(number) for number in row[column].split()] for column in ("shape", "steps"))
    strides = [4 * step for step in steps]
    return np.array(np.ndarray(shape, "<f4", content, int(row["offset"]), strides), np.float32, order="C")


def convert_lite(backbone: Backbone, size: Size) -> bytes:
    """The network as an ONNX model from its published weights, with what it knows to tell apart."""
    tensors = read_table(backbone.name, backbone.place)
    content = lite_graph(backbone.name, tensors, size)
    return put_knowledge(content, find_directions(tensors, count_features(content)))


def lite_graph(name: str, tensors: Tensors, size: Size) -> bytes:
    """The network as an ONNX model: `pixels` → `features`, `stages` and their `map` (see `write_chain`)."""
    blocks = np.cumsum([count for count, _stride in BLOCKS[name]])
    ends = [1 + int(end) for end in blocks[-BESIDE:]]  # two layers stand before the first block
    model = write_chain(list(lite_layers(name, tensors)), PLUS_MINUS_ONE, size, ends)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def lite_layers(name: str, tensors: Tensors) -> Iterator[Layer]:
    """A stem of a convolution and its activation, a block each, then the last convolution and its activation."""
    strides = [stride if block == 0 else 1 for count, stride in BLOCKS[name] for block in range(count)]
    yield _convolution(tensors, "_conv_stem", "_bn0", 2)
    yield Activation(6)
    for place, stride in enumerate(strides):
        yield _block(tensors, f"_blocks.{place}", stride)
    yield _convolution(tensors, "_conv_head", "_bn1")
    yield Activation(6)


def _block(tensors: Tensors, at: str, stride: int) -> Block:
    """Widen (but in the first block), look at each channel by itself, narrow again; add what came in."""
    layers: list[Layer] = []
    if f"{at}._expand_conv.weight" in tensors:
        layers += [_convolution(tensors, f"{at}._expand_conv", f"{at}._bn0"), Activation(6)]
    layers += [_convolution(tensors, f"{at}._depthwise_conv", f"{at}._bn1", stride), Activation(6)]
    layers += [_convolution(tensors, f"{at}._project_conv", f"{at}._bn2")]
    first, last = layers[0], layers[-1]
    assert isinstance(first, Convolution)
    assert isinstance(last, Convolution)
    came_in = first.weights.shape[1] * first.groups
    return Block(tuple(layers), adds=stride == 1 and came_in == len(last.weights))


def _convolution(tensors: Tensors, at: str, norm: str, stride: int = 1) -> Convolution:
    scale, shift, mean, variance = (
        tensors[f"{norm}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")
    )
    weights, bias = BatchNorm(scale, shift, mean, variance, EPSILON).fold_into(tensors[f"{at}.weight"])
    groups = len(weights) if at.endswith("_depthwise_conv") else 1
    return Convolution(weights, bias, stride, groups, "same")

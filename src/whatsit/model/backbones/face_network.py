"""The face network: 128 numbers of a face, near each other for one person's; its file is brought by the user.

It is the well-known residual network of dlib (King, "High quality face recognition with deep metric learning",
2017), in the 8-bit form that the npm package @vladmandic/face-api carries. Its file is a row of numbers, and a
manifest beside it says whose they are; both are known by their hashes, so that nothing else is ever read. The
graph keeps the 8 bits: onnxruntime makes 32-bit numbers of them once, when it opens the graph.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.errors import UserError
from whatsit.image import Size
from whatsit.model.backbones.find import Backbone
from whatsit.model.graph.write import FEATURES, Graph
from whatsit.records import decode_json

NAME = "dlib-face"
FILE, MANIFEST = "face_recognition_model.bin", "face_recognition_model-weights_manifest.json"
SHA256 = "b413e420d6840b2775fba32008db6f3cddb07d485967fb42cfcf379c16a8c589"
MANIFEST_SHA256 = "cbaffa501b0b9275a12b63357a6843e7e30c054e1c9151e1a5f879b26e32986b"
BYTES = 6_444_032
WHERE = "The npm package @vladmandic/face-api 1.7.15 has it: docs/faces.md says how to get it out."
LICENCE = "CC0-1.0 (the network), MIT (its 8-bit form)"

SIDE = 150  # pixels: the side of the faces it was trained with; its distances mean nothing at another
SAME_PERSON = 0.6  # the distance up to which its author calls two faces one person's
WIDTH = 128

_MEAN = np.array([122.782, 117.001, 104.298], np.float32)  # RGB, of the photos it was trained with
_STEM = "conv32_down"
# The blocks in their order; those that end in `down` halve the map.
_BLOCKS = (
    *("conv32_1", "conv32_2", "conv32_3"),
    *("conv64_down", "conv64_1", "conv64_2", "conv64_3"),
    *("conv128_down", "conv128_1", "conv128_2"),
    *("conv256_down", "conv256_1", "conv256_2", "conv256_down_out"),
)
_TOP = "fc"


@dataclass(frozen=True)
class Coded:
    """A tensor as it lies in the file: `codes` × scale + least; float32 numbers are their own codes."""

    codes: NDArray[Any]  # uint8 or float32
    scale: float = 1.0
    least: float = 0.0

    def values(self) -> NDArray[np.float32]:
        """The numbers, float32."""
        return np.asarray(self.codes * np.float32(self.scale) + np.float32(self.least), np.float32)


Tensors = Mapping[str, Coded]


def find_face_network(file: str) -> Backbone:
    """The face network in a file. Raises UserError where that or the manifest beside it is none of it."""
    path = Path(file)
    _read(path, SHA256, BYTES)
    _read(path.with_name(MANIFEST), MANIFEST_SHA256)
    return Backbone(NAME, path, SHA256, (SIDE, SIDE), LICENCE, needs_torch=False)


def convert(backbone: Backbone, size: Size) -> bytes:
    """The network as an ONNX model: `pixels` (n, 150, 150, 3) → `features` (n, 128). Needs numpy and onnx only."""
    content = _read(backbone.place, SHA256, BYTES)
    manifest = _read(backbone.place.with_name(MANIFEST), MANIFEST_SHA256)
    return write_graph(read_tensors(content, decode_json(manifest)), size)


def read_tensors(content: bytes, manifest: Sequence[Mapping[str, Any]]) -> dict[str, Coded]:
    """The tensors of a file by name, as its manifest says they follow each other."""
    found, at = {}, 0
    for entry in (one for group in manifest for one in group["weights"]):
        coding = entry.get("quantization")
        kind = np.dtype(coding["dtype"] if coding else entry["dtype"]).newbyteorder("<")
        count = int(np.prod(entry["shape"]))
        codes = np.frombuffer(content, kind, count, at).reshape(entry["shape"])
        at += codes.nbytes
        found[entry["name"]] = Coded(codes, coding["scale"], coding["min"]) if coding else Coded(codes)
    return found


def write_graph(tensors: Tensors, size: Size = (SIDE, SIDE)) -> bytes:
    """The graph of the network with these tensors."""
    graph, side = Graph(), size[0]
    centred = graph.add("Sub", graph.add("Cast", "pixels", to=_float()), _MEAN)
    value = graph.add("Div", graph.add("Transpose", centred, perm=[0, 3, 1, 2]), 255.0)
    value = _convolve(graph, value, tensors, _STEM, strides=[2, 2])
    value = graph.add("MaxPool", graph.add("Relu", value), kernel_shape=[3, 3], strides=[2, 2])
    side = _halve(_halve(side, 7), 3)
    for block in _BLOCKS:
        value, side = _add_block(graph, value, tensors, block, side)
    mean = graph.add("ReduceMean", value, np.array([2, 3], np.int64), keepdims=0)
    graph.add("MatMul", mean, tensors[_TOP].values(), output=FEATURES)
    content: bytes = graph.model(size, {FEATURES: [WIDTH]}).SerializeToString(deterministic=True)
    return content


def _add_block(graph: Graph, value: str, tensors: Tensors, block: str, side: int) -> tuple[str, int]:
    """A residual block behind a square map of this side; its value and its side.

    Where it halves the map, the way around it is pooled and gets as many channels of zeros as the block adds; and
    where the pooled map is one longer than the block's, the block's has a row of zeros below and a column to the
    right.
    """
    halves = "down" in block
    first = _convolve(
        graph, value, tensors, f"{block}/conv1", **({"strides": [2, 2]} if halves else {"pads": [1] * 4})
    )
    inner = _convolve(graph, graph.add("Relu", first), tensors, f"{block}/conv2", pads=[1] * 4)
    if halves:
        value = graph.add("AveragePool", value, kernel_shape=[2, 2], strides=[2, 2])
        before, after = tensors[f"{block}/conv1/conv/filters"].codes.shape[2:]
        if after > before:
            value = graph.add("Pad", value, np.array([0, 0, 0, 0, 0, after - before, 0, 0], np.int64))
        pooled, convolved = side // 2, _halve(side, 3)
        if pooled > convolved:
            more = pooled - convolved
            inner = graph.add("Pad", inner, np.array([0, 0, 0, 0, 0, 0, more, more], np.int64))
        side = pooled
    return graph.add("Relu", graph.add("Add", inner, value)), side


def _convolve(graph: Graph, value: str, tensors: Tensors, name: str, **how: Any) -> str:
    """A convolution with the scale and shift of each channel that follow it folded in."""
    filters, bias = tensors[f"{name}/conv/filters"], tensors[f"{name}/conv/bias"].values()
    factor, shift = (tensors[f"{name}/scale/{part}"].values() for part in ("weights", "biases"))
    codes = np.ascontiguousarray(filters.codes.transpose(3, 2, 0, 1))  # (out, in, height, width)
    if codes.dtype == np.uint8:
        wide = graph.add("Cast", codes, to=_float())
        spread = graph.add("Mul", wide, _of_channel(np.float32(filters.scale) * factor))
        weights = graph.add("Add", spread, _of_channel(np.float32(filters.least) * factor))
    else:
        weights = graph.constant(codes * _of_channel(factor))
    return graph.add("Conv", value, weights, bias * factor + shift, **how)


def _of_channel(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(values, np.float32)[:, None, None, None]


def _halve(side: int, kernel: int) -> int:
    """The side of a map behind a kernel that moves by two and stays inside."""
    return (side - kernel) // 2 + 1


def _float() -> int:
    from onnx import TensorProto

    return int(TensorProto.FLOAT)


def _read(path: Path, digest: str, most: int = 1 << 20) -> bytes:
    """A file's bytes. Raises UserError where they are not those of this digest."""
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)  # of a larger one no more is needed to tell
    except FileNotFoundError:
        raise UserError(f"There is no file {str(path)!r}.", hint=_hint(path)) from None
    except OSError as error:
        raise UserError(f"{str(path)!r} cannot be opened ({error.strerror}).", hint=WHERE) from None
    if hashlib.sha256(content).hexdigest() != digest:
        wanted = f"{FILE} of {BYTES:,} bytes" if digest == SHA256 else MANIFEST
        raise UserError(f"{str(path)!r} is not the published {wanted}.", hint=WHERE)
    return content


def _hint(path: Path) -> str:
    if path.name == MANIFEST:
        return f"The manifest of the face network has to lie beside its file. {WHERE}"
    return f"Name the file of the face network, {FILE}. {WHERE}"

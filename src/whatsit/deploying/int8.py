"""A model file for the browser: its large weights as 8-bit numbers, a quarter of the download at the same speed.

Only what is stored gets smaller: `Cast` and `Mul` make float32 of it when the model is opened, and everything is
computed as before. (8-bit arithmetic is twice as slow as float32 in onnxruntime-web 1.30; Cast and Mul cost
nothing, measured with MobileNetV2 in Chromium 156.)
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whatsit.image import decode, resize_pixels
from whatsit.model.container import seal
from whatsit.model.facts.file import Golden, ModelFacts
from whatsit.model.golden import draw_golden, make_golden_pictures
from whatsit.model.graph.session import Session

if TYPE_CHECKING:
    import onnx

LEAST = 4096  # values: smaller tensors are not worth their own rounding
# Of a weight's length, by rounding: one that loses more stays as it is. A network's lose 1 %; a head's that learnt
# from a few hundred photos 4 %, as some features weigh far more than others, and that costs one label in ten.
MOST_LOST = 0.02
TOP = 127
_OUTPUT_AXIS = {"Conv": 0, "ConvTranspose": 1, "Gemm": 1, "MatMul": -1}  # of a weight: a scale for each output


def quantise_for_browser(model: bytes, facts: ModelFacts) -> bytes:
    """The model file with 8-bit weights, sealed anew with golden answers of its own.

    Its golden pictures are decoded in full and then resized, as browsers do; `image.decode` lets the JPEG
    decoder shrink large photos first.
    """
    import onnx

    whole = onnx.load_from_string(model)
    shrink(whole.graph)
    del whole.metadata_props[:]
    content: bytes = whole.SerializeToString(deterministic=True)
    return seal(content, replace(facts, golden=_make_golden(Session(content), facts)))


def shrink(graph: onnx.GraphProto) -> None:
    """Replace each large weight that only products use by 8-bit numbers and their scales, if these come close."""
    from onnx import TensorProto, helper, numpy_helper

    axes = _axes(graph)
    kept, nodes = [], []
    for tensor in graph.initializer:
        axis = axes.get(tensor.name)
        if axis is None or tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < LEAST:
            kept.append(tensor)
            continue
        weights = numpy_helper.to_array(tensor)
        small, scales = quantise(weights, axis)
        if np.linalg.norm(small * scales - weights) > MOST_LOST * np.linalg.norm(weights):
            kept.append(tensor)
            continue
        name = tensor.name
        kept.append(numpy_helper.from_array(small, f"{name}.int8"))
        kept.append(numpy_helper.from_array(scales, f"{name}.scale"))
        nodes.append(helper.make_node("Cast", [f"{name}.int8"], [f"{name}.whole"], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [f"{name}.whole", f"{name}.scale"], [name]))
    nodes.extend(graph.node)
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)


def quantise(weights: NDArray[np.float32], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Whole numbers in -127..127 and the scale of each output, broadcastable: weights ≈ numbers × scale."""
    others = tuple(index for index in range(weights.ndim) if index != axis % weights.ndim)
    scales = np.abs(weights).max(axis=others, keepdims=True).astype(np.float32) / TOP
    scales = np.where(scales == 0, np.float32(1), scales)
    return np.rint(weights / scales).astype(np.int8), scales


def _axes(graph: onnx.GraphProto) -> dict[str, int]:
    """For each tensor that products use as their weight, and nothing else uses: the axis of its outputs."""
    axes: dict[str, int] = {}
    used_otherwise = {output.name for output in graph.output}
    for node in graph.node:
        for place, name in enumerate(node.input):
            axis = _OUTPUT_AXIS.get(node.op_type) if place == 1 else None
            if axis is None or axes.get(name, axis) != axis:
                used_otherwise.add(name)
            elif node.op_type == "Gemm" and any(a.name == "transB" and a.i for a in node.attribute):
                axes[name] = 0
            else:
                axes[name] = axis
    return {name: axis for name, axis in axes.items() if name not in used_otherwise}


def _make_golden(session: Session, facts: ModelFacts) -> tuple[Golden, ...]:
    ground = facts.laid_on
    pixels = np.stack(
        [resize_pixels(decode(file, ground=ground), facts.size, facts.resize) for _, file in draw_golden(ground)]
    )
    answers = [session.run(one[None], ("probabilities", "distance")) for one in pixels]
    probabilities, distances = (np.concatenate(column) for column in zip(*answers, strict=True))
    return make_golden_pictures(pixels, probabilities, distances, ground)

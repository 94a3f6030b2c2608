"""What ONNX calls an operation, in torch: one line or function each, as opset 20 has them.

An operation is given its node and the tensors that it takes, None where it takes none.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from whatsit.exporting.graph import Node, Operation


def operations() -> dict[str, Operation]:
    """All that are known, by ONNX's names."""
    import torch

    plain: dict[str, Operation] = {
        "Abs": torch.abs,
        "Add": torch.add,
        "Ceil": torch.ceil,
        "Div": torch.div,
        "Equal": torch.eq,
        "Erf": torch.erf,
        "Exp": torch.exp,
        "Floor": torch.floor,
        "Greater": torch.gt,
        "GreaterOrEqual": torch.ge,
        "Identity": torch.clone,
        "Less": torch.lt,
        "LessOrEqual": torch.le,
        "Log": torch.log,
        "MatMul": torch.matmul,
        "Max": torch.maximum,
        "Min": torch.minimum,
        "Mul": torch.mul,
        "Neg": torch.neg,
        "Not": torch.logical_not,
        "Pow": torch.pow,
        "Reciprocal": torch.reciprocal,
        "Relu": torch.relu,
        "Sigmoid": torch.sigmoid,
        "Sign": torch.sign,
        "Sqrt": torch.sqrt,
        "Sub": torch.sub,
        "Tanh": torch.tanh,
        "Where": torch.where,
    }
    without_node = {name: _without_node(function) for name, function in plain.items()}
    return without_node | _shapes() | _reductions() | _layers()


def _without_node(function: Operation) -> Operation:
    return lambda _node, *taken: function(*taken)


def _shapes() -> dict[str, Operation]:
    """Those that move values about."""
    import torch
    from onnx import TensorProto

    kinds = {
        TensorProto.FLOAT: torch.float32,
        TensorProto.INT64: torch.int64,
        TensorProto.INT32: torch.int32,
        TensorProto.UINT8: torch.uint8,
        TensorProto.BOOL: torch.bool,
    }

    def pad(node: Node, x: Any, *_: Any) -> Any:
        ends = node.ints(1)
        axes = node.ints(3) if 3 in node.numbers else list(range(x.ndim))
        around = [0] * (2 * x.ndim)
        for place, axis in enumerate(axes):
            last = 2 * (x.ndim - 1 - axis % x.ndim)
            around[last], around[last + 1] = ends[place], ends[place + len(axes)]
        kind = node.get("mode", b"constant").decode()
        value = float(np.ravel(node.numbers[2])[0]) if 2 in node.numbers else 0.0
        if kind == "constant":
            return torch.nn.functional.pad(x, around, "constant", value)
        trimmed = around[: 2 * max(i // 2 + 1 for i, v in enumerate(around) if v)] if any(around) else [0, 0]
        return torch.nn.functional.pad(x, trimmed, {"reflect": "reflect", "edge": "replicate"}[kind])

    def cut(node: Node, x: Any, *_: Any) -> Any:
        starts, ends = node.ints(1), node.ints(2)
        axes = node.ints(3) if 3 in node.numbers else list(range(len(starts)))
        steps = node.ints(4) if 4 in node.numbers else [1] * len(starts)
        for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
            if step == -1 and start == -1 and end < -x.shape[axis]:  # whole, backwards: so colours are turned
                x = torch.flip(x, [axis])
                continue
            if step < 0:
                raise ValueError("a part backwards")
            x = x[(slice(None),) * (axis % x.ndim) + (slice(start, None if end > 2**31 else end, step),)]
        return x

    def reshape(node: Node, x: Any, *_: Any) -> Any:
        return x.reshape([x.shape[place] if side == 0 else side for place, side in enumerate(node.ints(1))])

    def flatten(node: Node, x: Any) -> Any:
        return x.reshape(math.prod(x.shape[: node.get("axis", 1)]), -1)

    def unsqueeze(node: Node, x: Any, *_: Any) -> Any:
        for axis in sorted(node.ints(1)):
            x = x.unsqueeze(axis)
        return x

    return {
        "Cast": lambda node, x: x.to(kinds[node.get("to")]),
        "Concat": lambda node, *xs: torch.cat(xs, node.get("axis")),
        "Flatten": flatten,
        "GatherElements": lambda node, x, at: torch.gather(x, node.get("axis", 0), at),
        "Pad": pad,
        "Reshape": reshape,
        "Slice": cut,
        "Squeeze": lambda node, x, *_: x.squeeze(node.ints(1)),
        "Transpose": lambda node, x: x.permute(*node.get("perm")),
        "Unsqueeze": unsqueeze,
    }


def _reductions() -> dict[str, Operation]:
    """Those that make one value of many."""
    import torch

    def reduced(function: Operation) -> Operation:
        def reduce(node: Node, x: Any, *_: Any) -> Any:
            axes = node.ints(1) if 1 in node.numbers else list(range(x.ndim))
            return function(x, dim=axes, keepdim=bool(node.get("keepdims", 1)))

        return reduce

    def top(node: Node, x: Any, _: Any) -> Any:
        count, axis = node.ints(1)[0], node.get("axis", -1)
        return tuple(torch.topk(x, count, axis, bool(node.get("largest", 1)), bool(node.get("sorted", 1))))

    def normalise(node: Node, x: Any) -> Any:
        size = torch.linalg.vector_norm(x, node.get("p", 2), node.get("axis", -1), keepdim=True)
        return x / torch.where(size == 0, 1.0, size)

    return {
        "ArgMax": lambda node, x: torch.argmax(x, node.get("axis", 0), bool(node.get("keepdims", 1))),
        "LpNormalization": normalise,
        "ReduceL2": reduced(torch.linalg.vector_norm),
        "ReduceMax": reduced(torch.amax),
        "ReduceMean": reduced(torch.mean),
        "ReduceMin": reduced(torch.amin),
        "ReduceSum": reduced(torch.sum),
        "Softmax": lambda node, x: torch.softmax(x, node.get("axis", -1)),
        "TopK": top,
    }


def _layers() -> dict[str, Operation]:
    """The layers of networks."""
    import torch
    from torch.nn import functional

    def padded(node: Node, x: Any, kernel: list[int], value: float) -> Any:
        """x with the rows and columns around it that a convolution or pooling asks for."""
        pads = list(node.get("pads", [0] * 4))
        if node.get("auto_pad", b"NOTSET").decode() not in ("NOTSET", "VALID"):
            raise ValueError("auto_pad")
        if node.get("ceil_mode", 0):
            strides = node.get("strides", [1, 1])
            pads[2] += -(x.shape[-2] + pads[0] + pads[2] - kernel[0]) % strides[0]
            pads[3] += -(x.shape[-1] + pads[1] + pads[3] - kernel[1]) % strides[1]
        return functional.pad(x, [pads[1], pads[3], pads[0], pads[2]], value=value) if any(pads) else x

    def convolve(node: Node, x: Any, weights: Any, bias: Any = None) -> Any:
        strides, dilations = list(node.get("strides", [1, 1])), list(node.get("dilations", [1, 1]))
        around = padded(node, x, list(weights.shape[2:]), 0.0)
        return functional.conv2d(around, weights, bias, strides, 0, dilations, node.get("group", 1))

    def pool_most(node: Node, x: Any) -> Any:
        kernel = list(node.get("kernel_shape"))
        return functional.max_pool2d(
            padded(node, x, kernel, -torch.inf), kernel, list(node.get("strides", [1, 1]))
        )

    def pool_mean(node: Node, x: Any) -> Any:
        kernel, strides = list(node.get("kernel_shape")), list(node.get("strides", [1, 1]))
        found = functional.avg_pool2d(padded(node, x, kernel, 0.0), kernel, strides)
        if node.get("count_include_pad", 0) or not any(node.get("pads", [0])):
            return found
        there = padded(node, torch.ones_like(x), kernel, 0.0)
        return found / functional.avg_pool2d(there, kernel, strides)

    def clip(node: Node, x: Any, low: Any = None, high: Any = None) -> Any:  # noqa: ARG001
        return torch.clamp(x, low, high)

    def linear(node: Node, a: Any, b: Any, c: Any = None) -> Any:
        a, b = (a.T if node.get("transA", 0) else a), (b.T if node.get("transB", 0) else b)
        product = node.get("alpha", 1.0) * (a @ b)
        return product if c is None else product + node.get("beta", 1.0) * c

    def normalise(node: Node, x: Any, scale: Any, bias: Any, mean: Any, variance: Any) -> Any:
        return functional.batch_norm(x, mean, variance, scale, bias, eps=node.get("epsilon", 1e-5))

    def gelu(node: Node, x: Any) -> Any:
        return functional.gelu(x, approximate=node.get("approximate", b"none").decode())

    return {
        "AveragePool": pool_mean,
        "BatchNormalization": normalise,
        "Clip": clip,
        "Conv": convolve,
        "Gelu": gelu,
        "Gemm": linear,
        "GlobalAveragePool": lambda _node, x: x.mean((-2, -1), keepdim=True),
        "HardSigmoid": lambda node, x: torch.clamp(node.get("alpha", 0.2) * x + node.get("beta", 0.5), 0, 1),
        "HardSwish": lambda _node, x: functional.hardswish(x),
        "MaxPool": pool_most,
    }

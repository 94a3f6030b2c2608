"""What ONNX calls an operation, in Keras: one line or function each, as opset 20 has them.

An operation is given its node and what it takes: tensors of a Keras model that is being made, arrays that are
constants, None where it takes none. Numbers that are learnt go into layers, where Keras keeps weights; those that
go into the plan of a model are few (MOST_PLANNED).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.exporting.graph import Node, Operation

MOST_PLANNED = 4096  # numbers of a constant outside of layers: they are written as text


def operations() -> dict[str, Operation]:
    """All that are known, by ONNX's names."""
    return _plain() | _shapes() | _reductions() | _layers()


def _plain() -> dict[str, Operation]:
    """Those that are one function of Keras."""
    from keras import ops

    functions: dict[str, Operation] = {
        "Abs": ops.abs,
        "Add": ops.add,
        "Ceil": ops.ceil,
        "Div": ops.divide,
        "Equal": ops.equal,
        "Erf": ops.erf,
        "Exp": ops.exp,
        "Floor": ops.floor,
        "Greater": ops.greater,
        "GreaterOrEqual": ops.greater_equal,
        "Identity": lambda x: x,
        "Less": ops.less,
        "LessOrEqual": ops.less_equal,
        "Log": ops.log,
        "Max": ops.maximum,
        "Min": ops.minimum,
        "Mul": ops.multiply,
        "Neg": ops.negative,
        "Not": ops.logical_not,
        "Pow": ops.power,
        "Reciprocal": ops.reciprocal,
        "Relu": ops.relu,
        "Sigmoid": ops.sigmoid,
        "Sign": ops.sign,
        "Sqrt": ops.sqrt,
        "Sub": ops.subtract,
        "Tanh": ops.tanh,
        "Where": ops.where,
    }

    def without_node(function: Operation) -> Operation:
        return lambda _node, *taken: function(*map(planned, taken))

    return {name: without_node(function) for name, function in functions.items()}


def planned(value: Any) -> Any:
    """A tensor as it is, and a constant as a model's plan can hold it. Raises ValueError of one that is large."""
    if not isinstance(value, np.ndarray):
        return value
    if value.size > MOST_PLANNED:
        raise ValueError(f"a constant of {value.size:,} numbers outside of a layer")
    return value.item() if value.ndim == 0 else value


def _shapes() -> dict[str, Operation]:
    """Those that move values about."""
    from keras import ops
    from onnx import TensorProto

    kinds = {
        TensorProto.FLOAT: "float32",
        TensorProto.INT64: "int64",
        TensorProto.INT32: "int32",
        TensorProto.UINT8: "uint8",
        TensorProto.BOOL: "bool",
    }

    def pad(node: Node, x: Any, *_: Any) -> Any:
        ends = node.ints(1)
        axes = node.ints(3) if 3 in node.numbers else list(range(len(x.shape)))
        around = [(0, 0)] * len(x.shape)
        for place, axis in enumerate(axes):
            around[axis] = (ends[place], ends[place + len(axes)])
        kind = node.get("mode", b"constant").decode()
        if kind == "edge":
            raise ValueError("an edge that is repeated")  # not every backend of Keras does it
        if kind != "constant":
            return ops.pad(x, around, kind)
        return ops.pad(
            x, around, constant_values=float(np.ravel(node.numbers[2])[0]) if 2 in node.numbers else 0.0
        )

    def cut(node: Node, x: Any, *_: Any) -> Any:
        starts, ends = node.ints(1), node.ints(2)
        axes = node.ints(3) if 3 in node.numbers else list(range(len(starts)))
        steps = node.ints(4) if 4 in node.numbers else [1] * len(starts)
        for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
            place = axis % len(x.shape)
            if step == -1 and start == -1 and end < -(x.shape[place] or 0):  # whole, backwards: colours are turned
                x = ops.flip(x, place)
                continue
            if step < 0:
                raise ValueError("a part backwards")
            x = x[(slice(None),) * place + (slice(start, None if end > 2**31 else end, step),)]
        return x

    def reshape(node: Node, x: Any, *_: Any) -> Any:
        wanted = [x.shape[place] if side == 0 else side for place, side in enumerate(node.ints(1))]
        if None in wanted and -1 in wanted:  # as many photos as came, so the other side can be known
            known = math.prod(side for side in wanted if side not in (None, -1))
            wanted[wanted.index(-1)] = math.prod(x.shape[1:]) // known
        return ops.reshape(x, [-1 if side is None else side for side in wanted])

    def flatten(node: Node, x: Any) -> Any:
        return ops.reshape(x, (-1, math.prod(x.shape[node.get("axis", 1) :])))

    def unsqueeze(node: Node, x: Any, *_: Any) -> Any:
        for axis in sorted(node.ints(1)):
            x = ops.expand_dims(x, axis)
        return x

    return {
        "Cast": lambda node, x: ops.cast(x, kinds[node.get("to")]),
        "Concat": lambda node, *xs: ops.concatenate(xs, node.get("axis")),
        "Flatten": flatten,
        "Gather": lambda node, x, at: ops.take(planned(x), planned(at), node.get("axis", 0)),
        "GatherElements": lambda node, x, at: ops.take_along_axis(x, at, node.get("axis", 0)),
        "Pad": pad,
        "Reshape": reshape,
        "Slice": cut,
        "Squeeze": lambda node, x, *_: ops.squeeze(x, tuple(node.ints(1))),
        "Transpose": lambda node, x: ops.transpose(x, node.get("perm")),
        "Unsqueeze": unsqueeze,
    }


def _reductions() -> dict[str, Operation]:
    """Those that make one value of many."""
    from keras import ops

    def length(x: Any, axis: Any, keepdims: bool) -> Any:
        return ops.sqrt(ops.sum(ops.square(x), axis=axis, keepdims=keepdims))

    def reduced(function: Operation) -> Operation:
        def reduce(node: Node, x: Any, *_: Any) -> Any:
            axes = node.ints(1) if 1 in node.numbers else list(range(len(x.shape)))
            return function(x, axis=tuple(axes), keepdims=bool(node.get("keepdims", 1)))

        return reduce

    def top(node: Node, x: Any, *_: Any) -> Any:
        if node.get("axis", -1) % len(x.shape) != len(x.shape) - 1:
            raise ValueError("the most of another axis than the last")
        if node.get("largest", 1):
            return tuple(ops.top_k(x, node.ints(1)[0], bool(node.get("sorted", 1))))
        values, places = ops.top_k(ops.negative(x), node.ints(1)[0], bool(node.get("sorted", 1)))
        return ops.negative(values), places

    def normalise(node: Node, x: Any) -> Any:
        size = length(x, node.get("axis", -1), keepdims=True)
        return ops.divide(x, ops.where(ops.equal(size, 0.0), 1.0, size))

    return {
        "ArgMax": lambda node, x: ops.argmax(x, node.get("axis", 0), bool(node.get("keepdims", 1))),
        "LpNormalization": normalise,
        "ReduceL2": reduced(length),
        "ReduceMax": reduced(ops.max),
        "ReduceMean": reduced(ops.mean),
        "ReduceMin": reduced(ops.min),
        "ReduceSum": reduced(ops.sum),
        "Softmax": lambda node, x: ops.softmax(x, node.get("axis", -1)),
        "TopK": top,
    }


def _layers() -> dict[str, Operation]:
    """The layers of networks. Keras has colours last, as every backend does it; ONNX has them first."""
    from keras import layers, ops

    def last(x: Any) -> Any:
        return ops.transpose(x, (0, 2, 3, 1))

    def first(x: Any) -> Any:
        return ops.transpose(x, (0, 3, 1, 2))

    def with_weights(layer: Any, x: Any, *weights: NDArray[Any] | None) -> Any:
        given = layer(x)
        layer.set_weights([value for value in weights if value is not None])
        return given

    def padded(node: Node, x: Any, kernel: list[int], value: float) -> Any:
        """x with the rows and columns around it that a convolution or pooling asks for."""
        pads = list(node.get("pads", [0] * 4))
        if node.get("auto_pad", b"NOTSET").decode() not in ("NOTSET", "VALID"):
            raise ValueError("auto_pad")
        if node.get("ceil_mode", 0):
            strides = node.get("strides", [1, 1])
            pads[2] += -(x.shape[-2] + pads[0] + pads[2] - kernel[0]) % strides[0]
            pads[3] += -(x.shape[-1] + pads[1] + pads[3] - kernel[1]) % strides[1]
        around = [(0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])]
        return ops.pad(x, around, constant_values=value) if any(pads) else x

    def convolve(node: Node, x: Any, weights: Any, bias: Any = None) -> Any:
        if not isinstance(weights, np.ndarray):
            raise ValueError("a convolution by what is computed")
        groups, (filters, taken, *kernel) = node.get("group", 1), weights.shape
        around = last(padded(node, x, kernel, 0.0))
        said = {
            "kernel_size": tuple(kernel),
            "strides": tuple(node.get("strides", [1, 1])),
            "dilation_rate": tuple(node.get("dilations", [1, 1])),
            "use_bias": bias is not None,
        }
        if taken == 1 and groups > 1 and groups == x.shape[1]:
            each = filters // groups
            numbers = weights.reshape(groups, each, *kernel).transpose(2, 3, 0, 1)
            return first(
                with_weights(layers.DepthwiseConv2D(depth_multiplier=each, **said), around, numbers, bias)
            )
        layer = layers.Conv2D(filters, groups=groups, **said)
        return first(with_weights(layer, around, weights.transpose(2, 3, 1, 0), bias))

    def pool(node: Node, x: Any, kernel: list[int], layer: Any, value: float) -> Any:
        strides = tuple(node.get("strides", [1, 1]))
        window = layer(tuple(kernel), strides, "valid", data_format="channels_last")
        return first(window(last(padded(node, x, kernel, value))))

    def pool_most(node: Node, x: Any) -> Any:
        return pool(node, x, list(node.get("kernel_shape")), layers.MaxPooling2D, float(np.finfo(np.float32).min))

    def pool_mean(node: Node, x: Any) -> Any:
        kernel = list(node.get("kernel_shape"))
        found = pool(node, x, kernel, layers.AveragePooling2D, 0.0)
        if node.get("count_include_pad", 0) or not any(node.get("pads", [0])):
            return found
        there = pool(node, np.ones((1, 1, *x.shape[2:]), np.float32), kernel, layers.AveragePooling2D, 0.0)
        return ops.divide(found, planned(ops.convert_to_numpy(there)))

    def multiply(node: Node, a: Any, b: Any) -> Any:  # noqa: ARG001
        if isinstance(b, np.ndarray) and b.ndim == 2 and not isinstance(a, np.ndarray):
            return with_weights(layers.Dense(b.shape[1], use_bias=False), a, b)
        return ops.matmul(planned(a), planned(b))

    def linear(node: Node, a: Any, b: Any, c: Any = None) -> Any:
        if node.get("transA", 0) or not isinstance(b, np.ndarray):
            raise ValueError("a product that is no layer")
        numbers = node.get("alpha", 1.0) * (b.T if node.get("transB", 0) else b)
        bias = None if c is None else np.broadcast_to(node.get("beta", 1.0) * c, (numbers.shape[1],))
        return with_weights(layers.Dense(numbers.shape[1], use_bias=bias is not None), a, numbers, bias)

    def normalise(node: Node, x: Any, *known: Any) -> Any:
        layer = layers.BatchNormalization(axis=-1, epsilon=node.get("epsilon", 1e-5))
        return first(with_weights(layer, last(x), *known)) if len(x.shape) == 4 else with_weights(layer, x, *known)

    def clip(node: Node, x: Any, low: Any = None, high: Any = None) -> Any:  # noqa: ARG001
        x = x if low is None else ops.maximum(x, planned(low))
        return x if high is None else ops.minimum(x, planned(high))

    def gelu(node: Node, x: Any) -> Any:
        return ops.gelu(x, approximate=node.get("approximate", b"none") == b"tanh")

    def hard(node: Node, x: Any) -> Any:
        return ops.clip(node.get("alpha", 0.2) * x + node.get("beta", 0.5), 0.0, 1.0)

    return {
        "AveragePool": pool_mean,
        "BatchNormalization": normalise,
        "Clip": clip,
        "Conv": convolve,
        "Gelu": gelu,
        "Gemm": linear,
        "GlobalAveragePool": lambda _node, x: ops.mean(x, axis=(-2, -1), keepdims=True),
        "HardSigmoid": hard,
        "HardSwish": lambda _node, x: x * ops.clip(x / 6 + 0.5, 0.0, 1.0),
        "MatMul": multiply,
        "MaxPool": pool_most,
    }

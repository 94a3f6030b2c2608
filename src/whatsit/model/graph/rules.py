"""What the graph of a model file may be, found by walking it: nothing is computed and no ONNX library is asked.

A graph is a program, and a file may come from anybody. So that each answer takes the time and the memory that the
first one took, whatever the photo shows: nothing is repeated or decided (no graphs within graphs, no functions),
the size of no value depends on what the pixels are, and all constants stand in the file. Whether one answer can be
had at all is tried in a process of its own before a foreign file may answer here: `whatsit.model.foreign.apart`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from whatsit.errors import UserError
from whatsit.model.graph.wire import Content, bytes_of, fields_in, numbers_in

MAX_NODES = 20_000  # a ViT of 24 layers has 2,000
MAX_SIDE, MAX_SIDES = 2**31, 16  # of a constant
MAX_FIELDS = 2_000_000  # looked at in all, half a microsecond each; numbers in lists are fields

# Field numbers of onnx.proto3.
_GRAPH_NODE, _GRAPH_CONSTANT, _GRAPH_SPARSE, _GRAPH_INPUT, _NAME_OF_VALUE = 1, 5, 15, 11, 1
_INPUT, _OUTPUT, _KIND, _ATTRIBUTE, _DOMAIN, _OVERLOAD = 1, 2, 4, 5, 7, 8
_TENSOR, _TENSORS, _GRAPHS, _SPARSE, _REFERENCE = 5, 10, (6, 11), (22, 23), 21
_DIMS, _TYPE, _NAME, _EXTERNAL, _LOCATION = 1, 2, 8, 13, 14
_DATA = (4, 5, 7, 9, 10, 11)  # numbers, as bytes or one by one

_DOMAINS = ("", "ai.onnx")
_PACKED = {21: 4, 22: 4, 23: 4, 25: 2, 26: 2}  # bits of the types that share a byte

# Operations that give values of the size that those they take, and their attributes, have them be.
_WORDS = """
Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool BatchNormalization BitShift
BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast CastLike Ceil Celu Clip Concat Constant Conv ConvInteger
ConvTranspose Cos Cosh CumSum DeformConv DepthToSpace DequantizeLinear Det Div Dropout DynamicQuantizeLinear
Einsum Elu Equal Erf Exp EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool
GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GridSample GroupNormalization HardSigmoid HardSwish Hardmax
Identity InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax
LpNormalization LpPool MatMul MatMulInteger Max MaxPool Mean MeanVarianceNormalization Min Mish Mod Mul Neg Not
Or PRelu Pow QLinearConv QLinearMatMul QuantizeLinear RMSNormalization RNN Reciprocal Relu ReverseSequence
RoiAlign RotaryEmbedding Round ScatterElements ScatterND Selu Shape Shrink Sigmoid Sign Sin Sinh Size Softmax
Softplus Softsign SpaceToDepth Sqrt Sub Sum SwiGLU Swish Tan Tanh ThresholdedRelu Transpose Trilu Where Xor
"""
_BY_SHAPE = frozenset(_WORDS.split())
# Those where the values of some inputs, by place, say the size too.
_BY_VALUE: dict[str, tuple[int, ...]] = {
    "AffineGrid": (1,), "CenterCropPad": (1,), "Col2Im": (1, 2), "Compress": (1,), "ConstantOfShape": (0,),
    "Expand": (1,), "MaxUnpool": (2,), "NonZero": (0,), "OneHot": (1,), "Pad": (1, 3), "Range": (0, 1, 2),
    "Reshape": (1,), "Resize": (1, 2, 3), "Slice": (1, 2, 3, 4), "Split": (1,), "Squeeze": (1,), "Tile": (1,),
    "TopK": (1,), "Unique": (0,), "Unsqueeze": (1,), "Upsample": (1,), "ReduceL1": (1,), "ReduceL2": (1,),
    "ReduceLogSum": (1,), "ReduceLogSumExp": (1,), "ReduceMax": (1,), "ReduceMean": (1,), "ReduceMin": (1,),
    "ReduceProd": (1,), "ReduceSum": (1,), "ReduceSumSquare": (1,),
}  # fmt: skip
_ASK_SIZES = ("Shape", "Size")  # what they give depends on no pixel


class _Refused(Exception):
    """What cannot be, as the end of a sentence."""


def check_graph(graph: memoryview | bytes, name: str) -> None:
    """Refuse the graph (a GraphProto's bytes) of the file `name` where it is a program that may do anything.

    Raises UserError, also where it is cut short.
    """
    try:
        _Graph(memoryview(graph)).check()
    except _Refused as why:
        raise UserError(
            f"The network in {name!r} {why}.",
            hint="Use the original model.onnx of a finished run, or train again.",
        ) from None
    except (ValueError, UnicodeDecodeError):
        raise UserError(
            f"The network in {name!r} is damaged.", hint="Copy the file again, or train again."
        ) from None


class _Graph:
    """A graph on its way through the rules: which values there are, and which depend on pixels."""

    def __init__(self, content: memoryview) -> None:
        self._content = content
        self._fields = 0
        self._values: dict[str, bool] = {"": False}  # name → whether it depends on pixels; "" is none

    def check(self) -> None:
        nodes = []
        inputs = []
        for number, content in self._read(self._content):
            if number == _GRAPH_NODE:
                nodes.append(content)
                if len(nodes) > MAX_NODES:
                    raise _Refused(f"has more than {MAX_NODES:,} operations")
            elif number == _GRAPH_CONSTANT:
                self._values[self._check_tensor(content)] = False
            elif number == _GRAPH_SPARSE:
                raise _Refused(
                    "has constants that are mostly left out (sparse), which take more room than they show"
                )
            elif number == _GRAPH_INPUT:
                inputs += [_text(inner) for field, inner in self._read(content) if field == _NAME_OF_VALUE]
        for name in inputs:
            self._values.setdefault(name, True)
        for node in nodes:
            self._check_node(node)

    def _read(self, content: Content) -> Iterator[tuple[int, Content]]:
        if isinstance(content, int):
            raise ValueError("a number where a message belongs")
        for field in fields_in(content):
            self._fields += 1
            if self._fields > MAX_FIELDS:
                raise _Refused(f"is written in more than {MAX_FIELDS:,} pieces")
            yield field

    def _check_node(self, node: Content) -> None:
        taken, given, kind = [], [], ""
        for number, content in self._read(node):
            if number == _INPUT:
                taken.append(_text(content))
            elif number == _OUTPUT:
                given.append(_text(content))
            elif number == _KIND:
                kind = _text(content)
            elif number == _ATTRIBUTE:
                self._check_attribute(content)
            elif (number == _DOMAIN and _text(content) not in _DOMAINS) or number == _OVERLOAD:
                raise _Refused(f"does something that is no part of ONNX ({_text(content)!r:.40})")
        if kind not in _BY_SHAPE and kind not in _BY_VALUE:
            raise _Refused(f"does something that networks of ours do not ({kind!r:.40})")
        for name in taken:
            if name not in self._values:
                raise _Refused(f"reads {name!r:.40} before anything gives it")
        if any(self._values[taken[place]] for place in _BY_VALUE.get(kind, ()) if place < len(taken)):
            raise _Refused(f"takes more or less work by what a photo shows ({kind})")
        depends = kind not in _ASK_SIZES and any(self._values[name] for name in taken)
        for name in filter(None, given):
            if name in self._values:
                raise _Refused(f"gives {name!r:.40} twice")
            self._values[name] = depends

    def _check_attribute(self, attribute: Content) -> None:
        for number, content in self._read(attribute):
            if number in _GRAPHS or number == _REFERENCE:
                raise _Refused("repeats or decides something (a graph within a graph), which may take for ever")
            if number in _SPARSE:
                raise _Refused(
                    "has constants that are mostly left out (sparse), which take more room than they show"
                )
            if number in (_TENSOR, _TENSORS):
                self._check_tensor(content)

    def _check_tensor(self, tensor: Content) -> str:
        """The name of a constant. Refuses one whose numbers are not all here."""
        dims, kind, stored, name = [], 0, 0, ""
        for number, content in self._read(tensor):
            if number == _DIMS:
                dims += list(numbers_in(content))
            elif number == _TYPE and isinstance(content, int):
                kind = content
            elif number == _NAME:
                name = _text(content)
            elif number == _EXTERNAL or (number == _LOCATION and content):
                raise _Refused("has constants in another file")
            elif number in _DATA:
                stored += 8 if isinstance(content, int) else len(content)
        is_endless = len(dims) > MAX_SIDES or any(side >= MAX_SIDE for side in dims)
        if is_endless or math.prod(dims) * _PACKED.get(kind, 8) > 8 * stored:
            raise _Refused("has a constant of more numbers than stand in the file")
        return name


def _text(content: Content) -> str:
    return bytes_of(content).decode()

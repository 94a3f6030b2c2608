"""Model files by a hostile hand: graphs that take what they want, and facts of each wrong kind, sealed well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from damage import Stored, changed, places, without
from models import Tiny
from whatsit.model.container import seal
from whatsit.model.graph.wire import protobuf_field

Change = Callable[[onnx.ModelProto], object]

WRONG: tuple[Any, ...] = (
    *(None, True, -1, 0, 2**63 - 1, -(2**63), 10**400, 1e308, float("nan"), float("inf"), 0.5),
    *("", "x", "\0", "é" * 10_000, [], {}, [[]], {"": {}}, [0] * 10_000, [["red"] * 3] * 3, "A" * 1_000_000),
)


def bare_graph(tiny: Tiny) -> onnx.ModelProto:
    """The model of a tiny run, without what its file says of itself."""
    model = onnx.load_model_from_string((tiny.run.folder / "model.onnx").read_bytes())
    del model.metadata_props[:]
    return model


def sealed(tiny: Tiny, change: Change) -> bytes:
    """A model file whose graph was changed before it was sealed."""
    model = bare_graph(tiny)
    change(model)
    return seal(model.SerializeToString(), tiny.model.facts)


def wrong_facts(stored: Stored) -> Iterator[tuple[str, Stored]]:
    """What a file says, with each of its facts missing, or of each wrong kind: what was done, and all of it."""
    for path in places(stored):
        if len(path) > 3 and path[-1] not in (0, ()):  # of a long list its first entry stands for all
            continue
        for number, wrong in enumerate((without, *WRONG)):
            made = deepcopy(stored)
            (without(*path) if wrong is without else changed(*path, to=wrong))(made)
            yield f"{'.'.join(map(str, path))} #{number}", made


def answer_by(*nodes: onnx.NodeProto, constants: dict[str, np.ndarray] | None = None) -> Change:
    """The nodes before all others: they make `extra`, a number that is then added to the pixels of each photo."""

    def change(model: onnx.ModelProto) -> None:
        graph = model.graph
        first = [node for node in graph.node if "pixels" in node.input]
        for node in first:
            node.input[list(node.input).index("pixels")] = "spoilt"
        whole = [
            *nodes,
            helper.make_node("Cast", ["extra"], ["extra.byte"], to=TensorProto.UINT8),
            helper.make_node("Mul", ["extra.byte", "no"], ["extra.zero"]),
            helper.make_node("Add", ["pixels", "extra.zero"], ["spoilt"]),
        ]
        rest = list(graph.node)
        del graph.node[:]
        graph.node.extend(whole + rest)
        given = {"no": np.array(0, np.uint8), **(constants or {})}
        graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in given.items())

    return change


def _body(output: str) -> onnx.GraphProto:
    """A loop's body, or a branch: what comes in goes out."""
    value = helper.make_tensor_value_info
    return helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Identity", ["x"], [output])],
        "body",
        [value("i", TensorProto.INT64, []), value("go", TensorProto.BOOL, []), value("x", TensorProto.FLOAT, [])],
        [value("on", TensorProto.BOOL, []), value(output, TensorProto.FLOAT, [])],
    )


def loop() -> Change:
    """2^62 rounds."""
    constants = {"times": np.array(2**62, np.int64), "yes": np.array(True), "start": np.array(0, np.float32)}
    return answer_by(
        helper.make_node("Loop", ["times", "yes", "start"], ["extra"], body=_body("out")), constants=constants
    )


def scan() -> Change:
    """A Scan over a constant."""
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("Identity", ["a"], ["b"])],
        "body",
        [value("a", TensorProto.FLOAT, [])],
        [value("b", TensorProto.FLOAT, [])],
    )
    node = helper.make_node("Scan", ["start"], ["extra"], body=body, num_scan_inputs=1)
    return answer_by(node, constants={"start": np.zeros(1, np.float32)})


def branch() -> Change:
    """An If with a branch of its own."""
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("Identity", ["start"], ["out"])], "branch", [], [value("out", TensorProto.FLOAT, [1])]
    )
    node = helper.make_node("If", ["yes"], ["extra"], then_branch=body, else_branch=body)
    return answer_by(node, constants={"yes": np.array(True), "start": np.zeros(1, np.float32)})


def by_content(kind: str) -> Change:
    """A size that depends on what the photo shows."""
    first = [
        helper.make_node("Cast", ["pixels"], ["p.float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMax", ["p.float"], ["p.most"], keepdims=0),
        helper.make_node("Cast", ["p.most"], ["p.size"], to=TensorProto.INT64),
        helper.make_node("Reshape", ["p.size", "one"], ["p.sizes"]),
    ]
    last = helper.make_node("ReduceMax", ["p.made"], ["extra"], keepdims=0)
    made = {
        "ConstantOfShape": helper.make_node("ConstantOfShape", ["p.sizes"], ["p.made"]),
        "Range": helper.make_node("Range", ["zero", "p.size", "step"], ["p.made"]),
        "Tile": helper.make_node("Tile", ["floats", "p.sizes"], ["p.made"]),
        "Expand": helper.make_node("Expand", ["floats", "p.sizes"], ["p.made"]),
        "NonZero": helper.make_node("NonZero", ["pixels"], ["p.made"]),
        "TopK": helper.make_node("TopK", ["floats", "p.sizes"], ["p.made", "p.places"]),
    }[kind]
    constants = {
        "one": np.array([1], np.int64),
        "zero": np.array(0, np.int64),
        "step": np.array(1, np.int64),
        "floats": np.zeros(300, np.float32),
    }
    return answer_by(*first, made, last, constants=constants)


def doubling(times: int) -> Change:
    """As many concatenations of a value with itself: 2^times numbers."""
    nodes = [helper.make_node("Concat", [f"d{number}"] * 2, [f"d{number + 1}"], axis=0) for number in range(times)]
    last = helper.make_node("ReduceMax", [f"d{times}"], ["extra"], keepdims=0)
    return answer_by(*nodes, last, constants={"d0": np.zeros(1, np.float32)})


def products(times: int, side: int = 3_000) -> Change:
    """As many products of large squares, made from two numbers."""
    nodes = [
        helper.make_node("ConstantOfShape", ["side"], ["m0"]),
        *(helper.make_node("MatMul", [f"m{number}", "m0"], [f"m{number + 1}"]) for number in range(times)),
        helper.make_node("ReduceMax", [f"m{times}"], ["extra"], keepdims=0),
    ]
    return answer_by(*nodes, constants={"side": np.array([side, side], np.int64)})


def constant(**fields: Any) -> Change:
    """One more constant, by the fields of its TensorProto."""

    def change(model: onnx.ModelProto) -> None:
        tensor = TensorProto(name="more", data_type=TensorProto.FLOAT)
        for name, value in fields.items():
            getattr(tensor, name).extend(value) if isinstance(value, list) else setattr(tensor, name, value)
        model.graph.initializer.append(tensor)

    return change


def elsewhere(model: onnx.ModelProto) -> None:
    """A constant that lies in another file."""
    tensor = TensorProto(name="more", data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="../../etc/hostname")
    model.graph.initializer.append(tensor)


def sparse(model: onnx.ModelProto) -> None:
    """A constant of 2^40 numbers, one of which is written down."""
    one = numpy_helper.from_array(np.ones(1, np.float32), "thin")
    place = numpy_helper.from_array(np.zeros(1, np.int64), "place")
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(one, place, [2**40]))


def output_of(name: str, kind: str, *inputs: str, constants: dict[str, np.ndarray] | None = None) -> Change:
    """Another node gives the output `name`, from what gave it before (`was`) and from constants."""

    def change(model: onnx.ModelProto) -> None:
        for node in model.graph.node:
            node.output[:] = ["was" if value == name else value for value in node.output]
            node.input[:] = ["was" if value == name else value for value in node.input]
        model.graph.node.append(helper.make_node(kind, list(inputs), [name]))
        model.graph.initializer.extend(
            numpy_helper.from_array(value, of) for of, value in (constants or {}).items()
        )

    return change


def with_node(kind: str, domain: str = "", **attributes: Any) -> Change:
    """One more node at the end, whose result nobody reads."""

    def change(model: onnx.ModelProto) -> None:
        model.graph.node.append(helper.make_node(kind, ["pixels"], ["unread"], domain=domain, **attributes))

    return change


def many_nodes(count: int) -> Change:
    """A chain that changes nothing."""
    return answer_by(
        helper.make_node("Identity", ["zero"], ["n0"]),
        *(helper.make_node("Identity", [f"n{number}"], [f"n{number + 1}"]) for number in range(count)),
        helper.make_node("Identity", [f"n{count}"], ["extra"]),
        constants={"zero": np.array(0, np.float32)},
    )


def backwards(model: onnx.ModelProto) -> None:
    """Each node before those that it reads."""
    nodes = list(model.graph.node)[::-1]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


NAN = np.array(np.nan, np.float32)
GRAPHS: dict[str, tuple[Change, str]] = {
    "a loop of 2^62 rounds": (loop(), "a graph within a graph"),
    "a scan": (scan(), "a graph within a graph"),
    "a branch": (branch(), "a graph within a graph"),
    "an operation of somebody's own": (with_node("Shell", "com.example"), "no part of ONNX"),
    "an operation of the runtime's own": (with_node("BeamSearch", "com.microsoft"), "no part of ONNX"),
    "an operation nobody knows": (with_node("Teleport"), "do not \\('Teleport'\\)"),
    "what is drawn by chance": (with_node("RandomNormalLike"), "do not \\('RandomNormalLike'\\)"),
    "a size by what the photo shows": (by_content("ConstantOfShape"), "by what a photo shows \\(ConstantOf"),
    "a range by it": (by_content("Range"), "by what a photo shows \\(Range"),
    "tiles by it": (by_content("Tile"), "by what a photo shows \\(Tile"),
    "an expansion by it": (by_content("Expand"), "by what a photo shows \\(Expand"),
    "places by it": (by_content("NonZero"), "by what a photo shows \\(NonZero"),
    "so many of the largest": (by_content("TopK"), "by what a photo shows \\(TopK"),
    "a constant in another file": (elsewhere, "has constants in another file"),
    "a constant of a number": (constant(dims=[2**30], raw_data=b"1234"), "more numbers than stand in the file"),
    "one with no end": (constant(dims=[2**62], raw_data=b"1234"), "more numbers than stand in the file"),
    "one of less than nothing": (constant(dims=[-1], raw_data=b""), "more numbers than stand in the file"),
    "one of a thousand sides": (constant(dims=[1] * 1000, raw_data=b"1234"), "more numbers than stand"),
    "a constant mostly left out": (sparse, "mostly left out"),
    "an attribute mostly left out": (
        with_node("Constant", sparse_value=helper.make_sparse_tensor(
            numpy_helper.from_array(np.ones(1, np.float32), "t"),
            numpy_helper.from_array(np.zeros(1, np.int64), "p"), [2**40])),
        "mostly left out",
    ),
    "thirty thousand operations": (many_nodes(30_000), "more than 20,000 operations"),
    "operations in no order": (backwards, "before anything gives it"),
    "a value given twice": (
        lambda model: model.graph.node.append(helper.make_node("Identity", ["pixels"], ["features"])),
        "gives 'features' twice",
    ),
    "no number as a distance": (
        output_of("distance", "Add", "was", "nan", constants={"nan": NAN}),
        "gives numbers for distance that cannot be",
    ),
    "no numbers as probabilities": (
        output_of("probabilities", "Add", "was", "nan", constants={"nan": NAN}),
        "gives numbers for probabilities that cannot be",
    ),
    "probabilities beyond all": (
        output_of("probabilities", "Mul", "was", "m", constants={"m": np.array(1e30, np.float32)}), "cannot be"
    ),
    "a format of ONNX to come": (lambda model: setattr(model, "ir_version", 99), "onnxruntime does not read"),
    "operations to come": (
        lambda model: setattr(model.opset_import[0], "version", 99), "onnxruntime does not read"
    ),
}  # fmt: skip
BYTES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a second graph": (lambda content: content + protobuf_field(7, b""), "is no model file"),
    "another graph before it": (lambda content: protobuf_field(7, b"\x12\x01x") + content, "is no model file"),
    "its facts twice": (lambda content: content + protobuf_field(14, b"\x0a\x07whatsit\x12\x02{}"), "is no model"),
    "something behind it": (lambda content: content + protobuf_field(3, b"1"), "was altered after it was made"),
    "other metadata": (lambda content: content + protobuf_field(14, b"\x0a\x01a"), "was altered"),
    "other operations": (lambda content: content.replace(b"\0\x10\x14", b"\0\x10\x15"), "was altered"),
    "a function of its own": (lambda content: content + protobuf_field(25, b"\x0a\x05again"), "is no model file"),
    "a field nobody knows": (lambda content: content + protobuf_field(99, b"1"), "is no model file"),
    "a field of no number": (lambda content: content + b"\x02\x00", "is no model file"),
    "a number without end": (lambda content: content + b"\xff" * 40, "is no model file"),
    "a thousand fields": (lambda content: content + b"\x18\x01" * 2000, "is no model file"),
    "its end gone": (lambda content: content[:-1], "is no model file"),
    "half of it": (lambda content: content[: len(content) // 2], "is no model file"),
    "nothing": (lambda content: content[:0], "is no model file, or was cut short"),
    "no end of nothing": (lambda _: bytes(1_000_000), "is no model file"),
    "text": (lambda _: b"<html>" * 1000, "is no model file"),
}  # fmt: skip

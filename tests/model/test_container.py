"""The file format: what a model says of itself comes back, and a hostile file is refused with a sentence."""

from __future__ import annotations

import base64
import contextlib
import copy
import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from damage import JSON, Stored, changed, places, without
from hostile import BYTES, wrong_facts
from models import Tiny, tiny_run
from whatsit.errors import UserError
from whatsit.image import encode_png
from whatsit.model.classifier import MODEL_FILE, Classifier, load
from whatsit.model.container import DIGEST_KEY, FACTS_KEY, FILE_DIGEST_KEY, read_facts, seal
from whatsit.model.graph.wire import protobuf_field
from whatsit.records import as_json

GRAPH, METADATA = 7, 14  # fields of ONNX's ModelProto


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny_run(tmp_path_factory.mktemp("runs") / "colours")


@pytest.fixture(scope="module")
def bare(tiny: Tiny) -> onnx.ModelProto:
    """The graph of the tiny model, without what the file says of itself."""
    whole = onnx.load_from_string((tiny.run.folder / MODEL_FILE).read_bytes())
    del whole.metadata_props[:]
    return whole


def sealed_with(graph: onnx.ModelProto, text: bytes) -> bytes:
    """A model file whose metadata is `text`, with the digest that belongs to both."""
    content = graph.SerializeToString()
    digest = hashlib.sha256(graph.graph.SerializeToString() + text).hexdigest()
    entries = ((FACTS_KEY, text), (DIGEST_KEY, digest.encode()))
    return content + b"".join(
        protobuf_field(METADATA, protobuf_field(1, key.encode()) + protobuf_field(2, value))
        for key, value in entries
    )


def test_what_a_file_says_comes_back_as_it_was_sealed(tiny: Tiny, bare: onnx.ModelProto) -> None:
    facts = replace(tiny.model.facts, temperature=2.5)
    assert read_facts(seal(bare.SerializeToString(), facts)) == facts


def test_the_digest_of_these_tests_is_that_of_the_format(tiny: Tiny, bare: onnx.ModelProto) -> None:
    text = json.dumps(as_json(tiny.model.facts)).encode()
    assert read_facts(sealed_with(bare, text)) == tiny.model.facts


def test_what_a_newer_version_added_survives(tiny: Tiny, bare: onnx.ModelProto) -> None:
    stored = as_json(tiny.model.facts)
    stored["card"]["grown_in"] = "a greenhouse"
    stored["ground"] = "white"
    facts = read_facts(sealed_with(bare, json.dumps(stored).encode()))
    again = as_json(read_facts(seal(bare.SerializeToString(), facts)))
    assert (again["ground"], again["card"]["grown_in"]) == ("white", "a greenhouse")


HUGE_PNG = base64.b64encode(encode_png(np.zeros((40, 40, 3), np.uint8))).decode()
HOSTILE: dict[str, tuple[Callable[[Stored], None], str]] = {
    "newer": (changed("format", to=3), "has model format 3, and this whatsit reads formats 1 to 2"),
    "format is a list": (changed("format", to=[1] * 1000), "has model format"),
    "no classes": (without("classes"), "classes is missing"),
    "classes are a number": (changed("classes", to=3), "classes is 3 and not a list"),
    "a class is a number": (changed("classes", 1, to=7), r"classes\[1\] is 7 and not a text"),
    "a class is a list": (changed("classes", 1, to=[]), r"classes\[1\] is a list and not a text"),
    "a class twice": (changed("classes", 1, to="red"), "has the class 'red' 2 times"),
    "one class": (changed("classes", to=["red"]), "has 1 class: there is nothing to tell apart"),
    "none at all": (changed("classes", to=[]), "has 0 classes"),
    "a class without a name": (changed("classes", 0, to=" "), "has a class without a name"),
    "half a letter": (changed("classes", 0, to="\ud800"), "there are letters in it that are none"),
    "another class": (lambda stored: stored["classes"].append("teal"), "has 3 probabilities for 4 classes"),
    "no size": (without("size"), "size is missing"),
    "size of words": (changed("size", to=["12", "12"]), r"size\[0\] is '12' and not a whole number"),
    "size of three": (changed("size", to=[1, 2, 3]), "size is a list of 3 and not of 2"),
    "size below zero": (changed("size", to=[-1, 12]), "looks at photos of 12 × -1 pixels, which cannot be"),
    "size without end": (changed("size", to=[10**9, 10**9]), "pixels, which cannot be"),
    "another size": (changed("size", to=[4000, 4000]), "is not of the size that the model looks at"),
    "unknown resize": (changed("resize", to="melt"), "resize is 'melt' and none of"),
    "limits are a list": (changed("thresholds", to=[]), "thresholds is a list and not an object"),
    "limit is no number": (changed("thresholds", "distance", to=float("nan")), "thresholds.distance is nan"),
    "limit without end": (changed("thresholds", "distance", to=float("inf")), "thresholds.distance is inf"),
    "limit is a word": (changed("thresholds", "probability", to="high"), "thresholds.probability is 'high'"),
    "half a photo": (changed("thresholds", "measured_on", to=0.5), "thresholds.measured_on is 0.5"),
    "less than no photos": (changed("thresholds", "measured_on", to=-1), "measured on less than no photos"),
    "more than all": (changed("thresholds", "coverage", to=3), "not between 0 and 1"),
    "temperature of zero": (changed("temperature", to=0), "has the temperature 0, which divides nothing"),
    "no temperature": (changed("temperature", to=None), "temperature is None and not a finite number"),
    "crop is a number": (changed("crop", to=1), "crop is 1 and not a text"),
    "crop nobody knows": (changed("crop", to="feet"), "cuts photos in a way this whatsit does not know"),
    "detector is none": (
        lambda stored: stored.update(crop="face", detector="a"),
        "its detector of faces is not in base64",
    ),
    "card is a list": (changed("card", to=["cnn"]), "card is a list and not an object"),
    "card of numbers": (changed("card", "recipe", to=4), "card.recipe is 4 and not a text"),
    "test of words": (changed("card", "test", to={"right": "all", "of": 1, "accuracy": 1}), "card.test.right"),
    "warnings are a text": (changed("card", "warnings", to="none"), "card.warnings is 'none' and not a list"),
    "photos are a list": (changed("card", "photos", to=[1, 2, 3]), "card.photos is a list"),
    "no pictures": (changed("golden", to=[]), "has no pictures to prove itself on"),
    "pictures are an object": (changed("golden", to={}), "golden is an object and not a list"),
    "a picture is a word": (changed("golden", 0, to="jpeg"), r"golden\[0\] is 'jpeg' and not an object"),
    "a picture without a file": (without("golden", 0, "file"), r"golden\[0\].file is missing"),
    "a picture that is none": (changed("golden", 0, "file", to="AAAA"), "its jpeg picture cannot be read"),
    "no base64": (changed("golden", 0, "pixels", to="a"), "cannot be read: it is not in base64"),
    "letters for base64": (changed("golden", 0, "file", to="ü"), "cannot be read: it is not in base64"),
    "a larger picture": (changed("golden", 0, "pixels", to=HUGE_PNG), "is not of the size that the model looks"),
    "probabilities of words": (
        changed("golden", 0, "probabilities", to=["a", "b", "c"]),
        r"golden\[0\].probabilities\[0\] is 'a'",
    ),
    "too few probabilities": (changed("golden", 0, "probabilities", to=[1.0]), "1 probabilities for 3 classes"),
    "improbable": (changed("golden", 0, "probabilities", to=[1e300, 0, 0]), "are not between 0 and 1"),
    "other answers": (changed("golden", 0, "probabilities", to=[0.1, 0.2, 0.7]), "its probabilities are 0"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_file_that_says_what_cannot_be_is_refused(tiny: Tiny, bare: onnx.ModelProto, case: str) -> None:
    change, sentence = HOSTILE[case]
    stored = as_json(tiny.model.facts)
    change(stored)
    with pytest.raises(UserError, match=sentence):
        Classifier(sealed_with(bare, json.dumps(stored).encode()), "hostile.onnx").prove()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "is damaged: it is not the JSON we wrote"),
        (b"[" * 200_000, "is damaged: it is not the JSON we wrote"),
        (b'{"format": ' + b"1" * 10_000 + b"}", "is damaged: it is not the JSON we wrote"),
        (b'{"format": 1, "classes": ["\xff\xfe"]}', "is no model file, or was cut short"),
        (b"[1]", "has model format None"),
        (b'{"format": 1, "x": [' + b"[]," * 1_000_000 + b"0]}", "says more than 300,000 things of itself"),
        (b'"whatsit"', "has model format None"),
        (b"{}", "has model format None"),
    ],
)
def test_what_is_no_json_of_ours_is_refused(bare: onnx.ModelProto, text: bytes, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        read_facts(sealed_with(bare, text), "hostile.onnx")


def graph_of(tiny: Tiny, outputs: dict[str, int], kind: int = TensorProto.FLOAT) -> bytes:
    """A model file with the facts of the tiny one and a graph that gives zeros, `outputs` of them a photo."""
    nodes = [
        helper.make_node("Shape", ["pixels"], ["shape"], start=0, end=1),
        helper.make_node("ConstantOfShape", ["shape"], ["row"], value=helper.make_tensor("", kind, [1], [0])),
        helper.make_node("Constant", [], ["axis"], value_ints=[1]),
        helper.make_node("Unsqueeze", ["row", "axis"], ["column"]),
    ]
    given = []
    for name, count in outputs.items():
        if count:
            nodes.append(helper.make_node("Concat", ["column"] * count, [name], axis=1))
        else:
            nodes.append(helper.make_node("Identity", ["row"], [name]))
        given.append(helper.make_tensor_value_info(name, kind, None))
    pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["batch", 12, 12, 3])
    model = helper.make_model(
        helper.make_graph(nodes, "zeros", [pixels], given),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    return seal(model.SerializeToString(), tiny.model.facts)


@pytest.mark.parametrize(
    ("outputs", "kind", "sentence"),
    [
        ({"probabilities": 3, "distance": 0}, TensorProto.FLOAT, "its probabilities are 0.* off"),
        ({"probabilities": 5, "distance": 0}, TensorProto.FLOAT, "not give the probabilities of 3 classes"),
        ({"probabilities": 3, "distance": 2}, TensorProto.FLOAT, "not give the distance of 3 classes"),
        ({"probabilities": 3, "distance": 0}, TensorProto.INT64, "not give the probabilities of 3 classes"),
        ({"probabilities": 3}, TensorProto.FLOAT, "does not give distance"),
        ({"label": 1}, TensorProto.FLOAT, "does not give probabilities and distance"),
    ],
)
def test_a_graph_that_is_none_of_ours_is_refused(
    tiny: Tiny, outputs: dict[str, int], kind: int, sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        Classifier(graph_of(tiny, outputs, kind), "other.onnx").prove()


def test_a_graph_that_takes_something_else_is_refused(tiny: Tiny) -> None:
    content = graph_of(tiny, {"probabilities": 3, "distance": 0})
    model = onnx.load_from_string(content)
    del model.metadata_props[:]
    model.graph.input[0].name = model.graph.node[0].input[0] = "photo"
    with pytest.raises(UserError, match="does not answer about photos of its size"):
        Classifier(seal(model.SerializeToString(), tiny.model.facts), "other.onnx").prove()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_changed_it_answers_or_says_why_not(
    tiny: Tiny, bare: onnx.ModelProto, data: st.DataObject
) -> None:
    stored = copy.deepcopy(as_json(tiny.model.facts))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(stored)))
        change = without(*path) if data.draw(st.booleans()) else changed(*path, to=data.draw(JSON))
        change(stored)
    content = sealed_with(bare, json.dumps(stored).encode())
    try:
        model = Classifier(content, "changed.onnx")
        model.prove()
    except UserError:
        return
    answer = model.answers(np.zeros((1, *model.facts.size, 3), np.uint8))[0]
    assert answer.label in model.classes


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_bytes_are_changed_it_is_read_or_refused_with_a_sentence(tiny: Tiny, data: st.DataObject) -> None:
    content = bytearray((tiny.run.folder / MODEL_FILE).read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(0, len(content)))]
    with contextlib.suppress(UserError):
        read_facts(bytes(content), "changed.onnx")


def test_entries_stand_in_the_order_in_which_version_0_1_0_wrote_them(tiny: Tiny) -> None:
    """So that the same seed gives the same bytes as it did."""
    stored = as_json(replace(tiny.model.facts, detector="AAAA"))
    assert list(stored) == [
        *("classes", "size", "resize", "thresholds", "temperature", "crop", "card", "golden", "format", "detector")
    ]
    assert "detector" not in as_json(tiny.model.facts)
    assert list(stored["thresholds"]) == ["distance", "reject_share", "probability", "coverage", "measured_on"]
    assert list(stored["golden"][0]) == ["kind", "file", "pixels", "probabilities", "distance"]


@pytest.mark.parametrize("case", BYTES)
def test_a_file_that_was_tampered_with_is_refused(tiny: Tiny, case: str) -> None:
    change, sentence = BYTES[case]
    content = (tiny.run.folder / MODEL_FILE).read_bytes()
    tampered = change(content)
    assert tampered != content
    with pytest.raises(UserError, match=sentence):
        read_facts(tampered, "tampered.onnx")


def test_every_byte_of_a_file_counts(tiny: Tiny) -> None:
    content = (tiny.run.folder / MODEL_FILE).read_bytes()
    for at in range(0, len(content), 7):
        with pytest.raises(UserError):
            read_facts(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])


def test_a_file_cut_between_any_two_fields_is_refused_and_one_with_no_graph_as_cut(tiny: Tiny) -> None:
    """As one is that is still being copied to where a server watches for it."""
    whole = onnx.load_from_string((tiny.run.folder / MODEL_FILE).read_bytes())
    fields = onnx.ModelProto(ir_version=whole.ir_version, producer_name=whole.producer_name)
    for cut in (b"", fields.SerializeToString()):
        with pytest.raises(UserError, match="is no model file, or was cut short"):
            read_facts(cut)
    entries = list(whole.metadata_props)
    for kept in range(len(entries) - 1):  # without the last it is a file as 0.1.0 wrote them, and as whole
        del whole.metadata_props[:]
        whole.metadata_props.extend(entries[:kept])
        with pytest.raises(UserError, match="altered" if kept else "not made by whatsit"):
            read_facts(whole.SerializeToString())


def test_files_of_version_0_1_0_end_without_a_digest_of_all(tiny: Tiny, bare: onnx.ModelProto) -> None:
    text = json.dumps(as_json(tiny.model.facts)).encode()
    content = sealed_with(bare, text)
    assert FILE_DIGEST_KEY.encode() not in content
    assert Classifier(content).classes == tiny.model.classes


def test_a_file_is_sealed_once(tiny: Tiny) -> None:
    with pytest.raises(ValueError, match="sealed already"):
        seal((tiny.run.folder / MODEL_FILE).read_bytes(), tiny.model.facts)


def test_every_fact_of_every_wrong_kind_is_refused_or_does_no_harm(tiny: Tiny, bare: onnx.ModelProto) -> None:
    refused: list[str] = []
    answered = 0
    for what, stored in wrong_facts(as_json(tiny.model.facts)):
        content = sealed_with(bare, json.dumps(stored).encode())
        began = time.process_time()
        try:
            if read_facts(content, "wrong.onnx") != tiny.model.facts:
                Classifier(content, "wrong.onnx").prove()
            answered += 1
        except UserError as error:
            refused.append(error.sentence)
        assert time.process_time() - began < 3, what
    assert max(map(len, refused)) < 400
    assert len(refused) > 800
    assert answered > 20


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.onnx")
    (tmp_path / "zero.onnx").symlink_to("/dev/zero")
    (tmp_path / "run" / "model.onnx").mkdir(parents=True)
    with (tmp_path / "long.onnx").open("wb") as file:
        file.truncate(2**31 + 1)
    for name, sentence in (
        ("pipe.onnx", "is no file"),
        ("zero.onnx", "is no file"),
        ("run", "is no file"),
        ("long.onnx", "is larger than a model file can be"),
        ("none.onnx", "There is no file"),
        ("a\0b.onnx", "There is no file"),
    ):
        with pytest.raises(UserError, match=sentence):
            load(tmp_path / name)

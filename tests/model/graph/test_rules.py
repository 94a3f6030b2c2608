"""Which graphs may run: those of ours all do, those that may take what they like do not."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from hostile import GRAPHS, bare_graph, doubling, sealed
from models import Tiny, tiny_run
from whatsit.errors import UserError
from whatsit.model.classifier import Classifier
from whatsit.model.container import read_facts
from whatsit.model.graph import rules
from whatsit.model.graph.rules import check_graph

NEEDS_A_RUN = ("cannot be", "onnxruntime does not read")  # what is known only when it is opened or asked


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny_run(tmp_path_factory.mktemp("runs") / "colours")


@pytest.mark.parametrize("case", GRAPHS)
def test_a_graph_that_may_do_anything_is_refused_before_it_runs(tiny: Tiny, case: str) -> None:
    change, sentence = GRAPHS[case]
    content = sealed(tiny, change)
    look = Classifier if any(words in sentence for words in NEEDS_A_RUN) else read_facts
    with pytest.raises(UserError, match=sentence):
        look(content, "hostile.onnx")


def test_a_graph_is_checked_whoever_asks_for_the_facts(tiny: Tiny) -> None:
    assert read_facts(sealed(tiny, doubling(3))) == tiny.model.facts


def test_what_is_cut_short_is_damaged(tiny: Tiny) -> None:
    graph = bare_graph(tiny).graph.SerializeToString()
    check_graph(graph, "whole.onnx")
    for cut in (graph[:-3], b"\x0a\x03abc", b"\x08\x01", graph + b"\x0a\x04\x0a\x02\xff\xff"):
        with pytest.raises(UserError, match=r"The network in 'cut.onnx' is damaged"):
            check_graph(cut, "cut.onnx")


def test_a_graph_in_millions_of_pieces_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_FIELDS", 1000)
    with pytest.raises(UserError, match="in more than 1,000 pieces"):
        check_graph(b"\x52\x00" * 1001, "long.onnx")


def test_each_operation_of_onnx_is_known_or_refused_on_purpose() -> None:
    """A new version of ONNX may bring others: each wants a thought, and a place in one of the lists."""
    known = {schema.name for schema in onnx.defs.get_all_schemas() if not schema.domain}
    allowed = rules._BY_SHAPE | set(rules._BY_VALUE)
    assert not rules._BY_SHAPE & set(rules._BY_VALUE)
    with_graphs = {
        schema.name
        for schema in onnx.defs.get_all_schemas_with_history()
        if any(attribute.type.name in ("GRAPH", "GRAPHS") for attribute in schema.attributes.values())
    }
    assert {"Loop", "Scan", "If"} <= with_graphs
    assert not with_graphs & allowed
    assert allowed - known <= {"Upsample", "SwiGLU", "RMSNormalization", "RotaryEmbedding", "Attention", "Swish"}


def test_sizes_may_follow_from_the_size_of_the_photo(tiny: Tiny) -> None:
    """As torch writes them: the batch is read from the pixels, and what is made is as long."""

    def change(model: onnx.ModelProto) -> None:
        model.graph.node.extend(
            [
                onnx.helper.make_node("Shape", ["pixels"], ["sides"]),
                onnx.helper.make_node("ConstantOfShape", ["sides"], ["unread"]),
            ]
        )

    model = Classifier(sealed(tiny, change), "sized.onnx")
    assert model.answers(np.zeros((1, 12, 12, 3), np.uint8))[0].label in model.classes

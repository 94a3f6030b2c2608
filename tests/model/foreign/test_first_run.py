"""What a network from elsewhere does on its first run, and what it may not take."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from hostile import doubling, sealed
from models import Tiny, tiny_run
from whatsit.errors import UserError
from whatsit.model.classifier import MODEL_FILE, Classifier
from whatsit.model.foreign.apart import run_apart


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny_run(tmp_path_factory.mktemp("runs") / "colours")


@pytest.fixture(autouse=True)
def _nothing_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))


def test_one_that_wants_all_memory_does_not_get_it(tiny: Tiny) -> None:
    with pytest.raises(UserError, match=r"(bad_alloc|Failed to allocate|ended the process|takes too much)"):
        run_apart(sealed(tiny, doubling(40)), "large.onnx", memory=1_500_000_000)


def test_python_itself_is_told_when_it_gets_no_memory(tiny: Tiny) -> None:
    with pytest.raises(UserError, match=r"'m.onnx' (takes too much memory|ended the process)"):
        run_apart((tiny.run.folder / MODEL_FILE).read_bytes(), "m.onnx", memory=100_000_000)


def test_a_plain_network_gives_its_features_apart(tiny: Tiny) -> None:
    plain = onnx.load_model_from_string((tiny.run.folder / MODEL_FILE).read_bytes())
    del plain.metadata_props[:]
    run_apart(plain.SerializeToString(), "plain.onnx")
    with pytest.raises(UserError, match="onnxruntime does not read this model"):
        run_apart(plain.SerializeToString()[:-40], "plain.onnx")


def test_the_largest_batch_is_tried_too(tiny: Tiny) -> None:
    """A value of (photos)^k numbers: three golden pictures are few, eight photos fill the memory."""

    def change(model: onnx.ModelProto) -> None:
        make = onnx.helper.make_node
        model.graph.node.extend(
            [
                make("Shape", ["pixels"], ["sides"], start=0, end=1),
                make("Concat", ["sides"] * 11, ["many"], axis=0),
                make("ConstantOfShape", ["many"], ["filled"]),
                make("ReduceMax", ["filled"], ["largest"], keepdims=0),
                make("Mul", ["largest", "distance"], ["unread"]),
            ]
        )
        model.graph.output.append(onnx.helper.make_tensor_value_info("unread", onnx.TensorProto.FLOAT, None))
        for node in model.graph.node:
            if "distance" in node.output:
                node.output[list(node.output).index("distance")] = "was"
        model.graph.node[-1].input[1] = "was"
        model.graph.node[-1].output[0] = "unread"
        model.graph.node.append(make("Add", ["was", "unread"], ["distance"]))

    content = sealed(tiny, change)
    Classifier(content, "wide.onnx").prove()
    with pytest.raises(UserError, match=r"does not answer .*ConstantOfShape"):
        run_apart(content, "wide.onnx")


def test_what_it_may_take_is_limited_in_its_own_process_only(tiny: Tiny) -> None:
    resource = pytest.importorskip("resource", reason="not on Windows")
    limits = resource.RLIMIT_AS, resource.RLIMIT_CPU
    before = [resource.getrlimit(limit) for limit in limits]
    run_apart((tiny.run.folder / MODEL_FILE).read_bytes(), "m.onnx")
    assert [resource.getrlimit(limit) for limit in limits] == before

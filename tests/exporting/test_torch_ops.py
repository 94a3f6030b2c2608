"""Each operation in torch gives what onnxruntime gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from models import Tiny, colour_graph
from onnx_cases import CASES, draw_case
from whatsit.errors import UserError
from whatsit.exporting import export

torch = pytest.importorskip("torch", reason="needs the extra 'train'")


@pytest.mark.parametrize("case", CASES)
def test_an_operation_gives_what_onnxruntime_gives(case: str) -> None:
    from whatsit.exporting.torch_program import make_module

    model, pixels, expected = draw_case(case)
    with torch.no_grad():
        _, found = make_module(model.graph)(torch.from_numpy(pixels))
    assert found.shape == expected.shape
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-5, atol=1e-6)


def test_an_operation_that_is_not_known_is_named(tiny: Tiny, tmp_path: Path) -> None:
    model = colour_graph()
    model.graph.node.append(helper.make_node("Det", ["activation"], ["unused"]))
    with pytest.raises(UserError, match=r"does not know: Det\."):
        export(tiny.model, model.SerializeToString(), "torch", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_weights_can_be_trained(tiny: Tiny) -> None:
    from whatsit.exporting.torch_program import make_module

    graph = onnx.load_model_from_string((tiny.run.folder / "model.onnx").read_bytes()).graph
    module = make_module(graph)
    pixels = torch.from_numpy(np.asarray(tiny.decoded.take(np.arange(4))))
    probabilities, _ = module(pixels)
    probabilities[:, 0].sum().backward()
    assert any(one.grad is not None and one.grad.abs().sum() > 0 for one in module.parameters())

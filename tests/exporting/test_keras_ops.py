"""Each operation in Keras gives what onnxruntime gives, and a model is kept with its weights in layers."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from onnx import helper

from models import Tiny, colour_graph
from onnx_cases import CASES, SHAPE, draw_case
from whatsit.errors import UserError
from whatsit.exporting import export
from whatsit.exporting.keras_file import make_model

pytest.importorskip("torch", reason="needs the extra 'keras'")
os.environ.setdefault("KERAS_BACKEND", "torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    keras = pytest.importorskip("keras", reason="needs the extra 'keras'")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Keras, about how it asks numpy


NOT_HAD = {"edge repeated"}  # by every backend


@pytest.mark.parametrize("case", sorted(set(CASES) - NOT_HAD))
def test_an_operation_gives_what_onnxruntime_gives_and_is_kept(case: str, tmp_path: Path) -> None:
    model, pixels, expected = draw_case(case)
    make_model(model.graph, SHAPE).save(tmp_path / "case.keras")
    again = keras.saving.load_model(tmp_path / "case.keras", compile=False)
    found = keras.ops.convert_to_numpy(again(pixels, training=False)["distance"])
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("case", sorted(NOT_HAD))
def test_what_not_every_backend_does_is_refused(case: str) -> None:
    model, _, _ = draw_case(case)
    with pytest.raises(ValueError, match="repeated"):
        make_model(model.graph, SHAPE)


def test_an_operation_that_is_not_known_is_named(tiny: Tiny, tmp_path: Path) -> None:
    model = colour_graph()
    model.graph.node.append(helper.make_node("Det", ["activation"], ["unused"]))
    with pytest.raises(UserError, match=r"Keras does not know: Det\."):
        export(tiny.model, model.SerializeToString(), "keras", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_weights_lie_in_layers_and_can_be_trained_on(tiny: Tiny, tmp_path: Path) -> None:
    export(tiny.model, (tiny.run.folder / "model.onnx").read_bytes(), "keras", tmp_path / "out")
    with ZipFile(tmp_path / "out/model.keras") as kept:
        assert {"config.json", "model.weights.h5"} <= set(kept.namelist())
        assert json.loads(kept.read("config.json"))["class_name"] == "Functional"
    model = keras.saving.load_model(tmp_path / "out/model.keras", compile=False)
    before = [value.copy() for value in model.get_weights()]
    assert before
    likeliest = keras.Model(model.inputs, model.output["probabilities"])
    likeliest.compile("sgd", "sparse_categorical_crossentropy")
    pixels = np.asarray(tiny.decoded.take(np.arange(4)))
    likeliest.fit(pixels, np.zeros(4, np.int64), verbose=0)
    assert any((one != other).any() for one, other in zip(before, model.get_weights(), strict=True))

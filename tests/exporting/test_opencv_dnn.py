"""What OpenCV does not know is said otherwise, and says the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models import Tiny
from onnx_cases import draw_case
from whatsit.errors import UserError
from whatsit.exporting import export, opencv_dnn
from whatsit.exporting.opencv_dnn import spell_out_lengths
from whatsit.model.graph.session import Session


def test_a_length_is_spelt_out_and_nothing_is_divided_by_zero() -> None:
    model, pixels, expected = draw_case("normal length")
    spell_out_lengths(model.graph)
    assert "LpNormalization" not in {node.op_type for node in model.graph.node}
    (found,) = Session(model.SerializeToString()).run(pixels, ["distance"])
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


def test_what_is_no_length_by_squares_stays_as_it_is() -> None:
    model, _, _ = draw_case("normal length")
    (node,) = [one for one in model.graph.node if one.op_type == "LpNormalization"]
    next(one for one in node.attribute if one.name == "p").i = 1
    spell_out_lengths(model.graph)
    assert "LpNormalization" in {one.op_type for one in model.graph.node}


def test_without_opencv_that_is_a_sentence(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opencv_dnn, "find_spec", lambda _name: None)
    with pytest.raises(UserError, match=r"needs OpenCV.*whatsit\[clean\]"):
        export(tiny.model, (tiny.run.folder / "model.onnx").read_bytes(), "opencv", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []

"""What is special on the way to LiteRT, without its converter; `make litert` tests an export by it."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from models import Tiny
from whatsit.errors import UserError
from whatsit.exporting import export
from whatsit.exporting.graph import Node
from whatsit.exporting.litert_file import top_by_turns
from whatsit.model.classifier import MODEL_FILE

torch = pytest.importorskip("torch", reason="needs the extra 'litert'")


def top_of(count: int, **attributes: int) -> Node:
    """The node that looks for so many."""
    return Node("TopK", ("x", "count"), ("values", "places"), attributes, {1: np.array([count])})


@pytest.mark.parametrize("largest", [0, 1])
def test_the_most_are_found_without_sorting(largest: int) -> None:
    x = torch.from_numpy(np.random.default_rng(0).normal(size=(5, 12)).astype(np.float32))
    values, places = top_by_turns(top_of(4, largest=largest), x, None)
    expected = torch.topk(x, 4, largest=bool(largest))
    assert torch.equal(values, expected.values)
    assert torch.equal(places, expected.indices)


def test_equal_numbers_are_found_once_each() -> None:
    values, places = top_by_turns(top_of(3), torch.tensor([[2.0, 7.0, 7.0, 1.0]]), None)
    assert values.tolist() == [[7.0, 7.0, 2.0]]
    assert places.tolist() == [[1, 2, 0]]


def test_the_most_of_another_axis_are_refused() -> None:
    with pytest.raises(ValueError, match="another axis than the last"):
        top_by_turns(top_of(1, axis=0), torch.zeros((2, 3)), None)


def test_without_the_converter_that_is_a_sentence(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "litert_torch", None)
    with pytest.raises(UserError, match=r"needs litert-torch.*whatsit\[litert\]"):
        export(tiny.model, (tiny.run.folder / MODEL_FILE).read_bytes(), "litert", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []

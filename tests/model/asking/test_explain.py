"""Why: the map shows where the evidence is."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from models import Tiny, tiny_run
from whatsit.image import Pixels
from whatsit.model.asking.explain import compute_heat_map
from whatsit.model.classifier import Classifier
from whatsit.model.container import read_facts, seal

RED, BLUE = (200, 60, 60), (60, 80, 200)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny_run(tmp_path_factory.mktemp("runs") / "colours")


def red_corner() -> Pixels:
    """A blue photo whose top left quarter is red."""
    photo = np.full((12, 12, 3), BLUE, np.uint8)
    photo[:6, :6] = RED
    return photo


def without_activation(tiny: Tiny) -> Classifier:
    content = (tiny.run.folder / "model.onnx").read_bytes()
    graph = onnx.load_from_string(content)
    kept = [output for output in graph.graph.output if output.name != "activation"]
    del graph.graph.output[:], graph.metadata_props[:]
    graph.graph.output.extend(kept)
    return Classifier(seal(graph.SerializeToString(), read_facts(content)))


@pytest.mark.parametrize("way", ["activation", "occlusion"])
def test_what_spoke_for_a_class_lies_where_it_is_in_the_photo(tiny: Tiny, way: str) -> None:
    model = tiny.model if way == "activation" else without_activation(tiny)
    assert ("activation" in model.outputs) == (way == "activation")
    for_red = compute_heat_map(model, red_corner(), "red")
    rows, columns = for_red.shape
    corner = for_red[: rows // 2, : columns // 2]
    assert for_red.max() == pytest.approx(1)
    assert for_red.min() >= 0
    assert corner.mean() > 5 * for_red[rows // 2 :, columns // 2 :].mean()
    for_blue = compute_heat_map(model, red_corner(), "blue")
    assert for_blue[: rows // 2, : columns // 2].mean() < 0.2 * for_blue.mean()


def test_a_grid_of_fewer_covers_is_a_coarser_map(tiny: Tiny) -> None:
    assert compute_heat_map(without_activation(tiny), red_corner(), "red", grid=3).shape == (3, 3)


def test_where_nothing_speaks_for_a_class_the_map_is_empty(tiny: Tiny) -> None:
    photo = np.full((12, 12, 3), 60, np.uint8)
    assert set(np.unique(compute_heat_map(tiny.model, photo, "red"))) <= {0.0, 1.0}

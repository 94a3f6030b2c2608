"""The training photos most like a photo, read out of the model file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import helper

from models import colour_graph, colours, tiny_run
from whatsit.evaluating.report.neighbours import find_neighbours
from whatsit.model.classifier import MODEL_FILE
from whatsit.model.finish import Trained, finish
from whatsit.model.graph.inner import open_inner_session
from whatsit.model.strangeness.novelty import choose_bank_rows, fit_novelty, scale_to_unit


def test_they_are_the_nearest_by_the_measure_that_novelty_uses(tmp_path: Path) -> None:
    tiny = tiny_run(tmp_path / "run")
    content = (tiny.run.folder / MODEL_FILE).read_bytes()
    bank, rows = choose_bank_rows(tiny.split.rows("train"), tiny.dataset.labels, 0), tiny.split.rows("test")[:9]
    found = find_neighbours(content, tiny.decoded, bank, rows)
    features = open_inner_session(content, ("features",)).run(
        tiny.decoded.take(np.arange(len(tiny.decoded))), ("features",)
    )[0]
    novelty = fit_novelty(features[bank])
    cosines = scale_to_unit(features[rows]) @ novelty.projection @ novelty.bank.T
    expected = -np.sort(-cosines, axis=1)[:, :3]
    places = np.searchsorted(bank, found)
    np.testing.assert_allclose(np.take_along_axis(cosines, places, axis=1), expected, atol=1e-5)


def test_with_other_photos_than_the_bank_was_made_of_there_are_none(tmp_path: Path) -> None:
    tiny = tiny_run(tmp_path / "run")
    content = (tiny.run.folder / MODEL_FILE).read_bytes()
    train, test = tiny.split.rows("train"), tiny.split.rows("test")
    assert find_neighbours(content, tiny.decoded, train[::-1].copy(), test) is None
    assert find_neighbours(content, tiny.decoded, train[:20], test) is None
    assert find_neighbours(content, tiny.decoded, train[:2], test) is None
    assert find_neighbours(content, tiny.decoded, train, test[:0]) is None


def test_they_are_found_where_features_have_more_directions_than_the_bank(tmp_path: Path) -> None:
    tiny = tiny_run(tmp_path / "run", colours(side=24), size=24)
    graph = colour_graph()
    graph.graph.node[2].input[0], graph.graph.node[2].output[0] = "shares", "mean"  # logits by the mean colour
    graph.graph.node[3].input[0] = "mean"
    whole = helper.make_node("Flatten", ["shares"], ["features"], axis=1)  # features: all 24 × 24 × 3 values
    graph.graph.node.insert(2, whole)
    graph.graph.output[1].type.tensor_type.shape.dim[1].dim_value = 24 * 24 * 3
    made = finish(Trained(graph, [], ""), tiny.ready)
    bank = choose_bank_rows(tiny.split.rows("train"), tiny.dataset.labels, 0)
    found = find_neighbours(made.file(), tiny.decoded, bank, tiny.split.rows("test")[:9])
    assert found is not None
    assert np.isin(found, bank).all()

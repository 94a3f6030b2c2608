"""The figures of a run are those of its predictions, rounded, with an interval where they are shares."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from models import Tiny, tiny_run
from whatsit.errors import UserError
from whatsit.evaluating.figures import add_confusions, compute_confusions, compute_figures, compute_part_figures
from whatsit.evaluating.measured import Measured, measure
from whatsit.evaluating.predictions import Predictions
from whatsit.model.share import wilson
from whatsit.records import as_json


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny_run(tmp_path_factory.mktemp("runs") / "colours")


@pytest.fixture(scope="module")
def measured(tiny: Tiny) -> Measured:
    return measure(tiny.model, tiny.ready)


def predictions(labels: list[int], shares: list[list[float]], distances: list[float]) -> Predictions:
    count = len(labels)
    return Predictions(
        tuple(map(str, range(count))),
        np.arange(count),
        np.array(labels),
        np.array(shares, np.float32),
        np.array(distances, np.float32),
    )


FEW = predictions(
    [0, 0, 1, 1],
    [[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.1, 0.8, 0.1], [0.1, 0.7, 0.2]],
    [0.0, 0.0, 0.0, 9.0],
)


def test_few_photos_worked_by_hand(tiny: Tiny) -> None:
    limits = replace(tiny.model.facts.thresholds, distance=1.0, probability=0.25)
    found = compute_part_figures(FEW, replace(tiny.model.facts, thresholds=limits), "test")
    assert (found.part, found.accuracy, found.right, found.n) == ("test", 0.75, 3, 4)
    assert found.interval == tuple(round(end, 6) for end in wilson(3, 4))
    assert (found.guessing.class_, found.guessing.accuracy) == ("blue", 0.5)
    assert (found.could_be.right, found.could_be.n, found.could_be.mean_size) == (4, 4, 1.25)
    assert (found.not_one_of_these.accuracy, found.not_one_of_these.right) == (0.25, 1)
    assert found.top_5 is None  # of three classes the first five are no feat
    blue, green, red = found.per_class
    assert (blue.class_, blue.recall, blue.precision, blue.photos, blue.predicted, blue.right) == (
        *("blue", 0.5, 1.0, 2, 1, 1),
    )
    assert (green.recall, green.precision) == (1.0, 0.666667)
    assert (red.recall, red.precision, red.f1, red.recall_interval) == (None, None, None, (0.0, 1.0))
    assert found.macro_f1 == pytest.approx(f1_score(FEW.labels, FEW.chosen, average="macro"), abs=1e-6)
    assert found.weighted_f1 == pytest.approx(f1_score(FEW.labels, FEW.chosen, average="weighted"), abs=1e-6)


def test_the_test_part_is_reported_and_validation_stands_beside_it(measured: Measured) -> None:
    figures = compute_figures(measured)
    assert (figures.part, figures.n) == ("test", len(measured.test))
    assert figures.val == compute_part_figures(measured.val, measured.model.facts, "val")
    assert figures.outliers is None


def test_without_a_test_part_validation_is_reported(measured: Measured) -> None:
    nobody = replace(FEW, names=(), rows=FEW.rows[:0], labels=FEW.labels[:0], probabilities=FEW.probabilities[:0])
    figures = compute_figures(replace(measured, test=nobody))
    assert (figures.part, figures.n) == ("val", len(measured.val))
    assert list(compute_confusions(replace(measured, test=nobody))) == ["val"]
    with pytest.raises(UserError, match="neither test nor validation photos"):
        compute_figures(replace(measured, test=nobody, val=nobody))


def test_probabilities_that_are_no_numbers_are_said(tiny: Tiny) -> None:
    shares = FEW.probabilities.copy()
    shares[2, 0] = np.nan
    with pytest.raises(UserError, match="no numbers"):
        compute_part_figures(replace(FEW, probabilities=shares), tiny.model.facts, "test")


def test_the_matrix_of_each_part_counts_its_photos(measured: Measured) -> None:
    matrices = compute_confusions(measured)
    for part, predicted in (("test", measured.test), ("val", measured.val)):
        expected = np.zeros((3, 3), int)
        np.add.at(expected, (predicted.labels, predicted.chosen), 1)
        assert np.array_equal(matrices[part].whole(), expected)


def test_printed_the_figures_have_the_matrix_of_each_part_where_it_always_stood(measured: Measured) -> None:
    figures, matrices = compute_figures(measured), compute_confusions(measured)
    printed = add_confusions(figures, matrices)
    for part in (printed, printed["val"]):
        keys = list(part)
        assert keys[keys.index("confusion") - 1 : keys.index("confusion") + 2] == [
            *("not_one_of_these", "confusion", "per_class"),
        ]
        assert part["confusion"] == matrices[part["part"]].whole().tolist()
    assert json.loads(json.dumps(printed)) == printed
    assert "confusion" not in json.dumps(as_json(figures))


def test_more_than_five_classes_have_the_share_of_the_first_five(tmp_path: Path) -> None:
    facts = tiny_run(tmp_path / "run").model.facts
    shares = np.full((2, 6), 0.1)
    shares[0, 5], shares[1, :5] = 0.05, 0.2
    six = predictions([5, 0], shares.tolist(), [0.0, 0.0])
    found = compute_part_figures(six, replace(facts, classes=tuple("abcdef")), "test").top_5
    assert found is not None
    assert (found.right, found.n) == (1, 2)

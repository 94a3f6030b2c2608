"""Charts show the figures that they are drawn from."""

from __future__ import annotations

import numpy as np
import pytest

from whatsit.evaluating.predictions import Predictions
from whatsit.evaluating.report.drawing import charts

EPOCHS = [
    {"epoch": str(epoch), "accuracy": str(train), "val_accuracy": str(val), "loss": "1.5", "val_loss": ""}
    for epoch, (train, val) in enumerate([(0.5, 0.4), (0.7, 0.6), (0.9, 0.6)], 1)
]


def test_curves_say_where_they_ended_and_which_epoch_was_kept() -> None:
    accuracy, loss = charts.curves(EPOCHS)
    assert accuracy.caption == (
        "Accuracy over the epochs: training ended at 90 %, validation ended at 60 %. "
        "The upright line is epoch 2, best on validation."
    )
    assert [key.name for key in accuracy.keys] == ["training", "validation"]
    assert [key.name for key in loss.keys] == ["training"]  # validation has none


def test_training_below_validation_is_explained() -> None:
    turned = [{**row, "accuracy": row["val_accuracy"], "val_accuracy": row["accuracy"]} for row in EPOCHS]
    assert "counted while the photos are changed" in charts.curves(turned)[0].caption


@pytest.mark.parametrize("history", [[], EPOCHS[:1], [{"model": "svm"}, {"model": "forest"}]])
def test_without_epochs_there_are_no_curves(history: list[dict[str, str]]) -> None:
    assert charts.curves(history) == []


def test_of_equal_epochs_the_first_was_kept() -> None:
    assert charts.kept_epoch(EPOCHS) == 2
    assert charts.kept_epoch([{"epoch": "1"}]) is None


def test_candidates_are_those_that_were_tried() -> None:
    tried = {"features": "hog", "model": "svm", "parameters": "C=1", "mean": "0.9", "spread": "0.02"}
    chart = charts.candidates([tried, {"features": "raw", "mean": ""}])
    assert chart is not None
    assert "hog svm C=1" in chart.drawing
    assert chart.caption.startswith("The best 1 candidates")
    assert charts.candidates([{"epoch": "1"}]) is None


def predictions(count: int = 200) -> Predictions:
    random = np.random.default_rng(0)
    shares = random.dirichlet([1, 1, 1], count).astype(np.float32)
    labels = np.array([random.choice(3, p=row / row.sum()) for row in shares.astype(float)])
    return Predictions(("a",) * count, np.arange(count), labels, shares, random.random(count).astype(np.float32))


def test_reliability_and_coverage_are_drawn_with_their_axes() -> None:
    found = predictions()
    assert "claimed" in charts.reliability(found).drawing
    chart, coverage = charts.coverage(found)
    assert "share of photos answered" in chart.drawing
    assert coverage.shares[-1] == 1
    assert coverage.accuracies[-1] == pytest.approx(found.hits.mean())


def test_distances_of_outliers_stand_beside_those_of_known_photos() -> None:
    known, strange = np.array([0.1, 0.2, 0.3]), np.array([0.9, 1.5])
    alone, both = (charts.distances("test", known, others, 0.4) for others in (None, strange))
    assert [key.name for key in alone.keys] == ["test photos"]
    assert [key.name for key in both.keys] == ["test photos", "outliers"]
    assert [key.name for key in charts.distances("val", known, None, 0.4).keys] == ["validation photos"]


def test_one_stranger_from_far_away_does_not_flatten_the_chart() -> None:
    known = np.linspace(0, 0.4, 50)
    near, far = (charts.distances("test", known, np.array([value]), 0.4).drawing for value in (2.0, 2000.0))
    assert near == far  # both lie beyond four times the limit


def test_runs_without_epochs_are_left_out_of_the_common_curves() -> None:
    assert charts.curves_together([("one", []), ("two", EPOCHS[:1])]) == []
    (chart,) = charts.curves_together([("one", EPOCHS), ("none", []), ("two", EPOCHS)])
    assert [(key.name, key.series) for key in chart.keys] == [("one", 0), ("two", 2)]
    assert str(chart.drawing).count("<polyline") == 4  # training and validation of two runs
    assert str(chart.drawing).count("dashed") == 2

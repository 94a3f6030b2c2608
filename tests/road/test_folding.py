"""`--folds`: every photo asked once, of a model without it; an interval over folds; a last model of all photos."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drawing import class_folders
from models import colours
from whatsit import events
from whatsit.data.dataset import Dataset, dataset_of
from whatsit.data.photos import Arrays
from whatsit.errors import UserError
from whatsit.evaluating.predictions import read_predictions
from whatsit.evaluating.remeasure import remeasure
from whatsit.model.classifier import load
from whatsit.model.run import open_run
from whatsit.road import folding
from whatsit.road.train import train
from whatsit.training.options import ClassicalOptions, TrainOptions

OPTIONS = TrainOptions(
    recipe="classical",
    size=16,
    folds=3,
    classical=ClassicalOptions(features="colour", models="logistic", search_folds=2),
)


@pytest.fixture(scope="module")
def data() -> Dataset:
    return colours(60, side=16)


def test_every_photo_is_asked_once_and_the_model_learns_from_all(data: Dataset, tmp_path: Path) -> None:
    run = train(data, OPTIONS, "folds", tmp_path)
    assert {row["part"] for row in run.rows("split")} == {"train"}
    assert sorted(row["name"] for row in run.rows("predictions")) == sorted(data.photos.names)
    figures = run.info.figures
    assert (figures.part, figures.n) == ("all", 60)
    assert figures.folds is not None
    assert sum(one.n for one in figures.folds.each) == 60
    assert figures.folds.interval[0] <= figures.folds.accuracy <= figures.folds.interval[1]
    assert run.info.card.test is not None
    assert run.info.card.test.of == 60
    assert "asked once, of a model that had learnt from others" in run.report.read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (OPTIONS, "Simple models learn from numbers"),
        (TrainOptions(recipe="transfer", folds=2), "Licence of the network"),
        (TrainOptions(recipe="auto", folds=2), "Licence of the network"),
    ],
)
def test_what_is_common_to_all_folds_is_told_once(tmp_path: Path, options: TrainOptions, said: str) -> None:
    heard: list[events.Event] = []
    with events.listening(heard.append):
        train(class_folders(tmp_path / "pets", "cat", "dog", photos=8), options, "folds", tmp_path)
    notes = [one.text for one in heard if isinstance(one, events.Note)]
    assert sum(text.startswith("Fold ") for text in notes) == options.folds
    assert sum(said in text for text in notes) == 1
    assert notes.count("All folds were asked. The model that is kept learns from all 16 photos.") == 1
    assert sum(text.startswith("features") for text in notes) <= 1  # the head of the table of candidates


def test_measured_again_the_answers_are_those_that_were_kept(tmp_path: Path) -> None:
    run = train(class_folders(tmp_path / "pets", "cat", "dog", photos=15), OPTIONS, "folds", tmp_path)
    before = (run.folder / "predictions.csv").read_bytes()
    assert remeasure(open_run(run.folder)).figures == run.info.figures
    assert (run.folder / "predictions.csv").read_bytes() == before


def test_the_limits_that_count_are_those_of_the_model_that_was_asked(data: Dataset, tmp_path: Path) -> None:
    run = train(data, OPTIONS, "limits", tmp_path)
    found, _classes = read_predictions(run.folder / "predictions.csv")
    assert found.limits is not None
    assert sorted(set(found.limits.fold.tolist())) == [1, 2, 3]
    known = [row["known"] == "yes" for row in run.rows("predictions")]
    assert known == (found.distances <= found.limits.distance).tolist()
    assert run.info.figures.not_one_of_these.right == known.count(False)


def test_copies_are_asked_of_the_same_model(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    noise = np.repeat(random.integers(0, 256, (20, 16, 16, 3), np.uint8), 3, axis=0)  # only copies tell a class
    labels = np.repeat(random.integers(0, 2, 20), 3)
    names = [("blue", "red")[label] for label in labels]
    dataset = dataset_of("noise", Arrays(noise, [f"{row}" for row in range(60)], "noise"), names)
    run = train(dataset, OPTIONS, "copies", tmp_path)
    folds = np.array([int(row["fold"]) for row in run.rows("predictions")]).reshape(20, 3)
    assert (folds == folds[:, :1]).all()
    assert run.info.figures.accuracy < 0.85


def test_a_stopped_run_goes_on_with_the_next_fold_and_ends_the_same(
    data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(data, OPTIONS, "run", tmp_path / "whole")
    real, asked = folding.finish, []

    def stop_at_the_second(*given: object) -> object:
        asked.append(1)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(folding, "finish", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        train(data, OPTIONS, "run", tmp_path / "stopped")
    again = train(data, OPTIONS, "run", tmp_path / "stopped")
    assert len(asked) == 4  # the first fold was kept
    for name in ("model.onnx", "predictions.csv", "folds.csv"):
        assert (again.folder / name).read_bytes() == (whole.folder / name).read_bytes()
    assert load(again.folder).facts.thresholds.measured_on == 60


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (replace(OPTIONS, folds=1), "--folds 1 asks no photos in folds"),
        (replace(OPTIONS, folds=1_000), "--folds 1000 asks no photos in folds"),
        (replace(OPTIONS, test=0.2), "no test part of 0.2 can be set apart"),
    ],
)
def test_folds_that_cannot_be_are_a_sentence(
    data: Dataset, tmp_path: Path, options: TrainOptions, sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        train(data, options, "wrong", tmp_path)
    assert not (tmp_path / "wrong").exists()


def test_a_class_of_one_photo_cannot_be_asked_about(tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (13, 16, 16, 3), np.uint8)
    dataset = dataset_of("few", Arrays(pictures, [f"{row}" for row in range(13)], "x"), ["a", "b"] * 6 + ["c"])
    with pytest.raises(UserError, match="1 of the classes cannot be asked about in folds"):
        train(dataset, OPTIONS, "few", tmp_path)

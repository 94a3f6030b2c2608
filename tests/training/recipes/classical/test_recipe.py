"""The recipe from photos to a graph, and what it does with awkward data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tasks import shapes, some_digits, task_of, with_groups

from whatsit.data.dataset import Dataset, dataset_of
from whatsit.data.photos import Arrays
from whatsit.errors import UserError
from whatsit.model.classifier import Classifier
from whatsit.model.finish import finish
from whatsit.model.graph.session import Session
from whatsit.training.options import AugmentOptions, ClassicalOptions, TrainOptions
from whatsit.training.recipes.classical.recipe import fit, size
from whatsit.training.task import Task


def finished(task: Task) -> tuple[Classifier, float]:
    """The model file's classifier, and its accuracy on the test part."""
    made = finish(fit(task), task.ready)
    model = Classifier(made.file())
    rows = task.split.rows("test")
    answers = model.answers(task.decoded.take(rows))
    right = [answer.label == task.classes[task.labels[row]] for answer, row in zip(answers, rows, strict=True)]
    return model, float(np.mean(right))


def test_it_learns_to_read_digits(tmp_path: Path) -> None:
    options = ClassicalOptions(features="hog+patches", models="logistic,svm-rbf", search_folds=3)
    _, accuracy = finished(task_of(some_digits(900), tmp_path, options))
    assert accuracy > 0.93


@pytest.mark.parametrize("model", ["logistic", "svm-linear", "svm-rbf", "forest"])
def test_every_kind_of_model_becomes_a_model_file_that_answers(model: str, tmp_path: Path) -> None:
    options = ClassicalOptions(features="raw+hog", models=model, search_folds=3)
    _, accuracy = finished(task_of(shapes((40, 40, 40)), tmp_path, options))
    assert accuracy > 0.6


def test_the_write_ups_features_and_models_work_on_small_pictures_by_enlarging_them(tmp_path: Path) -> None:
    options = ClassicalOptions(features="raw+wavelet", models="svm-linear", search_folds=3)
    dataset = shapes()
    wanted = TrainOptions(classical=options)
    assert size(dataset, wanted) == (128, 128)
    model, accuracy = finished(task_of(dataset, tmp_path, options))
    assert model.facts.size == (128, 128)
    assert accuracy > 0.6


def test_the_best_of_several_stacks_is_taken_and_the_history_has_all(tmp_path: Path) -> None:
    options = ClassicalOptions(features="colour,hog", models="logistic", search_folds=3)
    trained = fit(task_of(shapes(), tmp_path, options))  # directions tell the classes apart, colours do not
    assert {row["features"] for row in trained.history} == {"colour", "hog"}
    assert trained.history[0]["features"] == "hog"
    assert trained.card.net.endswith("on hog")
    means = [row["mean"] for row in trained.history]
    assert means == sorted(means, reverse=True)


def test_by_itself_colours_are_looked_at_only_where_photos_have_them(tmp_path: Path) -> None:
    options = ClassicalOptions(models="logistic", search_folds=3)
    coloured = fit(task_of(shapes(), tmp_path / "coloured", options))
    grey = fit(task_of(some_digits(200), tmp_path / "grey", options))
    assert {row["features"] for row in coloured.history} == {"hog+patches", "hog+colour+patches"}
    assert {row["features"] for row in grey.history} == {"hog+patches"}


@pytest.mark.parametrize(("features", "models"), [("patches", "svm-linear"), ("hog", "forest,svm-rbf")])
def test_the_same_seed_gives_the_same_file(features: str, models: str, tmp_path: Path) -> None:
    options = ClassicalOptions(features, models, search_folds=3)
    one, two = (fit(task_of(shapes(), tmp_path / name, options)).graph for name in ("one", "two"))
    assert one.SerializeToString(deterministic=True) == two.SerializeToString(deterministic=True)


def test_mirror_images_are_learnt_from_when_asked_for(tmp_path: Path) -> None:
    trained = fit(task_of(shapes(), tmp_path, flip=True))
    assert "and as many mirror images" in trained.summary


def test_by_itself_mirror_images_are_learnt_from_only_where_they_help(tmp_path: Path, told: list[str]) -> None:
    task = task_of(shapes(), tmp_path)  # mirrored, a bar of the second class is one of the third
    auto = replace(task, options=replace(task.options, augment=AugmentOptions()))
    assert "mirror" not in fit(auto).summary
    assert "they are left out" in " ".join(told)


def test_a_class_with_fewer_photos_than_folds_is_asked_about_in_some_of_them(tmp_path: Path) -> None:
    trained = fit(task_of(shapes((40, 5)), tmp_path, ClassicalOptions("hog", "logistic", search_folds=10)))
    assert {row["folds"] for row in trained.history} == {10}
    assert {row["photos"] for row in trained.history} == {38}  # every photo outside the test part, once


def test_two_photos_a_class_are_enough_to_compare_candidates(tmp_path: Path) -> None:
    trained = fit(task_of(shapes((3, 3)), tmp_path))
    assert {row["photos"] for row in trained.history} == {4}
    assert len(Session(trained.graph.SerializeToString()).run(shapes().photos.array[:2], ["logits"])[0]) == 2


def test_where_each_class_is_one_photo_and_its_copies_the_first_candidate_is_untried(
    tmp_path: Path, told: list[str]
) -> None:
    dataset = shapes((6, 6))
    parts = np.array([*["train"] * 5, "test"] * 2)
    known = with_groups(replace(dataset, parts=parts), np.repeat([0, 1], 6))
    trained = fit(task_of(known, tmp_path))
    assert trained.history == []
    assert "taken untried" in " ".join(told)


def test_a_class_that_is_only_copies_of_one_photo_is_learnt_from_and_said(tmp_path: Path, told: list[str]) -> None:
    dataset = shapes((30, 30, 9))
    groups = np.arange(len(dataset))
    groups[60:] = 60  # all of the third class
    parts = dataset.parts.copy()
    parts[:], parts[0:60:4], parts[1:60:4] = "train", "val", "test"
    known = with_groups(dataset, groups)
    task = task_of(replace(known, parts=parts), tmp_path)
    trained = fit(task)
    assert "copies of one: 'bar 2'" in " ".join(told)
    logits = Session(trained.graph.SerializeToString()).run(task.decoded.take(np.arange(60, 69)), ["logits"])[0]
    assert (logits.argmax(axis=1) == 2).mean() > 0.5


def grounds() -> Dataset:
    """Photos of one grey each, dark ones and light ones."""
    random = np.random.default_rng(0)
    values = np.concatenate([random.permutation(100)[:40], 150 + random.permutation(100)[:40]])
    pictures = np.broadcast_to(values[:, None, None, None], (80, 16, 16, 3)).astype(np.uint8)
    names = [f"{row}" for row in range(80)]
    return dataset_of("grounds", Arrays(pictures.copy(), names, "grounds"), ["dark"] * 40 + ["light"] * 40)


def test_constant_photos_without_any_gradient_are_refused_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"all training photos look the same.*--features raw"):
        fit(task_of(grounds(), tmp_path))


def test_constant_photos_of_different_colours_are_told_apart_by_their_pixels(tmp_path: Path) -> None:
    _, accuracy = finished(task_of(grounds(), tmp_path, ClassicalOptions("raw", "logistic", search_folds=3)))
    assert accuracy == 1.0


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (ClassicalOptions(features="hogg"), "no feature 'hogg'"),
        (ClassicalOptions(models="svm"), "no model 'svm'"),
        (ClassicalOptions(search_folds=1), "--search-folds 1 is no cross-validation"),
    ],
)
def test_options_that_make_no_search_are_refused(options: ClassicalOptions, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=sentence):
        fit(task_of(shapes(), tmp_path, options))


def test_a_size_too_small_for_a_feature_is_refused_with_one_that_works(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--size 128"):
        fit(task_of(shapes(), tmp_path, ClassicalOptions(features="raw+wavelet"), size=64))


def test_a_model_that_does_not_suit_many_classes_is_refused_alone() -> None:
    from whatsit.training.recipes.classical.grid import candidates_of
    from whatsit.training.recipes.classical.kinds import KINDS

    with pytest.raises(UserError, match="do not suit 1,000 photos of 80 classes"):
        candidates_of(ClassicalOptions(models="svm-rbf"), ["hog"], KINDS, 1_000, 80)
    assert {candidate.model for candidate in candidates_of(ClassicalOptions(), ["hog"], KINDS, 1_000, 80)} == {
        "logistic",
        "svm-linear",
        "forest",
    }

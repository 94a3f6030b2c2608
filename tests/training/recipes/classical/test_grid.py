"""What a search tries: every stack with every model that suits, each once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from whatsit.errors import UserError
from whatsit.training.options import ClassicalOptions
from whatsit.training.recipes.classical.grid import AUTO_FEATURES, candidates_of, stacks_of
from whatsit.training.recipes.classical.kinds import KINDS, LABEL_KINDS


@pytest.mark.parametrize(
    ("features", "stacks"),
    [
        ("auto", ("hog+patches", "hog+colour+patches")),
        ("hog", ("hog",)),
        ("hog,raw,hog", ("hog", "raw")),
        ("raw, hog+colour", ("raw", "hog+colour")),
    ],
)
def test_stacks_of_features_are_tried_once_each_in_their_order(features, stacks):
    assert stacks_of(ClassicalOptions(features=features)) == stacks
    assert len(AUTO_FEATURES.split(",")) == 2


@pytest.mark.parametrize("features", ["hogs", "hog,", "hog+wings"])
def test_a_feature_that_is_not_there_is_refused(features):
    with pytest.raises(UserError):
        stacks_of(ClassicalOptions(features=features))


def names(models: str, photos: int = 500, classes: int = 3) -> list[tuple[str, str]]:
    found = candidates_of(ClassicalOptions(models=models), ("hog", "raw"), KINDS, photos, classes)
    return [(one.model, one.stack) for one in found]


def test_every_model_is_tried_with_every_stack_and_all_its_parameters_the_quick_models_first():
    found = candidates_of(ClassicalOptions(models="all"), ("hog", "raw"), KINDS, 500, 3)
    wanted = [
        (name, stack, parameters)
        for name, kind in KINDS.items()
        for stack in ("hog", "raw")
        for parameters in kind.grid(500, 3)
    ]
    assert [(one.model, one.stack, one.parameters) for one in found] == wanted


def test_models_are_tried_in_the_order_of_their_list_however_they_are_asked_for():
    assert list(dict.fromkeys(model for model, _ in names("forest, logistic"))) == ["logistic", "forest"]
    assert {model for model, _ in names("svm-rbf")} == {"svm-rbf"}


def test_a_model_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(UserError, match="There is no model 'logistik'") as caught:
        names("forest,logistik")
    assert "logistic" in caught.value.hint


def test_models_that_do_not_suit_what_there_is_are_refused_where_no_other_is_asked_for():
    none = replace(KINDS["forest"], grid=lambda _photos, _classes: [])
    with pytest.raises(UserError, match="The models 'forest' do not suit 1 photo of 3 classes") as caught:
        candidates_of(ClassicalOptions(models="forest"), ("hog",), {**KINDS, "forest": none}, 1, 3)
    assert "logistic" in caught.value.hint


@pytest.mark.parametrize(
    ("labels", "models"), [(3, list(LABEL_KINDS)), (10, list(LABEL_KINDS)[:3]), (101, ["logistic"])]
)
def test_of_many_labels_fewer_models_are_tried(labels, models):
    found = candidates_of(ClassicalOptions(models="all"), ("hog",), LABEL_KINDS, 500, labels)
    assert list(dict.fromkeys(one.model for one in found)) == models

"""The kinds of model that a search tries: the quick ones first, of many labels fewer."""

from __future__ import annotations

import pytest

from whatsit.training.recipes.classical.kinds import KINDS, LABEL_KINDS


def test_kinds_are_tried_in_the_order_in_which_their_work_grows():
    growth = [kind.growth for kind in KINDS.values()]
    assert list(KINDS) == ["logistic", "svm-linear", "svm-rbf", "forest"]
    assert growth[0] <= growth[1] <= growth[2]
    assert list(LABEL_KINDS) == list(KINDS)


@pytest.mark.parametrize(
    ("name", "most"), [("logistic", 500), ("svm-linear", 100), ("svm-rbf", 10), ("forest", 3)]
)
def test_of_several_labels_each_kind_is_tried_up_to_so_many(name, most):
    assert LABEL_KINDS[name].grid(1_000, most)
    assert LABEL_KINDS[name].grid(1_000, most + 1) == []


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_says_what_it_is_for_and_has_parameters_to_try_each_once(name):
    kind = KINDS[name]
    assert kind.purpose
    tried = [tuple(sorted(one.items())) for one in kind.grid(1_000, 3)]
    assert tried
    assert len(set(tried)) == len(tried)
    for parameters in kind.grid(1_000, 3):
        assert hasattr(kind.make(parameters, 7), "fit")

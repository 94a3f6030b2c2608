"""A matrix by its cells says what the whole one does, and stays small."""

from __future__ import annotations

import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from whatsit.evaluating import metrics
from whatsit.evaluating.report import pictures
from whatsit.model.facts.confusion import count_cells, sparse


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=40))
def test_cells_say_what_the_whole_matrix_says(pairs: list[tuple[int, int]]) -> None:
    true, predicted = np.array(pairs, np.int64).reshape(-1, 2).T
    whole = np.zeros((5, 5), np.int64)
    np.add.at(whole, (true, predicted), 1)
    found = count_cells(true, predicted, 5)
    assert found.whole().tolist() == sparse(whole).whole().tolist() == whole.tolist()
    assert found.hits().tolist() == np.diag(whole).tolist()
    assert found.of_true().tolist() == whole.sum(axis=1).tolist()
    assert found.of_predicted().tolist() == whole.sum(axis=0).tolist()
    assert found.mistakes().whole().tolist() == (whole - np.diag(np.diag(whole))).tolist()
    assert found.among([3, 1]).tolist() == whole[np.ix_([3, 1], [3, 1])].tolist()


def test_pairs_that_stand_for_many_photos_are_added() -> None:
    found = count_cells(np.array([1, 1, 0]), np.array([0, 0, 0]), 2, np.array([3, 4, 5]))
    assert found.whole().tolist() == [[5, 0], [7, 0]]


def test_of_twenty_thousand_classes_no_square_is_made() -> None:
    random = np.random.default_rng(0)
    labels, chosen = random.integers(20_000, size=(2, 10_000))
    tracemalloc.start()
    matrix = count_cells(labels, chosen, 20_000)
    metrics.per_class(matrix)
    pictures.find_most_mistaken(matrix, 30)
    pictures.find_confused_pairs(matrix)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000  # the square: 3.2 GB

"""What the report shows in pictures says what the model said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models import Tiny, colours, tiny_run
from whatsit.evaluating.measured import Measured, measure
from whatsit.evaluating.report import pictures
from whatsit.evaluating.report.gallery import (
    exhibit_cells,
    exhibit_mistakes,
    exhibit_suspects,
    matrix_of,
    sample_photos,
)
from whatsit.model.facts.confusion import sparse

CLASSES = ("blue", "green", "red")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny_run(tmp_path_factory.mktemp("runs") / "colours", colours(600))


@pytest.fixture(scope="module")
def measured(tiny: Tiny) -> Measured:
    return measure(tiny.model, tiny.ready)


def test_samples_are_named_with_what_they_are_and_what_was_said(measured: Measured) -> None:
    test = measured.test
    place = {name: row for row, name in enumerate(test.names)}
    for shown in sample_photos(test, CLASSES, measured.ready.decoded):
        row = place[shown.name]
        assert (shown.label, shown.guess) == (CLASSES[test.labels[row]], CLASSES[test.chosen[row]])
        assert shown.probability == test.claimed[row]
        assert shown.is_right == test.hits[row]


def test_a_mistake_says_what_the_true_class_got_and_what_it_is_most_like(measured: Measured) -> None:
    worst = pictures.find_worst_mistakes(measured.test)
    nearest = np.tile(measured.ready.rows("train")[:2], (len(worst), 1))
    found = exhibit_mistakes(measured, worst, nearest)
    assert len(found) == len(worst) > 0
    for mistake, place in zip(found, worst, strict=True):
        assert not mistake.photo.is_right
        assert mistake.probability_of_true == measured.test.probabilities[place, measured.test.labels[place]]
        names = [measured.ready.dataset.photos.names[row] for row in nearest[0]]
        assert [neighbour.name for neighbour in mistake.nearest] == names
        assert all(neighbour.name.startswith(neighbour.label) for neighbour in mistake.nearest)
        assert mistake.heat is not None
    assert exhibit_mistakes(measured, worst[:1], None)[0].nearest == ()


def test_strange_mistakes_are_said_to_be(measured: Measured) -> None:
    worst = pictures.find_worst_mistakes(measured.test)[:1]
    far = replace(measured.test, distances=np.full_like(measured.test.distances, 1e9))
    assert not exhibit_mistakes(replace(measured, test=far), worst, None)[0].is_known


def test_suspects_that_are_gone_are_left_out(measured: Measured) -> None:
    name = measured.ready.dataset.photos.names[4]
    row = {"name": name, "class": "green", "looks_like": "red", "probability_of_other": "0.75"}
    rows = [row, {**row, "name": "gone.jpg"}]
    (shown,) = exhibit_suspects(rows, measured.ready.dataset, measured.ready.decoded)
    assert (shown.name, shown.label, shown.guess, shown.probability) == (name, "green", "red", 0.75)


def test_a_matrix_has_its_counts_shares_and_most_frequent_mistakes() -> None:
    matrix = matrix_of(sparse(np.array([[8, 2, 0], [0, 5, 0], [1, 0, 0]])), CLASSES)
    assert (matrix.labels, matrix.left_out) == (CLASSES, 0)
    blue = matrix.rows[0]
    assert (blue.label, blue.photos) == ("blue", 10)
    assert [(cell.count, cell.share) for cell in blue.cells] == [(8, 0.8), (2, 0.2), (0, 0.0)]
    assert matrix.pairs == (("blue", "green", 2), ("red", "blue", 1))


def test_of_many_classes_those_with_most_mistakes_are_shown() -> None:
    many = np.diag(np.full(40, 9))
    many[3, 5] = 2
    matrix = matrix_of(sparse(many), [f"class {number}" for number in range(40)])
    assert (len(matrix.labels), matrix.left_out) == (30, 10)
    assert {"class 3", "class 5"} <= set(matrix.labels)


def test_the_photos_of_a_cell_stop_at_the_bytes_allowed(
    measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    test, decoded = measured.test, measured.ready.decoded
    matrix = matrix_of(sparse(np.eye(3, dtype=int)), CLASSES)
    whole = exhibit_cells(test, matrix, CLASSES, decoded)
    for cell, photos in whole.items():
        true, guess = (int(place) for place in cell.split("-"))
        for photo in photos:
            row = test.names.index(photo["name"])
            assert (test.labels[row], test.chosen[row]) == (true, guess)
    monkeypatch.setattr(pictures, "CELL_BYTES", 3000)
    few = exhibit_cells(test, matrix, CLASSES, decoded)
    assert 0 < sum(map(len, few.values())) < sum(map(len, whole.values()))

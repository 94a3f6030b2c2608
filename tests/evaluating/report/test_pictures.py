"""Which photos a report shows, and as what small pictures."""

from __future__ import annotations

import base64
from itertools import islice
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from whatsit.evaluating.predictions import Predictions
from whatsit.evaluating.report import pictures
from whatsit.image import decode
from whatsit.model.facts.confusion import sparse


def predictions(labels: list[int], chosen: list[int], sure: list[float], classes: int = 3) -> Predictions:
    shares = np.zeros((len(labels), classes), np.float32)
    shares[np.arange(len(labels)), chosen] = sure
    nothing = np.zeros(len(labels), np.float32)
    return Predictions(
        tuple(map(str, labels)), np.arange(len(labels)), np.array(labels, np.int64), shares, nothing
    )


def photo(
    height: int, width: int, resize: str = "pad", sizes: tuple[int, int] = (0, 0), is_cut: bool = False
) -> Any:
    pixels = np.random.default_rng(0).integers(0, 256, (1, height, width, 3)).astype(np.uint8)
    sides = {"heights": np.array([sizes[0]]), "widths": np.array([sizes[1]])}
    return SimpleNamespace(take=lambda rows: pixels[rows], resize=resize, is_cut=is_cut, **sides)


def test_a_tiny_photo_is_kept_to_the_pixel_and_shown_larger() -> None:
    found = pictures.draw_picture(photo(8, 16), 0, 128)
    assert (found.width, found.height, found.is_tiny) == (128, 64, True)
    kind, _, coded = found.src.partition(";base64,")
    assert kind == "data:image/png"
    assert decode(base64.b64decode(coded)).shape == (8, 16, 3)


def test_a_large_photo_is_made_as_small_as_it_is_shown() -> None:
    found = pictures.draw_picture(photo(100, 200), 0, 72)
    assert (found.width, found.height, found.is_tiny) == (72, 36, False)
    kind, _, coded = found.src.partition(";base64,")
    assert kind == "data:image/jpeg"
    assert decode(base64.b64decode(coded)).shape == (36, 72, 3)


def test_a_squeezed_photo_is_shown_in_its_own_proportions() -> None:
    found = pictures.draw_picture(photo(64, 64, "squish", (300, 600)), 0, 128)
    assert (found.width, found.height) == (128, 64)


def test_a_face_cut_out_of_a_photo_does_not_get_the_photo_s_proportions() -> None:
    found = pictures.draw_picture(photo(64, 64, "squish", (300, 600), is_cut=True), 0, 128)
    assert (found.width, found.height) == (128, 128)


def test_samples_are_spread_over_the_classes() -> None:
    labels = [0] * 90 + [1] * 6 + [2] * 30
    places = pictures.choose_samples(predictions(labels, labels, [1.0] * len(labels)), 3)
    found = [labels[place] for place in places]
    assert found == sorted(found)
    assert [found.count(label) for label in range(3)] == [12, 6, 12]
    assert places == pictures.choose_samples(predictions(labels, labels, [1.0] * len(labels)), 3)


def test_the_surest_mistakes_come_first() -> None:
    found = predictions([0, 0, 1, 2], [1, 0, 2, 0], [0.5, 0.9, 0.8, 0.8])
    assert pictures.find_worst_mistakes(found) == [2, 3, 0]
    assert pictures.find_worst_mistakes(found, most=1) == [2]


def test_each_cell_gets_its_surest_photo_before_any_gets_a_second_and_mistakes_before_hits() -> None:
    found = predictions([0, 0, 0, 0, 1], [0, 0, 1, 1, 2], [0.9, 0.8, 0.5, 0.6, 0.9])
    order = list(pictures.find_cell_photos(found, [0, 1]))
    assert order == [((0, 1), 3), ((0, 0), 0), ((0, 1), 2), ((0, 0), 1)]  # class 2 is not shown


def test_a_cell_shows_no_more_than_a_dozen_photos() -> None:
    found = predictions([0] * 40, [0] * 40, [0.5] * 40)
    assert len(list(islice(pictures.find_cell_photos(found, [0]), 100))) == 12


MATRIX = sparse(np.array([[50, 3, 0], [1, 40, 0], [0, 7, 9]]))


def test_the_classes_with_most_mistakes_are_shown_in_their_own_order() -> None:
    assert pictures.find_most_mistaken(MATRIX, 2) == [1, 2]
    assert pictures.find_most_mistaken(MATRIX, 9) == [0, 1, 2]


def test_the_most_frequent_mistakes_come_first_and_hits_are_none() -> None:
    assert pictures.find_confused_pairs(MATRIX) == [(2, 1, 7), (0, 1, 3), (1, 0, 1)]
    assert pictures.find_confused_pairs(MATRIX, most=1) == [(2, 1, 7)]


@pytest.mark.parametrize(("share", "heat"), [(0.0, 0), (0.0001, 1), (0.25, 10), (1.0, 20)])
def test_small_shares_are_seen_too(share: float, heat: int) -> None:
    assert pictures.grade_heat(share) == heat

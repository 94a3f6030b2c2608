"""What version 0.1.0 wrote is read as what is written today."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from models import Tiny
from whatsit.data.dataset import Skipped
from whatsit.errors import UserError
from whatsit.model.facts.run import FORMAT
from whatsit.model.facts.version_1 import Version1, read_version_1
from whatsit.records import as_json

MATRIX = [[3, 1, 0], [0, 4, 0], [0, 0, 5]]
OF_VAL = [[1, 0, 0], [0, 0, 2], [0, 0, 0]]


@pytest.fixture
def stored(tiny: Tiny) -> dict[str, Any]:
    """A run.json of format 1."""
    found = copy.deepcopy(as_json(tiny.run.info))
    found["format"] = 1
    found["data"] |= {"source": found["source"], "skipped": [{"name": "a.txt", "reason": "no photo"}]}
    found["figures"]["confusion"] = MATRIX
    if found["figures"].get("val") is not None:
        found["figures"]["val"]["confusion"] = OF_VAL
    return found


def read(stored: object) -> Version1:
    return read_version_1(stored, "run.json", "Train again.")


def test_a_run_says_the_same_and_what_lies_in_tables_today_is_handed_on(tiny, stored):
    before = copy.deepcopy(stored)
    found = read(stored)
    assert stored == before
    assert found.info.format == FORMAT
    assert found.info.data.skipped == 1
    assert found.skipped == (Skipped("a.txt", "no photo"),)
    assert found.info.figures == tiny.run.info.figures
    assert found.info.classes == tiny.run.info.classes
    assert found.info.elsewhere is None
    assert list(found.matrices) == [""]
    assert found.matrices[""]["test"].whole().tolist() == MATRIX


def test_the_matrix_of_the_validation_part_is_handed_on_where_there_is_one(stored):
    if stored["figures"].get("val") is None:
        stored["figures"]["val"] = {
            **copy.deepcopy(stored["figures"]),
            "part": "val",
            "val": None,
            "confusion": OF_VAL,
        }
        stored["figures"]["val"].pop("val")
    assert read(stored).matrices[""]["val"].whole().tolist() == OF_VAL


def test_figures_of_validation_photos_alone_are_not_taken_twice(stored):
    stored["figures"]["part"] = "val"
    assert {part: one.whole().tolist() for part, one in read(stored).matrices[""].items()} == {"val": MATRIX}


def test_figures_that_name_no_part_are_of_the_test_photos(stored):
    stored["figures"]["part"] = None
    with pytest.raises(UserError):
        read(stored)  # today's figures say which


def test_other_photos_have_their_matrices_by_the_names_of_their_sets(stored):
    other = copy.deepcopy(stored["figures"]) | {"confusion": OF_VAL}
    stored["elsewhere"] = {"phone": other}
    found = read(stored)
    assert list(found.matrices) == ["", "phone"]
    assert found.matrices["phone"]["test"].whole().tolist() == OF_VAL
    assert found.info.elsewhere is not None
    assert found.info.elsewhere["phone"].accuracy == found.info.figures.accuracy


@pytest.mark.parametrize(
    "matrix",
    [
        None,
        [],
        "none",
        [[1, 2], [3, 4]],
        [[1, 2, 3]] * 2,
        [[1.5, 0, 0]] * 3,
        [["1", "2", "3"]] * 3,
        [[1, 2], [1, 2, 3], [1]],
        [[10**30] * 3] * 3,
        {"a": 1},
    ],
)
def test_what_is_no_square_of_whole_numbers_is_damage(stored, matrix):
    stored["figures"]["confusion"] = matrix
    with pytest.raises(UserError, match=r"'run\.json' is damaged: a confusion matrix in it is none") as caught:
        read(stored)
    assert caught.value.hint == "Train again."


@pytest.mark.parametrize("lost", ["data", "figures", "classes"])
def test_what_is_missing_is_damage_with_its_name(stored, lost):
    del stored[lost]
    with pytest.raises(UserError, match=rf"'run\.json' is damaged: {lost} is missing"):
        read(stored)

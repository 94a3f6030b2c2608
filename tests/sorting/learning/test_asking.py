"""What is asked next: measured first where it is due, then groups, then what is least sure."""

from __future__ import annotations

import numpy as np
import pytest

from whatsit.sorting.answers import NONE, UNANSWERED
from whatsit.sorting.learning.asking import SCREEN, ask_next, choose_group, choose_photo, choose_screen
from whatsit.sorting.learning.groups import LEAST, Group
from whatsit.sorting.learning.learner import Suggestions, suggest_nothing


def rows(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def group(first: int, count: int = LEAST) -> Group:
    some = np.arange(first, first + count)
    return Group(some, some)


def suggested(labels: list[int], doubt: list[float]) -> Suggestions:
    sure = 1 - np.array(doubt, np.float32)
    return Suggestions(rows(*labels), sure, sure)


def draws(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


KNOWN = suggested([0, 0, 1, 1] * 5, [0.1] * 20)


def test_a_photo_to_measure_by_is_asked_about_where_one_is_due_the_first_drawn_first():
    found = ask_next(True, [group(0)], rows(7, 3), rows(1, 2), KNOWN, draws())
    assert found is not None
    assert (found.kind, found.rows.tolist(), found.label) == ("measure", [7], UNANSWERED)


def test_where_nothing_else_is_open_photos_to_measure_by_are_asked_about_and_then_nothing():
    found = ask_next(False, [], rows(7, 3), rows(), KNOWN, draws())
    assert found is not None
    assert found.kind == "measure"
    assert ask_next(True, [], rows(), rows(), KNOWN, draws()) is None
    assert ask_next(True, [group(0)], rows(), rows(), KNOWN, draws()) is None


def test_groups_come_before_photos():
    found = ask_next(False, [group(0), group(4)], rows(), rows(*range(20)), KNOWN, draws())
    assert found is not None
    assert (found.kind, found.rows.tolist()) == ("group", [0, 1, 2, 3])
    due = ask_next(True, [group(0)], rows(), rows(*range(20)), KNOWN, draws())
    assert due is not None
    assert due.kind == "group"  # nothing is left to measure by


def test_while_nothing_is_suggested_photos_are_asked_about_one_by_one():
    found = ask_next(False, [], rows(), rows(4, 5, 6), suggest_nothing(20), draws())
    assert found is not None
    assert found.kind == "photo"
    assert len(found.rows) == 1
    assert found.rows[0] in (4, 5, 6)


@pytest.mark.parametrize(("screens", "kind"), [(True, "screen"), (False, "photo")])
def test_then_screens_of_one_suggestion_or_photos_by_themselves(screens, kind):
    found = ask_next(False, [group(0, LEAST - 1)], rows(), rows(*range(20)), KNOWN, draws(), screens)
    assert found is not None
    assert found.kind == kind


def test_the_group_with_most_doubt_in_all_is_named_and_small_ones_never():
    now = suggested([0] * 12, [0.1] * 4 + [0.3] * 4 + [0.9] * 4)
    assert choose_group([group(0), group(4)], now).rows.tolist() == [4, 5, 6, 7]
    assert choose_group([group(0, 8), group(8, LEAST - 1)], now).rows.tolist() == list(range(8))
    assert choose_group([group(8, LEAST - 1)], now) is None
    assert choose_group([], now) is None
    assert choose_group([group(0), group(4, 8)], suggest_nothing(12)).rows.tolist() == list(range(4, 12))


def test_a_photo_is_drawn_the_likelier_the_less_sure_it_is():
    now = suggested([0, 0, 0], [0.0, 0.25, 0.75])
    random = draws()
    counts = np.bincount([int(choose_photo(rows(0, 1, 2), now, random).rows[0]) for _ in range(400)], minlength=3)
    assert counts[0] < 3
    assert 60 < counts[1] < 140
    found = choose_photo(rows(2, 1), now, random)
    assert (found.kind, found.label) == ("photo", UNANSWERED)


def test_a_screen_is_of_the_suggestion_in_which_most_doubt_is_left_the_surest_first():
    labels, doubt = [0] * 3 + [1] * 2 + [NONE], [0.2, 0.1, 0.15, 0.9, 0.8, 0.3]
    found = choose_screen(rows(*range(6)), suggested(labels, doubt), draws())
    assert (found.kind, found.label, found.rows.tolist()) == ("screen", 1, [4, 3])
    without = choose_screen(rows(0, 1, 2, 5), suggested(labels, doubt), draws())
    assert (without.label, without.rows.tolist()) == (0, [1, 2, 0])
    assert choose_screen(rows(5), suggested(labels, doubt), draws()).label == NONE


def test_a_screen_has_at_most_twelve_photos_each_once_the_doubtful_ones_likelier():
    now = suggested([0] * 40, [0.001] * 20 + [0.5] * 20)
    found = choose_screen(rows(*range(40)), now, draws())
    assert len(found.rows) == SCREEN == len(set(found.rows.tolist()))
    assert (found.rows >= 20).sum() >= SCREEN - 2

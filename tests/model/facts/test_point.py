"""What an operating point promises, what it cannot, and what cannot be in it, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from whatsit.data.target import NEVER_SAID, AnswerCounts
from whatsit.model.facts.point import Point, PointCounts

ONE = PointCounts(photos=200, answered=150, right=149, there=180, is_found=True)
NOT = replace(ONE, is_found=False)
PRECISE = Point("precision=0.99", 0.95, (ONE,), sure=0.8)
COMPLETE = Point("recall=0.955", 0.9, (ONE,), sure=0.1)
LABELS = Point("precision=0.9", 0.95, (ONE, NOT))
COSTS = Point("costs", 0.95, (ONE,), costs=((0, 1, 0.2), (5, 0, 0.2)))


@pytest.mark.parametrize(
    ("point", "measure", "least"),
    [(PRECISE, "precision", "99 %"), (COMPLETE, "recall", "95.5 %"), (COSTS, "costs", "")],
)
def test_the_wish_says_what_is_promised_and_how_much(point, measure, least):
    assert (point.measure, point.least) == (measure, least)


def test_counts_of_all_labels_are_added_up():
    other = PointCounts(photos=1, answered=2, right=3, there=4, is_found=False)
    assert replace(LABELS, counts=(ONE, other)).all == AnswerCounts(201, 152, 152, 184)
    assert PRECISE.all == AnswerCounts(200, 150, 149, 180)


@pytest.mark.parametrize(
    ("point", "promise"),
    [
        (PRECISE, "at least 99 % of its answers are right, with 95 % confidence, on photos like these"),
        (
            COMPLETE,
            "at least 95.5 % of the photos that it would answer rightly are answered, "
            "with 90 % confidence, on photos like these",
        ),
        (
            LABELS,
            "for each label by itself, at least 90 % of the photos it is said of have it, "
            "with 95 % confidence, on photos like these",
        ),
        (
            replace(LABELS, wish="recall=0.9"),
            "for each label by itself, at least 90 % of the photos that have it are found, "
            "with 95 % confidence, on photos like these",
        ),
        (COSTS, "says what costs least on average, by a table of what mistakes cost"),
        (replace(PRECISE, counts=(NOT,)), ""),
        (replace(LABELS, counts=(NOT, NOT)), ""),
    ],
)
def test_what_a_model_keeps_to_is_one_sentence(point, promise):
    assert point.promise() == promise


@pytest.mark.parametrize("point", [PRECISE, COMPLETE, COSTS, replace(COSTS, counts=(NOT,))])
def test_what_is_promised_is_not_warned_of(point):
    assert list(point.warnings(("cat", "dog"), 59)) == []


def warning(point: Point, classes: tuple[str, ...] = ("cat", "dog"), fewest: int = 59) -> str:
    (found,) = point.warnings(classes, fewest)
    return found


def test_labels_that_nothing_can_be_promised_for_are_named_up_to_five():
    assert warning(LABELS) == (
        "precision=0.9 cannot be promised for dog, which is therefore never said. "
        "It takes at least 59 photos with the label, all of them right."
    )
    many = replace(LABELS, wish="recall=0.9", counts=(NOT,) * 7)
    assert warning(many, tuple("abcdefg")).startswith(
        "recall=0.9 cannot be promised for a, b, c, d, e and 2 more, which is therefore said of every photo. "
    )
    assert " for a, b, c, d, e, which " in warning(replace(many, counts=(NOT,) * 5), tuple("abcde"))
    assert list(replace(LABELS, counts=(ONE, ONE)).warnings(("cat", "dog"), 59)) == []


def test_of_one_class_the_reason_and_the_best_that_can_be_had_are_told():
    few, wrong = replace(NOT, photos=58), replace(NOT, photos=59)
    without = "No other precision can be promised either."
    assert warning(replace(PRECISE, counts=(few,))) == (
        "precision=0.99 cannot be promised on 58 photos (59 are needed, all of them right). "
        f"So every answer is “not sure”. {without}"
    )
    assert warning(replace(PRECISE, counts=(wrong,), reachable=(0.97, 0.425))) == (
        "precision=0.99 cannot be promised on these 59 photos, as too many of its surest answers are wrong. "
        "So every answer is “not sure”. precision=0.97 can be, with 43 % of the photos answered."
    )
    assert warning(replace(COMPLETE, counts=(replace(NOT, there=1),))) == (
        "recall=0.955 leaves no photo out: 1 photo that it answers rightly cannot promise that no more are lost "
        "(59 are needed)."
    )


@pytest.mark.parametrize(
    ("point", "classes", "is_several", "why"),
    [
        (replace(PRECISE, counts=(ONE, ONE)), 2, False, "counts its operating point 2 times"),
        (LABELS, 3, True, "counts its operating point 2 times"),
        (replace(PRECISE, sure=None), 2, False, "does not say by what 'precision=0.99' is decided"),
        (replace(LABELS, sure=0.5), 2, True, "does not say by what"),
        (replace(COSTS, sure=0.5), 2, False, "does not say by what 'costs' is decided"),
        (replace(PRECISE, sure=-0.1), 2, False, "is sure from the probability -0.1 on, which cannot be"),
        (replace(PRECISE, sure=NEVER_SAID + 0.1), 2, False, "is sure from the probability 2.1 on"),
        (COSTS, 3, False, "has costs for 2 of 3 classes"),
        (replace(COSTS, costs=((0, 1), (5, 0, 1))), 2, False, "has costs for 2 of 2 classes"),
        (replace(COSTS, costs=((0, 1, 2, 3),) * 2), 2, False, "has the costs of 4 answers for 2 classes"),
        (replace(COSTS, costs=((0,),) * 2), 2, False, "has the costs of 1 answers"),
        (replace(COSTS, counts=(ONE, ONE)), 2, True, "has the costs of 3 answers"),
        (replace(COSTS, costs=((0, -1), (1, 0))), 2, False, "has costs that are no numbers from 0 on"),
        (replace(COSTS, costs=((0, float("inf")), (1, 0))), 2, False, "has costs that are no numbers from 0 on"),
        (replace(COSTS, costs=((0, float("nan")), (1, 0))), 2, False, "has costs that are no numbers from 0 on"),
    ],
)
def test_what_cannot_be_in_a_file_is_told(point, classes, is_several, why):
    (found,) = point.contradictions(classes, is_several)
    assert found.startswith(why)


@pytest.mark.parametrize(
    ("point", "is_several"),
    [
        (PRECISE, False),
        (replace(PRECISE, sure=0.0), False),
        (replace(PRECISE, sure=NEVER_SAID), False),
        (LABELS, True),
        (COSTS, False),
        (replace(COSTS, costs=((0, 1), (5, 0))), False),
        (replace(COSTS, counts=(ONE, ONE), costs=((1, 2), (0, 3))), True),
    ],
)
def test_what_we_write_has_no_contradictions(point, is_several):
    assert list(point.contradictions(2, is_several)) == []

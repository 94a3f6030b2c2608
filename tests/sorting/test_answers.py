"""What people said of a pile: a decision for each answer, and from the decisions the answers again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.data.catalog import KEEP, LEAVE_OUT, RELABEL, Decision
from whatsit.errors import UserError
from whatsit.sorting.answers import (
    BY_SORTING,
    MOST_LETTERS,
    NONE,
    OUT,
    UNANSWERED,
    Answers,
    check_label,
    read_answers,
    write_names,
)

ROWS = {name: row for row, name in enumerate("abcdef")}


def decided(photo: str, decision: str, label: str = "", by: str = BY_SORTING, **others: object) -> Decision:
    return Decision(photo, decision, label, by=by, **others)


def test_of_a_pile_nobody_has_looked_at_every_photo_is_open():
    answers = Answers.of(3)
    assert answers.said.tolist() == [UNANSWERED] * 3
    assert answers.is_open.all()
    assert answers.may_be_suggested.all()
    for one in (answers.is_answered, answers.is_out, answers.drawn):
        assert not one.any()
    assert answers.counts.tolist() == []
    assert answers.none == 0
    assert len(Answers.of(0).said) == 0


def test_classes_are_numbered_in_the_order_in_which_they_were_first_named():
    answers = read_answers(
        ROWS,
        [
            decided("c", RELABEL, "emu", id=3, batch=2),
            decided("a", RELABEL, "dog", id=1, batch=1),
            decided("b", RELABEL, "emu", id=2, batch=1),
            decided("gone", RELABEL, "cat", id=0),
            decided("d", LEAVE_OUT, id=4, batch=3),
            decided("e", LEAVE_OUT, by="clean", id=5),
            decided("f", KEEP, by="review", id=6),
        ],
    )
    assert answers.classes == ["dog", "emu"]
    assert answers.said.tolist() == [0, 1, 1, NONE, OUT, UNANSWERED]
    assert answers.kinds.tolist() == answers.said.tolist()
    assert answers.counts.tolist() == [1, 2]
    assert answers.none == 1
    assert answers.is_answered.tolist() == [True, True, True, True, False, False]
    assert answers.is_out.tolist() == [False, False, False, False, True, False]
    assert answers.is_open.tolist() == [False] * 5 + [True]
    assert answers.may_be_suggested.tolist() == answers.is_open.tolist()
    assert answers.turns.tolist() == [1, 1, 2, 3, 0, 0]


def test_of_several_decisions_about_a_photo_the_last_counts():
    decisions = [decided("a", RELABEL, "dog", id=2), decided("a", RELABEL, "cat", id=1)]
    answers = read_answers(ROWS, decisions)
    assert (answers.classes, answers.said[0]) == (["cat", "dog"], 1)


def test_an_answer_that_is_taken_back_leaves_nothing_but_the_class():
    answers = read_answers(
        ROWS, [decided("a", RELABEL, "dog", batch=4, why="by hand, drawn at random to measure")]
    )
    assert answers.drawn[0]
    answers.put(0, None)
    assert (answers.said[0], answers.turns[0], answers.drawn[0]) == (UNANSWERED, 0, False)
    assert answers.classes == ["dog"]
    assert answers.counts.tolist() == [0]


def test_what_was_said_until_an_answer_leaves_out_what_was_said_later():
    answers = read_answers(
        ROWS, [decided(name, RELABEL, "cat", id=turn, batch=turn) for turn, name in enumerate("abc", 1)]
    )
    assert answers.said_until(2).tolist() == [0, 0, *[UNANSWERED] * 4]
    assert answers.said_until(3).tolist() == answers.said.tolist()
    assert (answers.said_until(0) == UNANSWERED).all()


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans()), unique_by=lambda one: one[0]), st.booleans())
def test_names_that_are_written_are_read_back_with_whether_they_measure(drawn, is_class):
    label = "cat" if is_class else ""
    photos, marks = [name for name, _ in drawn], [is_drawn for _, is_drawn in drawn]
    written = [replace(one, id=at) for at, one in enumerate(write_names(photos, label, marks))]
    answers = read_answers(ROWS, written)
    for name, row in ROWS.items():
        expected = (0 if is_class else NONE) if name in photos else UNANSWERED
        assert answers.said[row] == expected
        assert answers.drawn[row] == dict(drawn).get(name, False)


def test_a_photo_measures_only_where_it_was_answered_on_the_page():
    why = "by hand, drawn at random to measure"
    assert not read_answers(ROWS, [decided("a", RELABEL, "cat", by="review", why=why)]).drawn.any()
    assert not read_answers(ROWS, [decided("a", RELABEL, "cat", why=why + "!")]).drawn.any()


@pytest.mark.parametrize(
    ("label", "kept"),
    [("cat", "cat"), ("  big \n cat ", "big cat"), ("猫", "猫"), ("x" * MOST_LETTERS, "x" * MOST_LETTERS)],
)
def test_a_name_is_kept_without_needless_blanks(label, kept):
    assert check_label(label, ["dog"]) == kept
    assert check_label(label, [kept, "dog"]) == kept


@pytest.mark.parametrize(
    ("label", "why"),
    [
        ("", "'' is no name"),
        (" \n", "'' is no name"),
        ("x" * (MOST_LETTERS + 1), f"'{'x' * 40}' is no name"),
        ("Dog", "'dog' and 'Dog' differ only by"),
        ("a\x00b", "control character"),
    ],
)
def test_what_is_no_name_or_nearly_another_is_refused(label, why):
    with pytest.raises(UserError, match=why):
        check_label(label, ["dog"])

"""What people said of a pile whose photos may show several things, label by label."""

from __future__ import annotations

import pytest

from whatsit.data.catalog import HAS, HAS_NOT, LEAVE_OUT, NOT_LOOKED, Decision
from whatsit.data.target import UNKNOWN
from whatsit.errors import UserError
from whatsit.sorting.answers import BY_HAND, BY_SORTING, NONE, UNANSWERED
from whatsit.sorting.marks import AS_SUGGESTED, Marks, check_labels, read_marks, write_marks

ROWS = {name: row for row, name in enumerate("abcd")}
DRAWN = BY_HAND + ", drawn at random to measure"


def mark(
    photo: str, decision: str, label: str, why: str = BY_HAND, by: str = BY_SORTING, **others: int
) -> Decision:
    return Decision(photo, decision, label, by=by, why=why, **others)


def marks_of(*found: Decision, out: tuple[str, ...] = ()) -> Marks:
    of_labels: dict[str, dict[str, Decision]] = {}
    for one in found:
        of_labels.setdefault(one.photo, {})[one.label] = one
    return read_marks(ROWS, {photo: Decision(photo, LEAVE_OUT) for photo in out}, of_labels)


def test_of_a_pile_nobody_has_looked_at_every_photo_is_open():
    marks = Marks.of(2)
    assert marks.said.shape == (2, 0)
    assert marks.is_open.all()
    for one in (marks.is_answered, marks.is_out, marks.drawn):
        assert not one.any()
    assert marks.kinds.tolist() == [UNANSWERED] * 2
    assert marks.none == 0
    assert marks.counts.tolist() == []


def test_labels_stand_in_the_order_in_which_they_were_first_named_and_what_nobody_said_is_unknown():
    marks = marks_of(
        mark("b", HAS, "sky", id=2, batch=1),
        mark("a", HAS, "sea", id=1, batch=1),
        mark("a", HAS_NOT, "sky", id=4, batch=3),
        mark("c", NOT_LOOKED, "sea", id=3, batch=2),
        mark("gone", HAS, "moon", id=0),
    )
    assert marks.classes == ["sea", "sky"]
    assert marks.said.tolist() == [[1, 0], [UNKNOWN, 1], [UNKNOWN] * 2, [UNKNOWN] * 2]
    assert marks.turns.tolist() == [3, 1, 2, 0]
    assert marks.counts.tolist() == [1, 1]


def test_a_photo_is_answered_where_somebody_said_all_that_it_shows_and_open_where_one_label_was_looked_for():
    marks = marks_of(
        mark("a", HAS, "sea"),
        mark("b", HAS, "sea", why=AS_SUGGESTED),
        mark("c", HAS, "sea", by="review"),
        mark("d", HAS_NOT, "sea"),
        out=("d",),
    )
    assert marks.whole.tolist() == [True, False, False, True]
    assert marks.is_answered.tolist() == [True, False, False, False]
    assert marks.is_open.tolist() == [False, True, True, False]
    assert marks.is_out.tolist() == [False, False, False, True]
    assert marks.may_be_suggested.tolist() == [True, True, True, False]


def test_a_photo_measures_where_it_was_drawn_and_answered_by_hand():
    marks = marks_of(
        mark("a", HAS, "sea", why=DRAWN),
        mark("a", HAS_NOT, "sky"),
        mark("b", HAS, "sea", why=AS_SUGGESTED + ", drawn at random to measure"),
        mark("c", HAS, "sea"),
    )
    assert marks.drawn.tolist() == [True, False, False, False]


def test_on_the_map_a_photo_stands_by_its_rarest_label():
    marks = marks_of(
        mark("a", HAS, "sea", id=1),
        mark("a", HAS, "sky", id=2),
        mark("b", HAS, "sea", id=3),
        mark("c", HAS_NOT, "sea", id=4),
    )
    assert marks.kinds.tolist() == [1, 0, NONE, UNANSWERED]
    assert marks.none == 1
    without = marks_of(mark("c", HAS_NOT, "sea"))
    assert without.kinds.tolist() == [UNANSWERED, UNANSWERED, NONE, UNANSWERED]


def test_what_is_put_again_takes_the_place_of_all_that_was_there():
    marks = marks_of(mark("a", HAS, "sea", why=DRAWN, batch=2))
    marks.put(0, None, {"sky": mark("a", HAS, "sky", why=AS_SUGGESTED, batch=3)})
    assert marks.classes == ["sea", "sky"]
    assert marks.said[0].tolist() == [UNKNOWN, 1]
    assert (marks.whole[0], marks.drawn[0], marks.turns[0]) == (False, False, 3)
    assert marks.said.shape == (4, 2)
    marks.put(0, Decision("a", LEAVE_OUT))
    assert (marks.said[0].tolist(), marks.turns[0], marks.out[0]) == ([UNKNOWN, UNKNOWN], 0, True)


def test_what_was_said_until_an_answer_leaves_out_what_was_said_later():
    marks = marks_of(mark("a", HAS, "sea", batch=1), mark("b", HAS, "sea", batch=2))
    assert marks.said_until(1).tolist() == [[1], [UNKNOWN], [UNKNOWN], [UNKNOWN]]
    assert marks.said_until(2).tolist() == marks.said.tolist()


def test_marks_that_are_written_are_read_back():
    written = list(write_marks(["a", "b"], ["sea"], ["sky", "moon"], BY_HAND, [True, False]))
    marks = marks_of(*written)
    assert marks.classes == ["sea", "sky", "moon"]
    assert marks.said[:2].tolist() == [[1, 0, 0]] * 2
    assert marks.drawn.tolist() == [True, False, False, False]
    assert {one.by for one in written} == {BY_SORTING}


def test_labels_are_kept_tidy_and_once():
    assert check_labels([" big  sky ", "sea", "big sky"], ["sea"]) == ["big sky", "sea"]
    assert check_labels([], ["sea"]) == []


@pytest.mark.parametrize(
    ("labels", "known"), [(["Sea"], ["sea"]), (["sea", "SEA"], []), ([""], []), (["a;b"], []), (["?sea"], [])]
)
def test_what_is_no_label_or_nearly_another_is_refused(labels, known):
    with pytest.raises(UserError):
        check_labels(labels, known)

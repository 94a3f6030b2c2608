"""A pile whose photos may show several things: every answer is decisions about labels that all other verbs see."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sorting.piles import LABELS, a_label_pile, a_pile, labels_of
from whatsit.data.catalog import HAS, HAS_NOT, LEAVE_OUT, Decision, open_catalog
from whatsit.data.readers import read
from whatsit.data.target import UNKNOWN
from whatsit.errors import UserError
from whatsit.image import encode_jpeg
from whatsit.sorting.label_pile import LabelPile
from whatsit.sorting.opening import choose_kind
from whatsit.sorting.page.telling import list_places, list_suggestions, tell_state
from whatsit.sorting.pile import Pile


def test_a_few_answers_teach_what_the_rest_shows(tmp_path: Path) -> None:
    with a_label_pile(tmp_path) as (pile, truth):
        for row in range(40):
            pile.mark([row], labels_of(truth, row))
        now = pile.suggestions()
        for place, label in enumerate(pile.classes):
            suggested = now.of(place)[0]
            assert (suggested[40:] == truth[40:, LABELS.index(label)]).mean() > 0.9
            assert not suggested[:40].any()  # what is known is not suggested


def test_an_answer_says_what_is_there_and_what_is_not(tmp_path: Path) -> None:
    with a_label_pile(tmp_path) as (pile, _):
        pile.mark([0], ["boat"])
        pile.mark([1], ["sky", "  the   sea "])
        pile.mark([2], [])
        assert pile.classes == ["boat", "sky", "the sea"]
        assert pile.answers.said[:3].tolist() == [[1, UNKNOWN, UNKNOWN], [0, 1, 1], [0, 0, 0]]
        assert pile.answers.none == 1
    with open_catalog(tmp_path) as catalog:
        held = {label: one.decision for label, one in catalog.label_decisions_of("00001.jpg").items()}
    assert held == {"boat": HAS_NOT, "sky": HAS, "the sea": HAS}


def test_it_goes_on_where_it_was_left(tmp_path: Path) -> None:
    with a_label_pile(tmp_path) as (pile, truth):
        for row in range(12):
            pile.mark([row], labels_of(truth, row))
        pile.part([20, 21], [22], "boat")
        before = pile.answers
    with a_label_pile(tmp_path) as (pile, _):
        assert pile.classes == before.classes
        assert pile.answers.said.tolist() == before.said.tolist()
        assert pile.answers.whole.tolist() == before.whole.tolist()
        assert pile.turns == 13


def test_undo_takes_back_one_answer_at_a_time_to_the_first(tmp_path: Path) -> None:
    with a_label_pile(tmp_path) as (pile, _):
        pile.mark([0], ["boat"])
        pile.mark([0], ["sky"])
        pile.part([1], [2], "sky")
        assert sorted(set(pile.undo())) == [1, 2]
        assert pile.undo() != []
        assert pile.classes == ["boat"]
        assert pile.answers.said[0].tolist() == [1]
        assert pile.undo() != []
        assert pile.undo() == []
        assert pile.classes == []


def test_one_label_that_was_looked_for_leaves_a_photo_to_be_asked_about(tmp_path: Path) -> None:
    with a_label_pile(tmp_path) as (pile, _):
        pile.mark([0], ["boat", "sky"])
        pile.mark([1], [])
        pile.part([2], [3], "boat")
        assert pile.answers.is_open[[0, 1, 2, 3]].tolist() == [False, False, True, True]
        assert pile.answers.said[2].tolist() == [1, UNKNOWN]
        assert pile.answers.said[3].tolist() == [0, UNKNOWN]


def test_a_label_named_later_is_suggested_of_photos_that_were_answered_before(tmp_path: Path) -> None:
    with a_label_pile(tmp_path) as (pile, truth):
        for row in range(60):
            pile.mark([row], [label for label in labels_of(truth, row) if label != "people"])
        for row in range(60, 100):
            pile.mark([row], labels_of(truth, row))
        place = pile.classes.index("people")
        assert (pile.answers.said[:60, place] == UNKNOWN).all()
        suggested = pile.suggestions().of(place)[0][:60]
        assert (suggested == truth[:60, LABELS.index("people")]).mean() > 0.85


def test_questions_are_of_one_photo_and_one_in_four_measures(tmp_path: Path) -> None:
    with a_label_pile(tmp_path) as (pile, truth):
        kinds = []
        for _ in range(48):
            asked = pile.next()
            assert asked is not None
            assert len(asked.rows) == 1
            kinds.append(asked.kind)
            row = int(asked.rows[0])
            pile.mark([row], labels_of(truth, row), asked.kind == "measure", without=LABELS)
        assert set(kinds) == {"photo", "measure"}
        assert kinds.count("measure") == 12
        found = pile.measure()
        assert found is not None
        assert found.accuracy.n == 12
        assert pile.verdict().sentence


@pytest.mark.parametrize("spread", [0.15, 0.5])
def test_the_interval_holds_the_truth(tmp_path: Path, spread: float) -> None:
    with a_label_pile(tmp_path, 400, spread) as (pile, truth):
        for row in [*range(0, 400, 4), *pile.drawn[:60].tolist()]:
            pile.mark([row], labels_of(truth, row), row in pile.drawn)
        found = pile.measure()
        assert found is not None
        pile.suggestions()
        others = ~pile.answers.whole
        order = [LABELS.index(label) for label in pile.classes]
        said = np.stack([pile.suggestions().of(place)[0] for place in range(len(order))], axis=1)
        true = float((said[others] == truth[others][:, order]).all(axis=1).mean())
        assert found.accuracy.low - 0.03 <= true <= found.accuracy.high + 0.03


def test_what_was_answered_is_a_data_set_of_several_labels(tmp_path: Path) -> None:
    folder = tmp_path / "pile"
    folder.mkdir()
    for row in range(6):
        picture = np.full((40, 40, 3), 20 + 30 * row, np.uint8)
        (folder / f"{row:05}.jpg").write_bytes(encode_jpeg(picture))
    with a_label_pile(folder, 6) as (pile, _):
        pile.mark([0], ["boat", "sky"])
        pile.mark([1], [])
        pile.mark([2], ["sky"])
    for labels in (None, "several"):
        dataset = read(folder, labels=labels)
        assert [dataset.written(row) for row in range(3)] == ["boat;sky", "", "sky"]
        assert len(dataset.skipped) == 3


@pytest.mark.parametrize("label", ["", "x" * 101, "a\x07b", "BOAT", "a;b", "a|b", "?boat"])
def test_what_is_no_label_is_refused_and_nothing_is_written(tmp_path: Path, label: str) -> None:
    with a_label_pile(tmp_path) as (pile, _):
        pile.mark([0], ["boat"])
        for say in (lambda: pile.mark([1], ["sky", label]), lambda: pile.part([1], [2], label)):
            with pytest.raises(UserError) as error:
                say()
            assert error.value.hint
        assert pile.answers.is_open[1]
        assert pile.turns == 1


def test_a_label_may_be_named_that_the_first_photo_is_without(tmp_path: Path) -> None:
    for _ in range(2):
        with a_label_pile(tmp_path) as (pile, _):
            pile.mark([0], [], without=["boat"])
            assert pile.classes == ["boat"]
            assert pile.answers.said[0].tolist() == [0]
            assert not pile.answers.is_open[0]


def test_none_of_the_labels_needs_a_label(tmp_path: Path) -> None:
    with a_label_pile(tmp_path) as (pile, _), pytest.raises(UserError, match="no label yet"):
        pile.say_none([0])


def test_photos_that_others_left_out_are_not_asked_about(tmp_path: Path) -> None:
    with a_label_pile(tmp_path) as (pile, _), open_catalog(tmp_path) as other:
        pile.mark([0], ["boat"])
        pile.mark([1], [])
        other.decide(Decision("00007.jpg", LEAVE_OUT, by="clean", why="blurred"))
        with pytest.raises(UserError, match="left out"):
            pile.mark([7], ["boat"])
        assert not pile.can_be_suggested[7]
        assert not pile.answers.is_open[7]


def test_the_page_is_told_what_is_likely_of_a_photo_and_nothing_of_one_that_measures(tmp_path: Path) -> None:
    with a_label_pile(tmp_path) as (pile, truth):
        for row in range(40):
            pile.mark([row], labels_of(truth, row), bool(row in pile.drawn))
        seen = []
        for _ in range(12):
            state = tell_state(pile)
            assert state["several"] is True
            question = state["question"]
            (row,) = question["photos"]
            seen.append((question["kind"], question["shares"]))
            pile.mark([row], labels_of(truth, row), question["kind"] == "measure")
        assert all(not shares for kind, shares in seen if kind == "measure")
        assert any(shares for kind, shares in seen if kind == "photo")
        listed = list_suggestions(pile, "boat", 5)
        assert listed["count"] >= len(listed["photos"]) > 0
        kinds = list_places(pile, np.zeros((200, 2), np.float32))["kinds"]
        assert max(kinds) >= 1000  # of some it is only suggested


def test_a_pile_is_opened_as_it_was_begun_and_not_the_other_way(tmp_path: Path) -> None:
    one, several, new = (tmp_path / name for name in ("one", "several", "new"))
    for folder in (one, several, new):
        folder.mkdir()
    with a_pile(one) as (pile, _):
        pile.name([0], "ant")
    with a_label_pile(several) as (labels, _):
        labels.mark([0], ["boat"])
    assert [choose_kind(folder, None) for folder in (one, several, new)] == [Pile, LabelPile, Pile]
    assert choose_kind(new, "several") is LabelPile
    for folder, asked in ((one, "several"), (several, "one")):
        with pytest.raises(UserError, match="were given") as error:
            choose_kind(folder, asked)
        assert "--labels" in error.value.hint

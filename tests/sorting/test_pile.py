"""A pile is named, the head learns, and every answer is a decision that all other verbs see."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from sorting.piles import CLASSES, a_pile, answer
from whatsit.data.catalog import KEEP, LEAVE_OUT, RELABEL, Decision, open_catalog
from whatsit.data.decisions import apply_decisions
from whatsit.data.readers import read
from whatsit.data.readers.piles import UNNAMED
from whatsit.errors import UserError
from whatsit.image import encode_jpeg


def test_a_few_names_teach_what_the_rest_is(tmp_path: Path) -> None:
    with a_pile(tmp_path) as (pile, truth):
        for kind in range(len(CLASSES)):
            pile.name(np.flatnonzero(truth == kind)[:5].tolist(), CLASSES[kind])
        now = pile.suggestions()
        assert (now.labels == [CLASSES.index(pile.classes[one]) for one in now.labels]).all()
        assert (now.labels == truth).mean() > 0.7
        assert ((now.probabilities > 0.25) & (now.probabilities <= 1)).all()


def test_while_one_class_is_known_nothing_is_suggested(tmp_path: Path) -> None:
    with a_pile(tmp_path) as (pile, _):
        assert set(pile.suggestions().labels.tolist()) == {-1}
        pile.name([0, 1], "ant")
        assert set(pile.suggestions().labels.tolist()) == {-1}


def test_answers_are_decisions_and_are_there_when_it_is_opened_again(tmp_path: Path) -> None:
    with a_pile(tmp_path) as (pile, _):
        pile.name([0, 1, 2], "ant")
        pile.name([3], "  the   bee ")
        pile.say_none([4])
        before = pile.answers
    with open_catalog(tmp_path) as catalog:
        held = {one.photo: (one.decision, one.label, one.by) for one in catalog.decisions().values()}
    assert held["00001.jpg"] == (RELABEL, "ant", "sort")
    assert held["00003.jpg"] == (RELABEL, "the bee", "sort")
    assert held["00004.jpg"] == (LEAVE_OUT, "", "sort")
    with a_pile(tmp_path) as (pile, _):
        assert pile.classes == ["ant", "the bee"]
        assert pile.answers.said.tolist() == before.said.tolist()
        assert pile.turns == 3


def test_undo_takes_back_one_answer_at_a_time_to_the_first(tmp_path: Path) -> None:
    with a_pile(tmp_path) as (pile, _):
        pile.name([0, 1], "ant")
        pile.name([1], "bee")
        pile.say_none([0])
        assert pile.undo() == [0]
        assert [pile.answers.said[row] for row in (0, 1)] == [0, 1]
        assert pile.undo() == [1]
        assert sorted(pile.undo()) == [0, 1]
        assert pile.undo() == []
        assert pile.answers.is_open.all()
        assert pile.classes == []


def test_none_of_these_is_learnt_like_a_class(tmp_path: Path) -> None:
    with a_pile(tmp_path) as (pile, truth):
        for kind in range(3):
            pile.name(np.flatnonzero(truth == kind)[:6].tolist(), CLASSES[kind])
        pile.say_none(np.flatnonzero(truth == 3)[:6].tolist())
        rest = np.flatnonzero(truth == 3)[6:]
        assert (pile.suggestions().labels[rest] == -2).mean() > 0.7


@pytest.mark.parametrize("label", ["", "   ", "x" * 101, "a\x07b", "ANT"])
def test_what_is_no_name_of_a_class_is_refused_and_nothing_is_written(tmp_path: Path, label: str) -> None:
    with a_pile(tmp_path) as (pile, _):
        pile.name([0], "ant")
        with pytest.raises(UserError) as error:
            pile.name([1], label)
        assert error.value.hint
        assert pile.answers.is_open[1]


@pytest.mark.parametrize("rows", [[], [-1], [200], [3, 10_000]])
def test_photos_that_are_not_there_are_refused(tmp_path: Path, rows: list[int]) -> None:
    with a_pile(tmp_path) as (pile, _), pytest.raises(UserError, match="no photos of this pile"):
        pile.name(rows, "ant")


def test_what_others_decide_meanwhile_is_heard(tmp_path: Path) -> None:
    with a_pile(tmp_path) as (pile, _), open_catalog(tmp_path) as other:
        pile.name([0], "ant")
        other.decide(Decision("00001.jpg", RELABEL, "bee", by="review"))
        other.decide(Decision("00002.jpg", LEAVE_OUT, by="clean", why="blurred"))
        other.decide(Decision("00003.jpg", KEEP, by="review"))
        pile.suggestions()
        assert pile.answers.said[:4].tolist() == [0, 1, -3, -1]
        with pytest.raises(UserError, match="left out"):
            pile.name([2], "bee")


def test_what_others_decide_while_an_answer_is_written_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decide_elsewhere() -> None:
        with open_catalog(tmp_path) as other:
            other.decide(Decision("00001.jpg", RELABEL, "bee", by="review"))

    with a_pile(tmp_path) as (pile, _):
        elsewhere, decide_batch = threading.Thread(target=decide_elsewhere), pile.catalog.decide_batch

        def decide_with_another(decisions: Iterable[Decision]) -> None:
            decide_batch(decisions)
            elsewhere.start()
            elsewhere.join(0.5)  # it has to wait now, for as long as the answer is not noted

        monkeypatch.setattr(pile.catalog, "decide_batch", decide_with_another)
        pile.name([0], "ant")
        elsewhere.join()
        pile.suggestions()
        assert pile.answers.said[:2].tolist() == [0, 1]


def test_photos_drawn_to_measure_are_in_no_group_and_on_no_screen(tmp_path: Path) -> None:
    with a_pile(tmp_path, 400) as (pile, truth):
        drawn = set(pile.drawn.tolist())
        assert len(drawn) == 80
        kinds = set()
        for _ in range(60):
            question = pile.next()
            assert question is not None
            kinds.add(question.kind)
            assert (set(question.rows.tolist()) <= drawn) == (question.kind == "measure")
            assert pile.answers.is_open[question.rows].all()
            answer(pile, truth, question)
        assert kinds >= {"group", "screen", "measure"}
        assert pile.answers.drawn.sum() == sum(pile.answers.drawn[row] for row in drawn) > 10


def test_a_mixed_group_is_parted_into_finer_ones(tmp_path: Path) -> None:
    with a_pile(tmp_path, 400) as (pile, _):
        for _ in range(3):
            question = next(one for one in (pile.next() for _ in range(3)) if one and one.kind == "group")
            before = len(pile.groups)
            pile.say_mixed(question.rows.tolist())
            assert len(pile.groups) > before
            asked = set(question.rows.tolist())
            assert all(len(asked & set(group.rows.tolist())) < len(asked) for group in pile.groups)
            assert pile.answers.is_open.all()


def test_all_is_asked_once_and_then_nothing(tmp_path: Path) -> None:
    with a_pile(tmp_path, 120) as (pile, truth):
        for _ in range(200):
            question = pile.next()
            if question is None:
                break
            answer(pile, truth, question)
        assert pile.next() is None
        assert not pile.answers.is_open.any()
        assert [pile.classes[one] for one in pile.answers.said] == [CLASSES[one] for one in truth]


def test_other_verbs_see_a_named_pile_as_a_data_set(tmp_path: Path) -> None:
    for row in range(8):
        (tmp_path / f"{row:05}.jpg").write_bytes(encode_jpeg(np.full((40, 40, 3), 20 * row, np.uint8)))
    with pytest.raises(UserError, match="no class folders"):
        read(tmp_path)
    with a_pile(tmp_path, 8) as (pile, _):
        pile.name([0, 1, 2], "ant")
        with pytest.raises(UserError, match="were named are all"):
            read(tmp_path)
        pile.name([3, 4], "bee")
        pile.say_none([5])
    dataset = apply_decisions(read(tmp_path))
    assert dataset.classes == ("ant", "bee")
    assert [dataset.written(row) for row in range(len(dataset))] == ["ant"] * 3 + ["bee"] * 2
    assert {one.name: one.reason for one in dataset.skipped} == {
        "00005.jpg": "none of the classes",
        "00006.jpg": UNNAMED,
        "00007.jpg": UNNAMED,
    }


SAY = """
import sys
from pathlib import Path
from sorting.piles import a_pile
with a_pile(Path(sys.argv[1])) as (pile, _):
    for turn in range(100):
        pile.name([turn], f"class {turn % 7}")
        print(turn, flush=True)
"""


@pytest.mark.parametrize("after", [1, 7, 30])
def test_what_was_said_is_kept_when_it_is_killed(tmp_path: Path, after: int) -> None:
    command = [sys.executable, "-c", SAY, str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout is not None
        for _ in range(after):
            said = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
    with a_pile(tmp_path) as (pile, _):
        kept = pile.answers.said
        assert [pile.classes[one] for one in kept[: said + 1]] == [f"class {row % 7}" for row in range(said + 1)]

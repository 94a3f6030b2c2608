"""Scores of a search: their order, their rows, and their life on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from whatsit.training.recipes.classical.score import GridCandidate, GridScore, KeptScores, rank

FIRST = GridCandidate("hog", "svm-rbf", {"C": 10.0, "gamma": 0.001, "kind": "a", "depth": 3})
SECOND = GridCandidate("hog+colour", "forest", {})


def score(mean: float | None, photos: int = 100, candidate: GridCandidate = FIRST, **facts: object) -> GridScore:
    return GridScore(candidate, photos, 3, mean, 0.1, **facts)


def test_parameters_are_written_as_short_as_they_are_typed():
    assert FIRST.words == "C=10 gamma=0.001 kind=a depth=3"
    assert SECOND.words == ""


def test_more_photos_come_first_then_the_better_then_who_was_tried_first():
    few, good, same, bad = score(0.99, 50), score(0.9), score(0.9, candidate=SECOND), score(0.0)
    left_out = GridScore(FIRST, 100, left_out="too large")
    assert rank([few, bad, good, left_out, same]) == [good, same, bad, few]
    assert rank([same, good]) == [same, good]
    assert rank([]) == rank([left_out]) == []


def test_a_row_of_the_history_is_rounded_and_says_why_something_was_left_out():
    assert GridScore(FIRST, 100, 3, 0.1234567, 0.00000123, 1.23456).row() == {
        "features": "hog",
        "model": "svm-rbf",
        "parameters": "C=10 gamma=0.001 kind=a depth=3",
        "photos": 100,
        "folds": 3,
        "mean": 0.12346,
        "spread": 0.0,
        "seconds": 1.235,
    }
    row = GridScore(SECOND, 100, seconds=2.0, left_out="too large").row()
    assert (row["folds"], row["mean"], row["spread"], row["seconds"]) == (None, None, None, None)
    assert row["left_out"] == "too large"


def test_scores_are_there_again_after_a_kill_with_all_that_they_say(tmp_path: Path):
    kept = KeptScores(tmp_path, "search 1")
    assert len(kept) == 0
    scores = [score(0.5), score(0.7, 50), GridScore(SECOND, 100, left_out="zu groß")]
    for one in scores:
        kept.add(one)
    again = KeptScores(tmp_path, "search 1")
    assert len(again) == 3
    assert again.get(FIRST, 100) == scores[0]
    assert again.get(FIRST, 50) == scores[1]
    assert again.get(SECOND, 100) == scores[2]
    assert again.get(SECOND, 50) is None
    assert again.get(GridCandidate("hog", "svm-rbf", {"C": 1.0}), 100) is None


@pytest.mark.parametrize("identity", ["search 2", ""])
def test_scores_of_another_search_do_not_count_and_are_written_over(tmp_path: Path, identity: str):
    KeptScores(tmp_path, "search 1").add(score(0.5))
    other = KeptScores(tmp_path, identity)
    assert len(other) == 0
    other.add(score(0.6))
    assert len(KeptScores(tmp_path, "search 1")) == 0
    assert KeptScores(tmp_path, identity).get(FIRST, 100) == score(0.6)

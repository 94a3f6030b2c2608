"""The grid search: its figures, its rungs, its promise of time, and going on after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from tasks import shapes, some_digits, task_of

from whatsit.data.splitting.folds import deal_folds, list_folds
from whatsit.training.countdown import Countdown
from whatsit.training.options import ClassicalOptions
from whatsit.training.recipes.classical import search as searching
from whatsit.training.recipes.classical.examples import Examples, compute_feature, examples_of
from whatsit.training.recipes.classical.grid import candidates_of
from whatsit.training.recipes.classical.kinds import KINDS
from whatsit.training.recipes.classical.recipe import fit
from whatsit.training.recipes.classical.score import GridScore, KeptScores, rank
from whatsit.training.recipes.classical.search import SearchPlan, part_of, plan_rungs, search


def examples_for(folder: Path, count: int = 300, mirror: bool = False) -> Examples:
    task = task_of(some_digits(count), folder)
    train = task.split.rows("train")
    return examples_of("hog", {"hog": compute_feature("hog", task, train, mirror)}, task, train)


def searched(
    examples: Examples, folder: Path, models: str = "logistic,svm-rbf", countdown: Countdown | None = None
) -> list[GridScore]:
    candidates = candidates_of(ClassicalOptions("hog", models), ["hog"], KINDS, len(examples), 10)
    plan = SearchPlan(folds=3, seed=0, countdown=countdown or Countdown(None))
    return search(candidates, {"hog": examples}, plan, KeptScores(folder, "test"), lambda _count: None)


@pytest.mark.parametrize("model", ["logistic", "svm-linear", "forest"])
def test_means_and_spreads_are_those_of_scikit_learns_grid_search(model: str, tmp_path: Path) -> None:
    examples = examples_for(tmp_path, count=150)
    found = searched(examples, tmp_path, model)
    kind, rows = KINDS[model], np.arange(len(examples))
    folds = list_folds(deal_folds(examples.labels, examples.groups, 3, 0))
    for score in found:
        grid = GridSearchCV(
            kind.make(score.candidate.parameters, 0), {}, cv=[(fold.train, fold.asked) for fold in folds]
        ).fit(*examples.to_learn(kind, rows))
        assert score.mean == pytest.approx(grid.cv_results_["mean_test_score"][0], abs=1e-9)
        assert score.spread == pytest.approx(grid.cv_results_["std_test_score"][0], abs=1e-9)


def test_mirror_images_are_learnt_from_and_never_asked_about(tmp_path: Path) -> None:
    examples = examples_for(tmp_path, mirror=True)
    rows = np.arange(10)
    numbers, labels = examples.to_learn(KINDS["logistic"], rows)
    assert len(numbers) == len(labels) == 20
    np.testing.assert_array_equal(labels[:10], labels[10:])
    assert np.abs(numbers[:10] - numbers[10:]).max() > 0.01
    assert len(examples.to_ask(KINDS["logistic"], rows)[0]) == 10


def test_few_photos_are_one_rung_and_many_are_several_each_three_times_as_large() -> None:
    assert plan_rungs(200) == [200]
    assert plan_rungs(5_000) == [2_000]
    assert plan_rungs(60_000) == [2_000, 6_000, 18_000]
    assert plan_rungs(5_000_000) == [2_000, 6_000, 18_000]


def test_larger_rungs_hold_the_smaller_ones_and_keep_the_classes_shares() -> None:
    labels = np.repeat([0, 1, 2], [6_000, 3_000, 30])
    small, large = part_of(labels, 900, seed=0), part_of(labels, 2_700, seed=0)
    assert set(small) < set(large)
    assert np.bincount(labels[small]).tolist() == [598, 299, 10]


def test_only_the_better_third_goes_on_to_the_next_rung(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "RUNG", 100)
    found = searched(examples_for(tmp_path, count=600), tmp_path)
    sizes = sorted({score.photos for score in found})
    assert len(sizes) == 2
    first = [score for score in found if score.photos == sizes[0]]
    second = [score for score in found if score.photos == sizes[1]]
    best = [score.candidate for score in rank(first)[: len(first) // 3]]
    assert [score.candidate for score in second] == best
    assert len(found) == searching.count_tries(len(first), 420)


def test_a_grid_larger_than_its_time_says_what_was_left_out(tmp_path: Path) -> None:
    ticks = iter(np.arange(0, 1000, 0.5))
    examples = examples_for(tmp_path)
    found = searched(examples, tmp_path, countdown=Countdown(2.0, now=lambda: float(next(ticks))))
    tried = [score for score in found if score.mean is not None]
    left_out = [score for score in found if score.left_out]
    assert tried
    assert left_out
    assert len(tried) + len(left_out) == len(
        candidates_of(ClassicalOptions("hog", "logistic,svm-rbf"), ["hog"], KINDS, 300, 10)
    )
    assert all(score.row()["mean"] is None and score.row()["left_out"] for score in left_out)


def test_with_no_time_at_all_the_first_candidate_is_still_tried(tmp_path: Path) -> None:
    found = searched(examples_for(tmp_path), tmp_path, countdown=Countdown(1e-9))
    assert [score.mean is not None for score in found] == [True] + [False] * (len(found) - 1)


def test_scores_on_disk_are_not_computed_again_and_those_of_another_search_do_not_count(tmp_path: Path) -> None:
    examples = examples_for(tmp_path)
    first = searched(examples, tmp_path)
    again = searched(examples, tmp_path)
    assert [score.seconds for score in again] == [score.seconds for score in first]
    assert len(KeptScores(tmp_path, "test")) == len(first)
    assert len(KeptScores(tmp_path, "another")) == 0


def test_a_search_killed_in_the_middle_goes_on_and_ends_with_the_same_model(tmp_path: Path) -> None:
    options = ClassicalOptions(features="hog", models="logistic,svm-linear,svm-rbf", search_folds=3)
    script = f"""
        import os, signal, sys
        sys.path[:0] = {[str(Path(__file__).parent), str(Path(__file__).parents[3])]!r}
        from pathlib import Path
        from tasks import shapes, task_of
        from whatsit.training.options import ClassicalOptions
        from whatsit.training.recipes.classical import score
        kept = score.KeptScores.add
        def add(self, one):
            kept(self, one)
            if len(self) == 5:
                os.kill(os.getpid(), signal.SIGKILL)
        score.KeptScores.add = add
        from whatsit.training.recipes.classical.recipe import fit
        fit(task_of(shapes(), Path({str(tmp_path / "killed")!r}), {options!r}))
    """
    source = str(Path(__file__).parents[4] / "src")
    environment = {**os.environ, "PYTHONPATH": source}
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    resumed = task_of(shapes(), tmp_path / "killed", options)
    undisturbed = task_of(shapes(), tmp_path / "whole", options)
    stored = (tmp_path / "killed" / "candidates.json").read_text()
    assert stored.count('"mean"') == 5
    model = fit(resumed).graph.SerializeToString(deterministic=True)
    assert model == fit(undisturbed).graph.SerializeToString(deterministic=True)

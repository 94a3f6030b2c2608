"""The grid search: every candidate scored by cross-validation, in rungs where there are many photos.

A candidate's figures are those of scikit-learn's GridSearchCV over the same folds. The search is written out
here because it is killable (each finished candidate is on disk), keeps a promise of time, and says what it left
out. With more than RUNG photos the candidates are first scored on a part of them; the best third goes on to
three times as many (successive halving: Jamieson and Talwalkar, AISTATS 2016).
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit import engine
from whatsit.console import Step
from whatsit.train.recipes.classical.clock import Clock
from whatsit.train.recipes.classical.examples import Examples, Rows
from whatsit.train.recipes.classical.folds import Fold, folds_of
from whatsit.train.recipes.classical.kinds import KINDS
from whatsit.train.recipes.classical.score import Candidate, Kept, Score, ranked

RUNG = 2_000  # photos of the first rung
LAST_RUNG = 20_000  # a search on more tells little more, and takes long
STEP = 3  # each rung has three times the photos of the one before, and a third of its candidates
SURVIVORS = 2  # at least


@dataclass(frozen=True)
class Plan:
    """How a search runs. folds: wanted; clock: how much time there is."""

    folds: int
    seed: int
    clock: Clock


def search(
    candidates: Sequence[Candidate], examples: Mapping[str, Examples], plan: Plan, kept: Kept, step: Step
) -> list[Score]:
    """A score for each candidate, on each rung that it reached, in the order they were tried."""
    first = next(iter(examples.values()))
    scores: list[Score] = []
    standing = list(candidates)
    for photos in rungs(len(first)):
        rows = part_of(first.labels, photos, plan.seed)
        folds = folds_of(first.labels[rows], first.groups[rows], plan.folds, plan.seed).folds
        if not folds:
            return scores
        rung = _rung(standing, examples, rows, folds, plan, kept, scores, step)
        scores.extend(rung)
        standing = _survivors(rung)
    return scores


def rungs(photos: int) -> list[int]:
    """How many photos each rung looks at: all of them at once where they are few."""
    if photos <= RUNG:
        return [photos]
    sizes = [RUNG]
    while sizes[-1] * STEP <= min(photos, LAST_RUNG):
        sizes.append(sizes[-1] * STEP)
    return sizes


def part_of(labels: Rows, photos: int, seed: int) -> Rows:
    """About so many rows, ascending: each class by its share, at least ten; larger parts hold smaller ones."""
    if photos >= len(labels):
        return np.arange(len(labels))
    order = np.random.default_rng(seed).permutation(len(labels))
    taken = []
    for label in np.unique(labels):
        of_class = order[labels[order] == label]
        taken.append(of_class[: max(10, round(photos * len(of_class) / len(labels)))])
    return np.sort(np.concatenate(taken))


def _rung(
    standing: list[Candidate],
    examples: Mapping[str, Examples],
    rows: Rows,
    folds: tuple[Fold, ...],
    plan: Plan,
    kept: Kept,
    before: list[Score],
    step: Step,
) -> list[Score]:
    found: list[Score] = []
    for candidate in standing:
        score = kept.get(candidate, len(rows))
        if score is None:
            reason = _why_not(
                candidate, len(rows), len(folds), len(examples[candidate.stack]), plan, before + found
            )
            score = Score(candidate, len(rows), left_out=reason) if reason else None
        if score is None:
            score = scored(candidate, examples[candidate.stack], rows, folds, plan.seed)
            kept.add(score)
        found.append(score)
        step(1)
    return found


def _why_not(
    candidate: Candidate, photos: int, folds: int, all_photos: int, plan: Plan, known: list[Score]
) -> str:
    """Why there is no time for a candidate; empty where there is. The first one is tried in any case."""
    alike = [score for score in known if score.seconds and _cost_alike(score.candidate, candidate)]
    if plan.clock.left() == float("inf") or not known:
        return ""
    if not alike:
        return "" if plan.clock.left() > 0 else "the time was up"
    growth = KINDS[candidate.model].growth
    last = alike[-1]
    one = last.seconds * (photos / last.photos) ** growth
    final = last.seconds * (all_photos / last.photos * folds / (folds - 1)) ** growth
    if final > plan.clock.left():
        return f"training it on all photos would take about {final:.0f} s"
    if one * folds / min(folds, engine.cores()) + final > plan.clock.left():
        return "the time was up"
    return ""


def _cost_alike(one: Candidate, other: Candidate) -> bool:
    return (one.stack, one.model) == (other.stack, other.model)


def _survivors(rung: list[Score]) -> list[Candidate]:
    best = ranked(rung)
    return [score.candidate for score in best[: max(SURVIVORS, len(best) // STEP)]]


def scored(candidate: Candidate, examples: Examples, rows: Rows, folds: Sequence[Fold], seed: int) -> Score:
    """Cross-validate one candidate on some rows; folds count within them. One fold a core at a time."""
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    with warnings.catch_warnings(), threadpool_limits(1):
        # A search that stops at its last round is as good a candidate as any: its score says how good.
        warnings.simplefilter("ignore", ConvergenceWarning)
        results = list(engine.each(lambda fold: _on_fold(candidate, examples, rows, fold, seed), folds))
    shares, seconds = zip(*results, strict=True)
    return Score(
        candidate,
        len(rows),
        folds=len(folds),
        mean=float(np.mean(shares)),
        spread=float(np.std(shares)),
        seconds=float(np.mean(seconds)),
    )


def _on_fold(candidate: Candidate, examples: Examples, rows: Rows, fold: Fold, seed: int) -> tuple[float, float]:
    """The share of one fold's photos that are named right, and the seconds of learning and asking."""
    begun = time.perf_counter()
    kind = KINDS[candidate.model]
    numbers, labels = examples.to_learn(kind, rows[fold.train])
    fitted = kind.make(candidate.parameters, seed).fit(numbers, labels)
    asked, truth = examples.to_ask(kind, rows[fold.asked])
    named: NDArray[np.int64] = fitted.classes_[kind.scores(fitted, asked).argmax(axis=1)]
    return float((named == truth).mean()), time.perf_counter() - begun

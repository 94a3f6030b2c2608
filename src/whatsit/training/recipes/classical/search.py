"""The grid search: every candidate scored by cross-validation, in rungs where there are many photos.

A candidate's figures are those of scikit-learn's GridSearchCV over the same folds. The search is written out
here because it is killable (each finished candidate is on disk), keeps a promise of time, and says what it left
out. With more than RUNG photos the candidates are first scored on a part of them; the best third goes on to
three times as many (successive halving: Jamieson and Talwalkar, AISTATS 2016).
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from whatsit import engine
from whatsit.data.splitting.folds import Fold, deal_folds, list_folds
from whatsit.events import Advance
from whatsit.training.countdown import Countdown
from whatsit.training.recipes.classical.examples import Examples
from whatsit.training.recipes.classical.fitting import fitting
from whatsit.training.recipes.classical.kind import Rows
from whatsit.training.recipes.classical.score import GridCandidate, GridScore, KeptScores, rank

RUNG = 2_000  # photos of the first rung
LAST_RUNG = 20_000  # a search on more tells little more, and takes long
STEP = 3  # each rung has three times the photos of the one before, and a third of its candidates
SURVIVORS = 2  # at least
PROBE = 200  # photos that tell what an untried kind of model costs, where there is a limit


@dataclass(frozen=True)
class SearchPlan:
    """How a search runs. folds: wanted; countdown: how much time there is."""

    folds: int
    seed: int
    countdown: Countdown


def search(
    candidates: Sequence[GridCandidate],
    examples: Mapping[str, Examples],
    plan: SearchPlan,
    kept: KeptScores,
    step: Advance,
) -> list[GridScore]:
    """A score for each candidate, on each rung that it reached, in the order they were tried.

    examples: the photos, by each stack of features that candidates look at
    step:     told of each candidate when it is done
    """
    first = next(iter(examples.values()))
    trying = _Trying(examples, plan, kept, [])
    standing = list(candidates)
    for photos in plan_rungs(len(first)):
        rows = part_of(first.strata, photos, plan.seed)
        folds = list_folds(deal_folds(first.dealt_by[rows], first.groups[rows], plan.folds, plan.seed))
        if not folds:
            break
        rung = []
        with fitting():
            for score in trying.scores_of(standing, rows, folds):
                rung.append(score)
                step(1)
        standing = _survivors(rung)
    return trying.scores


def plan_rungs(photos: int) -> list[int]:
    """How many photos each rung looks at: all of them at once where they are few."""
    if photos <= RUNG:
        return [photos]
    sizes = [RUNG]
    while sizes[-1] * STEP <= min(photos, LAST_RUNG):
        sizes.append(sizes[-1] * STEP)
    return sizes


def count_tries(candidates: int, photos: int) -> int:
    """How many scores a search of so many candidates finds, over all rungs."""
    found = 0
    for _ in plan_rungs(photos):
        found += candidates
        candidates = min(candidates, max(SURVIVORS, candidates // STEP))
    return found


def part_of(strata: Rows, photos: int, seed: int) -> Rows:
    """About so many rows, ascending: each class (of several labels the photos whose rarest is the same) by its
    share, at least ten; larger parts hold smaller ones."""
    if photos >= len(strata):
        return np.arange(len(strata))
    order = np.random.default_rng(seed).permutation(len(strata))
    taken = []
    for stratum in np.unique(strata):
        of_class = order[strata[order] == stratum]
        taken.append(of_class[: max(10, round(photos * len(of_class) / len(strata)))])
    return np.sort(np.concatenate(taken))


@dataclass(frozen=True)
class _Trying:
    """A search under way: what it looks at, and the scores so far."""

    examples: Mapping[str, Examples]
    plan: SearchPlan
    kept: KeptScores
    scores: list[GridScore]

    def scores_of(
        self, candidates: Sequence[GridCandidate], rows: Rows, folds: Sequence[Fold]
    ) -> Iterator[GridScore]:
        """The candidates' scores on these rows, in their order: kept, found now, or why one was left out."""
        find = self._find_each if self.plan.countdown.left() < float("inf") else self._find_all
        for score in find(candidates, rows, folds):
            self.scores.append(score)
            yield score

    def _find_each(
        self, candidates: Sequence[GridCandidate], rows: Rows, folds: Sequence[Fold]
    ) -> Iterator[GridScore]:
        """One candidate after the other: what one took says whether there is time for the next."""
        for candidate in candidates:
            score = self.kept.get(candidate, len(rows))
            if score is None:
                if reason := self._why_not(candidate, len(rows), len(folds)):
                    yield GridScore(candidate, len(rows), left_out=reason)
                    continue
                examples = self.examples[candidate.stack]
                score = score_candidate(candidate, examples, rows, folds, self.plan.seed)
                self.kept.add(score)
            yield score

    def _find_all(
        self, candidates: Sequence[GridCandidate], rows: Rows, folds: Sequence[Fold]
    ) -> Iterator[GridScore]:
        """Without a limit of time: the folds of all candidates of a stack in one go, so that no core waits."""
        for stack, several in itertools.groupby(candidates, key=lambda one: one.stack):
            some = list(several)
            new = [one for one in some if self.kept.get(one, len(rows)) is None]
            found = _score_all(new, self.examples[stack], rows, folds, self.plan.seed)
            for candidate in some:
                score = self.kept.get(candidate, len(rows))
                if score is None:
                    score = next(found)
                    self.kept.add(score)
                yield score

    def _why_not(self, candidate: GridCandidate, photos: int, folds: int) -> str:
        """Why there is no time for a candidate; empty where there is. The first one is tried in any case."""
        left = self.plan.countdown.left()
        if left == float("inf") or not self.scores:
            return ""
        if not left:
            return "the time was up"
        cost = self._cost(candidate)
        last_s = cost.seconds_on(len(self.examples[candidate.stack]))
        if last_s > left:
            return f"training it on all photos would take about {last_s:.0f} s"
        best = self._cost(rank(self.scores)[0].candidate).seconds_on(len(self.examples[candidate.stack]))
        folds_s = -(-folds // engine.cores()) * cost.seconds_on(photos * (folds - 1) / folds)
        return "the time was up" if folds_s + max(last_s, best) > left else ""

    def _cost(self, candidate: GridCandidate) -> _Cost:
        """What one training costs: told from the last score of the kind and features, else from a few photos."""
        growth = self.examples[candidate.stack].aim.kinds[candidate.model].growth
        for score in reversed(self.scores):
            known = score.candidate
            if score.seconds and (known.stack, known.model) == (candidate.stack, candidate.model):
                return _Cost(score.photos * (score.folds - 1) / score.folds, score.seconds, growth)
        examples = self.examples[candidate.stack]
        rows = part_of(examples.strata, PROBE, self.plan.seed)
        whole = Fold(*[np.arange(len(rows))] * 2)
        _, seconds = _on_fold(examples, rows, self.plan.seed, (candidate, whole))
        return _Cost(len(rows), seconds, growth)


@dataclass(frozen=True)
class _Cost:
    """A training on `photos` photos took `seconds`, and grows by a power of the photos."""

    photos: float
    seconds: float
    growth: float

    def seconds_on(self, photos: float) -> float:
        """About what it takes on so many photos."""
        return float(self.seconds * (photos / self.photos) ** self.growth)


def _survivors(rung: list[GridScore]) -> list[GridCandidate]:
    best = rank(rung)
    return [score.candidate for score in best[: max(SURVIVORS, len(best) // STEP)]]


def score_candidate(
    candidate: GridCandidate, examples: Examples, rows: Rows, folds: Sequence[Fold], seed: int
) -> GridScore:
    """Cross-validate one candidate on some rows; folds count within them. One fold a core at a time."""
    with fitting():
        return next(_score_all([candidate], examples, rows, folds, seed))


def _score_all(
    candidates: Sequence[GridCandidate], examples: Examples, rows: Rows, folds: Sequence[Fold], seed: int
) -> Iterator[GridScore]:
    """The candidates' scores in their order, each as soon as its last fold is done."""
    pieces = ((candidate, fold) for candidate in candidates for fold in folds)
    results = engine.each(partial(_on_fold, examples, rows, seed), pieces, engine.chosen())
    for candidate in candidates:
        shares, seconds = zip(*itertools.islice(results, len(folds)), strict=True)
        yield GridScore(
            candidate,
            len(rows),
            folds=len(folds),
            mean=float(np.mean(shares)),
            spread=float(np.std(shares)),
            seconds=float(np.mean(seconds)),
        )


def _on_fold(examples: Examples, rows: Rows, seed: int, piece: tuple[GridCandidate, Fold]) -> tuple[float, float]:
    """What the search is after of one fold's photos, and the seconds of learning and asking."""
    candidate, fold = piece
    begun = time.perf_counter()
    kind = examples.aim.kinds[candidate.model]
    numbers, labels = examples.to_learn(kind, rows[fold.train])
    fitted = kind.make(candidate.parameters, seed).fit(numbers, labels)
    asked, truth = examples.to_ask(kind, rows[fold.asked])
    return examples.aim.measure(fitted, kind.scores(fitted, asked), truth), time.perf_counter() - begun

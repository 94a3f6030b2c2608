"""Recipe `classical`: features computed by rule, and the best of a grid of models on them. Needs no torch."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from whatsit import engine, events, words
from whatsit.data.dataset import Dataset
from whatsit.data.splitting.folds import ALWAYS, Fold, deal_folds, list_folds
from whatsit.errors import UserError
from whatsit.image import Size
from whatsit.model.facts.file import Card
from whatsit.model.finish import HeldOut, Trained
from whatsit.options import names_in
from whatsit.training.countdown import FINISHING_S, Countdown, parse_duration
from whatsit.training.features.graph import Sample
from whatsit.training.features.stack import check_size, names_of, side_for, stack_features
from whatsit.training.loop.augment import resolve_changes
from whatsit.training.options import ClassicalOptions, TrainOptions
from whatsit.training.recipes.classical.aim import AIMS, Aim
from whatsit.training.recipes.classical.examples import Examples, compute_feature, examples_of, sample_of
from whatsit.training.recipes.classical.fitting import fitting
from whatsit.training.recipes.classical.grid import candidates_of, stacks_of
from whatsit.training.recipes.classical.kind import Floats, Rows
from whatsit.training.recipes.classical.score import GridCandidate, GridScore, KeptScores, rank
from whatsit.training.recipes.classical.search import SearchPlan, count_tries, score_candidate, search
from whatsit.training.start import has_colours, mirror_none
from whatsit.training.task import Task

if TYPE_CHECKING:
    import onnx

PHOTO_SIDE = 128
LARGEST_ARRAY_SIDE = 128  # pictures that come as arrays are used as they are up to this side
MOST_MIRRORED = 5_000  # photos: with more, mirror images double the time and teach little
MOST_CROSSED = 5_000  # photos: the winner is then fitted once more for each fold, as often as in its search
MANY = 10_000  # rows: with fewer, the threads of matrix products wait for each other longer than they work
TRIAL = ("logistic", {"C": 10.0})  # what mirror images are tried on
BEST_SHOWN = 8
USES = names_in(ClassicalOptions, "augment", "flip")
MIRRORS = ("auto", "none", "flip")  # what --augment may say here


def size(dataset: Dataset, options: TrainOptions) -> Size:
    """The side asked for; else pictures from arrays as they are and photos at PHOTO_SIDE, as features allow."""
    if options.size:
        return options.size, options.size
    height = width = PHOTO_SIDE
    if dataset.photos.size and max(dataset.photos.size) <= LARGEST_ARRAY_SIDE:
        height, width = dataset.photos.size
    stacks = stacks_of(options.classical)
    return max(side_for(stack, height) for stack in stacks), max(side_for(stack, width) for stack in stacks)


def find_idle(options: TrainOptions) -> dict[str, str]:
    """Sets of changes other than the mirror, which is all that this recipe changes."""
    if options.augment.augment in MIRRORS:
        return {}
    return {"augment": "It mirrors photos and makes no other change: give --augment flip, or --recipe cnn."}


def fit(task: Task) -> Trained:
    """Search the grid, train the winner on all training photos, and give its graph."""
    options = task.options
    plan, aim = _plan(task), AIMS[task.dataset.target.name]
    train = task.split.rows("train")
    stacks = _drop_colour_stacks(stacks_of(options.classical), task)
    with events.working("Trying mirror images"):
        mirror = _is_mirrored(task, train, stacks[0], plan)
    candidates = candidates_of(options.classical, stacks, aim.kinds, len(train) * (1 + mirror), len(task.classes))
    task.note_once(
        f"Simple models learn from numbers that are computed from each photo: "
        f"{words.count(len(candidates), 'candidate')}, compared by cross-validation.",
        about="classical",
    )
    examples = _examples(stacks, task, train, mirror)
    _say_folds(task, examples[stacks[0]], plan)
    kept = KeptScores(task.checkpoint, _identity(task, train, mirror))
    with events.progress("Trying candidates", count_tries(len(candidates), len(train)), "candidates") as step:
        scores = search(candidates, examples, plan, kept, step)
    winner = rank(scores)[0].candidate if rank(scores) else candidates[0]
    if not task.is_trial:
        _say_scores(scores, aim)
    chosen = examples[winner.stack]
    with events.working("Training the best on all photos"):
        if not task.is_trial:
            photos = words.count(len(chosen), "training photo")
            events.note(f"Training {winner.model} ({winner.words}) on all {photos}.")
        fitted = _fit_winner(winner, chosen, options.seed)
        held_out = (
            _ask_out_of_fold(winner, chosen, plan, len(task.classes)) if len(train) <= MOST_CROSSED else None
        )
        graph = _graph(winner, chosen, fitted, task, sample_of(task, train))
    numbers = sum(int(np.prod(constant.dims)) for constant in graph.graph.initializer)
    return Trained(
        graph,
        history=[
            score.row() | {"mean_of": aim.figure}
            for score in (*rank(scores), *(score for score in scores if score.left_out))
        ],
        summary=_summary(winner, chosen, task.decoded.size, numbers),
        card=Card(
            recipe="classical",
            net=f"{winner.model} ({winner.words}) on {winner.stack}",
            parameters=numbers,
        ),
        from_nothing=True,
        held_out=None if held_out is None else HeldOut(train[held_out.rows], held_out.logits),
    )


def _drop_colour_stacks(stacks: tuple[str, ...], task: Task) -> tuple[str, ...]:
    """The stacks for these photos: of those chosen by itself, none with colours where photos have none."""
    for stack in stacks:
        check_size(stack, task.decoded.size)
    if task.options.classical.features != "auto" or has_colours(task):
        return stacks
    return tuple(stack for stack in stacks if "colour" not in names_of(stack))


def _examples(stacks: tuple[str, ...], task: Task, train: Rows, mirror: bool) -> dict[str, Examples]:
    """The training photos by each stack; a feature of several stacks is looked at once."""
    names = dict.fromkeys(name for stack in stacks for name in names_of(stack))
    looks = {name: compute_feature(name, task, train, mirror) for name in names}
    return {stack: examples_of(stack, looks, task, train) for stack in stacks}


def _plan(task: Task) -> SearchPlan:
    options = task.options
    folds = options.classical.search_folds
    if folds < 2:
        raise UserError(f"--search-folds {folds} is no cross-validation.", hint="Give a number from 2 on.")
    limit_s = parse_duration(options.time) - FINISHING_S if options.time else None
    return SearchPlan(folds, options.seed, Countdown(limit_s, began=task.began))


def _is_mirrored(task: Task, train: Rows, stack: str, plan: SearchPlan) -> bool:
    """Whether mirror images are learnt from too: as asked; by itself where there are few photos and it helps.

    A mirror makes other letters of some letters and other arrows of some arrows, so it is tried, on one candidate.
    """
    asked = task.options.augment
    if asked.augment != "auto" or asked.flip or "flip" in task.options.given:
        return mirror_none(task, resolve_changes(asked, task.options.given)).flip
    if task.dataset.mirrored is False:
        return False
    if len(train) > MOST_MIRRORED:
        return False
    means = []
    for mirror in (False, True):
        examples = _examples((stack,), task, train, mirror)[stack]
        folds = list_folds(deal_folds(examples.dealt_by, examples.groups, plan.folds, plan.seed))
        if not folds:
            return False
        score = score_candidate(GridCandidate(stack, *TRIAL), examples, np.arange(len(train)), folds, plan.seed)
        means.append(score.mean or 0.0)
    plain, mirrored = (words.percent(mean) for mean in means)
    found = AIMS[task.dataset.target.name].found.format(mirrored)
    verdict = "learnt from too" if means[1] > means[0] else "left out"
    if not task.is_trial:
        events.note(f"With mirror images a first try {found}, without {plain}: they are {verdict}.")
    return means[1] > means[0]


def _identity(task: Task, train: Rows, mirror: bool) -> str:
    """What a search depends on: scores kept by another search are not used."""
    options = task.options
    parts = (options.classical, options.seed, mirror, task.decoded.size, task.decoded.resize, task.dataset.boxes)
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=16)
    digest.update(task.decoded.sha256[train].tobytes())
    digest.update(task.labels[train].tobytes())
    return digest.hexdigest()


def _say_folds(task: Task, examples: Examples, plan: SearchPlan) -> None:
    """Say which classes cannot be asked about."""
    dealt = deal_folds(examples.dealt_by, examples.groups, plan.folds, plan.seed)
    if (dealt == ALWAYS).all():
        events.warn("No class has two training photos that are not copies: the first candidate is taken untried.")
        return
    unasked = np.setdiff1d(examples.strata, examples.strata[dealt != ALWAYS])
    if len(unasked):
        names = ", ".join(repr(task.classes[label]) for label in unasked[:5])
        events.warn(f"Learnt from but not scored, as their training photos are one, or copies of one: {names}.")


def _say_scores(scores: list[GridScore], aim: Aim) -> None:
    """The table of the best candidates, and what was left out."""
    best = rank(scores)
    rows = [("features", "model", "parameters", "photos", aim.heading), *map(_write_score, best[:BEST_SHOWN])]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows if best else ():
        cells = [cell.ljust(width) for cell, width in zip(row[:3], widths[:3], strict=True)]
        cells += [cell.rjust(width) for cell, width in zip(row[3:], widths[3:], strict=True)]
        events.note("  ".join(cells))
    if len(best) > BEST_SHOWN:
        events.note(f"and {len(best) - BEST_SHOWN} more, all in history.csv")
    left_out = [score for score in scores if score.left_out]
    if left_out:
        events.warn(f"{words.count(len(left_out), 'candidate')} left out to keep the time, as these:")
    for score in left_out[:5]:
        events.warn(f"  {score.candidate.model} {score.candidate.words}: {score.left_out}")


def _write_score(score: GridScore) -> tuple[str, ...]:
    """A row of the table of candidates: features, model, parameters, photos, and the figure with its spread."""
    candidate = score.candidate
    assert score.mean is not None
    assert score.spread is not None
    figure = f"{words.percent(score.mean)} ± {100 * score.spread:.1f}"
    return candidate.stack, candidate.model, candidate.words, f"{score.photos:,}", figure


def _fit_winner(winner: GridCandidate, examples: Examples, seed: int) -> Any:
    """The winner, fitted on all training photos."""
    from joblib import parallel_config

    kind = examples.aim.kinds[winner.model]
    numbers, labels = examples.to_learn(kind, np.arange(len(examples)))
    threads = engine.cores() if len(numbers) >= MANY else 1
    with fitting(threads), parallel_config("threading", n_jobs=engine.cores()):
        return kind.make(winner.parameters, seed).fit(numbers, labels)


def _ask_out_of_fold(winner: GridCandidate, examples: Examples, plan: SearchPlan, classes: int) -> HeldOut:
    """What models as the winner say of the training photos, each learnt from the other folds; rows count within
    the training photos. Features that learn have learnt from all of them, though not their classes."""
    kind = examples.aim.kinds[winner.model]
    folds = list_folds(deal_folds(examples.dealt_by, examples.groups, plan.folds, plan.seed))
    every = np.arange(len(examples))

    def ask(fold: Fold) -> Floats:
        fitted = kind.make(winner.parameters, plan.seed).fit(*examples.to_learn(kind, every[fold.train]))
        return kind.scores(fitted, examples.to_ask(kind, every[fold.asked])[0])

    with fitting():
        found = list(engine.each(ask, folds))
    if not folds:
        return HeldOut(every[:0], np.zeros((0, classes)))
    rows = np.concatenate([fold.asked for fold in folds])
    order = np.argsort(rows)
    return HeldOut(rows[order], np.concatenate(found)[order])


def _graph(winner: GridCandidate, examples: Examples, fitted: Any, task: Task, sample: Sample) -> onnx.ModelProto:
    """The whole way from pixels to logits; `features` are the coordinates in the space."""
    kind, built = examples.aim.kinds[winner.model], stack_features(winner.stack, sample)
    coordinates = examples.space.nodes(built.graph, built.columns, "features")
    kind.nodes(built.graph, fitted, coordinates if kind.looks_at == "space" else built.columns, "logits")
    directions = examples.space.weight.shape[1]
    return built.graph.model(task.decoded.size, {"logits": [len(task.classes)], "features": [directions]})


def _summary(winner: GridCandidate, examples: Examples, photo_size: Size, numbers: int) -> str:
    """The steps as text."""
    widths = " + ".join(f"{width:,}" for width in examples.straight.features.widths)
    kind = examples.aim.kinds[winner.model]
    lines = [
        f"photo        {photo_size[1]} × {photo_size[0]}",
        f"features     {winner.stack}: {widths} columns",
    ]
    if kind.looks_at == "space":
        lines.append(
            f"space        every column scaled, turned to {examples.space.weight.shape[1]} main directions"
        )
    copies = ", and as many mirror images" if examples.mirrored else ""
    lines.append(f"model        {kind.purpose}, {winner.words}")
    lines.append(f"learnt from  {len(examples):,} photos{copies}")
    lines.append(f"{numbers:,} numbers in the graph")
    return "\n".join(lines)

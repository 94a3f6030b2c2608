"""Which recipe to take where none is named, and why."""

from __future__ import annotations

import importlib.util
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit import events
from whatsit.data.dataset import Dataset
from whatsit.data.target import NO_RULE
from whatsit.errors import UserError
from whatsit.model.finish import Trained
from whatsit.model.graph.session import Session, run_over
from whatsit.training.backbones.convert import find_wanted
from whatsit.training.options import RecipeName, TrainOptions
from whatsit.training.recipes import RECIPES
from whatsit.training.task import Task
from whatsit.training.uses import list_barring, list_fitting

# Pictures smaller than this show a backbone little of what it has learnt: it was trained on far larger photos.
SMALLEST_PHOTO = 64
# Below this many photos a network trained from nothing learns them by heart; computed features do better.
FEW = 2_000
# Below this many, a trial of computed features beside a pretrained network takes seconds, and they may win: on
# 158 aligned faces they name 84 % right, the network 75 % (docs/classical.md).
TINY = 1_000
MOST_LABELS = 50  # of several a photo: each is a model of its own, and of more the trial takes minutes
GIVEN = "the options given are its own"


@dataclass(frozen=True)
class RecipeChoice:
    """A recipe, the reason in a clause, what it trained where that was found out by trying, and what would do
    better where something is missing for it."""

    recipe: RecipeName
    reason: str
    trained: Trained | None = None
    better: str | None = None


def choose_recipe(dataset: Dataset, options: TrainOptions) -> tuple[RecipeName, str]:
    """The name of the recipe that suits best of those that make use of every given option, and the reason in a
    clause."""
    fitting = list_fitting(options)
    if len(fitting) == 1:
        return fitting[0], GIVEN
    ranks = list(_rank_recipes(dataset, options, fitting))
    place, (name, reason) = next((place, rank) for place, rank in enumerate(ranks) if rank[0] in fitting)
    if not place:
        return name, reason
    barring = f"because of {' and '.join(list_barring(ranks[0][0], options))}"  # they bar what suits best
    return name, barring if reason == GIVEN else f"{barring}, and {reason}"


def find_better(recipe: RecipeName, dataset: Dataset, options: TrainOptions) -> str | None:
    """What would do better than a recipe taken for want of a network or of torch, and how to have it."""
    size = dataset.photos.size
    if recipe not in ("cnn", "classical") or "transfer" not in list_fitting(options):
        return None
    if size is not None and min(size) < SMALLEST_PHOTO:
        lacks_torch = recipe == "classical" and len(dataset) >= FEW and importlib.util.find_spec("torch") is None
        return (
            "A network trained on these photos. It needs torch: pip install 'whatsit[train]'"
            if lacks_torch
            else None
        )
    try:
        backbone = find_wanted(options.transfer, may_fetch=False)
    except UserError as error:
        return f"A pretrained network. {error}"
    if backbone.needs_torch and importlib.util.find_spec("torch") is None:
        return f"The pretrained network {backbone.name}. It needs torch: pip install 'whatsit[train]'"
    return None


def _rank_recipes(
    dataset: Dataset, options: TrainOptions, fitting: Container[str]
) -> Iterator[tuple[RecipeName, str]]:
    """All recipes, each with its reason, from what suits best on; looks for a network only where one would do.

    The first is the one that would be taken if no option barred it.
    """
    size = dataset.photos.size
    are_small = size is not None and min(size) < SMALLEST_PHOTO
    has_torch = importlib.util.find_spec("torch") is not None
    reason = "the pictures are small" if are_small else GIVEN  # for a network trained from nothing
    if not are_small and "transfer" not in fitting and "finetune" not in fitting:
        yield "transfer", GIVEN  # which is barred, be there a network or not
    elif not are_small:
        try:
            backbone = find_wanted(options.transfer, may_fetch=False)
        except UserError:
            reason = "no pretrained network is on this machine"
        else:
            here = f"the pretrained network {backbone.name} is on this machine"
            if has_torch or not backbone.needs_torch:
                yield "transfer", here
            if has_torch:
                yield "finetune", here
    if not has_torch:
        yield "classical", "torch is not installed"
    if len(dataset) < FEW:
        yield "classical", f"{len(dataset):,} photos are few for a network trained from nothing"
    yield "cnn", reason
    yield "transfer", GIVEN
    yield "classical", GIVEN
    yield "finetune", GIVEN


def list_rivals(name: RecipeName, dataset: Dataset, options: TrainOptions) -> tuple[RecipeName, ...]:
    """The recipes to try before one is taken: the chosen one, and for a few photos computed features as well.

    Only the chosen one where an option asks for a way, a size or a time.
    """
    is_open = "classical" in list_fitting(options) and options.size is None and options.time is None
    is_quick = len(dataset) < TINY and not (dataset.target.says_any_number and len(dataset.classes) > MOST_LABELS)
    return (name, "classical") if name == "transfer" and is_open and is_quick else (name,)


def try_recipes(tasks: Sequence[Task]) -> RecipeChoice:
    """The recipe that names the larger share of photos right that it had not seen; of equals the first.

    One whose features see nothing in these photos is out; the first one's refusals are raised.
    """
    first = tasks[0].options.recipe
    tried: dict[RecipeName, tuple[Trained, NDArray[np.bool_]]] = {}
    for task in tasks:
        name = task.options.recipe
        try:
            trained = RECIPES[name].fit(task)
        except UserError as error:
            if name == first:
                raise
            events.note(f"Recipe {name} is out: {error}")
            continue
        tried[name] = trained, find_hits(trained, task)[1]
    best = max(tried, key=lambda name: float(tried[name][1].sum()) / max(1, len(tried[name][1])))
    found = ", ".join(
        f"{name} named {int(hits.sum()):,} of {len(hits):,} right" for name, (_, hits) in tried.items()
    )
    reason = f"asked about photos that they had not learnt from, {found}"
    if not any(len(hits) for _, hits in tried.values()):
        reason = "there are too few photos to compare recipes on"
    return RecipeChoice(best, reason, tried[best][0])


def find_hits(trained: Trained, task: Task) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Rows that the model has not seen, and whether it names them right: of the training part, by models that
    learnt from the others, and of the validation part where there is one."""
    target, rows = task.dataset.target, task.split.rows("val")
    asked = [rows[:0]]
    logits: list[NDArray[np.floating]] = [np.zeros((0, len(task.classes)))]
    if trained.held_out is not None:
        asked.append(trained.held_out.rows)
        logits.append(trained.held_out.logits)
    if len(rows):
        (found,) = run_over(Session(trained.graph.SerializeToString()), task.decoded.take, rows, ["logits"])
        asked.append(rows)
        logits.append(found)
    all_asked = np.concatenate(asked)
    decided = target.decide(target.link(np.concatenate(logits).astype(np.float64)), NO_RULE)
    return all_asked, target.hits(decided, task.labels[all_asked])

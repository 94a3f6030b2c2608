"""`make`: from words to a finished run, each step by its own verb."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from whatsit.cleaning.cleaning import Cleaned, clean
from whatsit.collecting.account.yields import Yield
from whatsit.collecting.collecting import Agree, collect, parse_class
from whatsit.collecting.options import CollectOptions
from whatsit.errors import UserError
from whatsit.model.run import Run
from whatsit.road.train import train_once
from whatsit.words import brief

StepResult = Yield | Cleaned | Run


@dataclass(frozen=True)
class Made:
    """What making came to: the account of the collection, what cleaning found, and the finished run."""

    collected: Yield
    cleaned: Cleaned
    run: Run

    __repr__ = brief


@dataclass(frozen=True)
class MakePlan:
    """What is to be made: classes by their words, how their photos are collected, and the run's name and place."""

    classes: Sequence[str]
    options: CollectOptions
    name: str | None
    runs: Path


def make(
    data: Path,
    plan: MakePlan,
    agree_to: Agree | None = None,
    done: Callable[[StepResult], None] = lambda _step: None,
) -> Made:
    """Collect photos into DATA, clean them, train on them; `done` is given what each step came to.

    Each step can be stopped; the same call goes on from there. Raises UserError where a class got no photo.
    """
    collected = collect(data, [parse_class(text) for text in plan.classes], plan.options, agree_to)
    done(collected)
    empty = [one.class_name for one in collected.classes if not one.photos]
    if empty:
        raise UserError(
            f"There is no photo of {', '.join(map(repr, empty))}, so nothing is trained.",
            hint=f'Try other words, as in: "{empty[0]}=these words|other words"',
        )
    cleaned = clean(data)
    done(cleaned)
    run = train_once(str(data), None, plan.name or data.resolve().name, plan.runs)
    done(run)
    return Made(collected, cleaned, run)

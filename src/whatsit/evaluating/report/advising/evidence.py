"""What the rules of "what to do next" look at, and what they give."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from whatsit.evaluating.slices import Slice
from whatsit.model.facts.figures import Figures
from whatsit.options import flag_of, words_of

EVERY_RECIPES = {"folds", "val"}  # choices that leave the recipe open


@dataclass(frozen=True)
class Evidence:
    """What the rules look at.

    figures:  of the report
    counts:   training photos a class; validated: photos that calibrated it
    is_crossed: those are training photos, each asked of models that had not seen it
    history:  rows of history.csv
    pairs:    (true, predicted, photos) of the most frequent mistakes, by class name
    sure:     mistakes that claimed at least SURE; surest: the names of mistakes, the surest first
    skipped:  files that may have been meant as photos and are not used; what was decided about is none of them
    suspects: training photos whose label is likely wrong; worst: the names of such, the likeliest first
    better: what would do better than the recipe, where something was missing for it
    is_folder: the photos lie in a folder, so that they can be cleaned and reviewed
    source, run: as a command line names them; augment: the changes made to training photos, by name
    name:     of the run; command, recipe: what trained it, as words of a command line, and the recipe it took
    photos:   of all parts
    """

    classes: Sequence[str]
    figures: Figures
    counts: Sequence[int]
    validated: int
    history: Sequence[dict[str, str]]
    pairs: Sequence[tuple[str, str, int]]
    sure: int
    slices: Sequence[Slice]
    skipped: int
    source: str
    run: str
    augment: str = ""
    suspects: int = 0
    is_folder: bool = False
    better: str | None = None
    is_crossed: bool = False
    name: str = ""
    command: Sequence[str] = ()
    recipe: str = ""
    photos: int = 0
    surest: Sequence[str] = ()
    worst: Sequence[str] = ()


@dataclass(frozen=True)
class Act:
    """What carries out a step, for a person who types it and for a page that offers to do it.

    verb:  "train", "clean" or "evaluate" with these choices by the library's names, "review", "serve"; "" where a
           person has to bring photos, or to look at some
    label: the class it is about, where it is one
    """

    verb: str = ""
    choices: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""


@dataclass(frozen=True)
class Advice:
    """One thing to do: what, why (with the figure it follows from), what does it, its weight, and the command that
    does it, if there is one.

    photos:    the names of some that it is about, which stand first in the section of the report that shows them;
               see: what an entry there is called, "mistake" or "suspect"
    otherwise: what to do where another cause is behind it, what does that, and its command
    """

    what: str
    why: str
    act: Act = Act()
    weight: float = 0.0
    command: str = ""
    see: str = ""
    photos: tuple[str, ...] = ()
    otherwise: str = ""
    otherwise_act: Act = Act()
    otherwise_command: str = ""


def with_command(step: Advice, evidence: Evidence) -> Advice:
    """A step with its command; only photos in a folder are cleaned and reviewed."""
    if step.act.verb in ("clean", "review") and not evidence.is_folder:
        step = replace(step, act=Act(label=step.act.label))
    return replace(
        step,
        command=_command_of(step.act, evidence),
        otherwise_command=_command_of(step.otherwise_act, evidence),
    )


def _command_of(act: Act, evidence: Evidence) -> str:
    chosen = [word for name, value in act.choices.items() for word in words_of(name, value)]
    if act.verb == "train":
        return _train_again(evidence, act.choices, chosen)
    of = evidence.run if act.verb in ("serve", "evaluate") else evidence.source
    typed = " ".join(["whatsit", act.verb, of, *chosen])
    if act.verb == "clean" and "deep" in act.choices:  # the run has looked; a page does so anew
        return f"whatsit review {evidence.source} --run {evidence.run}"
    if act.verb == "clean":
        return f"{typed} && whatsit review {evidence.source}"
    return typed if act.verb else ""


def _train_again(evidence: Evidence, choices: Mapping[str, Any], chosen: Sequence[str]) -> str:
    """The command that trains as it was trained, with these choices otherwise, under a name that says which."""
    kept = _without(list(evidence.command) or ["whatsit", "train", evidence.source], "--name")
    for name in choices:
        kept = _without(kept, flag_of(name))
    leave_open = "--recipe" in kept or choices.keys() <= EVERY_RECIPES
    own = [] if leave_open else ["--recipe", evidence.recipe]
    return shlex.join([*kept, *own, *chosen, "--name", f"{evidence.name}-{'-'.join(choices) or 'again'}"])


def _without(words: Sequence[str], flag: str) -> list[str]:
    """The words of a command without an option and its value."""
    if flag not in words:
        return list(words)
    place = words.index(flag)
    return [*words[:place], *words[place + 2 :]]

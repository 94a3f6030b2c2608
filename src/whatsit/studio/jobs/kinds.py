"""The verbs that are done as jobs: what one types for each, and the call that does the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whatsit import events, verbs
from whatsit.collecting.search.terms import PEOPLE
from whatsit.deploying.kit import zip_kit
from whatsit.files import remove
from whatsit.options import words_of
from whatsit.studio.places import RUNS


@dataclass(frozen=True)
class Wanted:
    """What a job is asked for.

    source:  the photos, as a command names them
    run:     the name of the run that is made, or is used; "" where there is none
    choices: by the library's names
    folder:  of the job, for what it makes besides
    """

    source: str
    run: str
    choices: dict[str, Any]
    folder: Path


@dataclass(frozen=True)
class Kind:
    """A verb as a job.

    words: those that one types for it
    do:    does it, in the project's folder
    waits: for the jobs before it: two that work the processor would only hold each other up
    makes_run: that it ends with a finished run of that name
    """

    words: Callable[[Wanted], list[str]]
    do: Callable[[Wanted], object]
    waits: bool = True
    makes_run: bool = False


def _flags(choices: dict[str, Any]) -> list[str]:
    return [word for name, value in choices.items() for word in words_of(name, value)]


def _train(wanted: Wanted) -> object:
    return verbs.train(wanted.source, name=wanted.run, runs=RUNS, **wanted.choices)


def _deploy(wanted: Wanted) -> None:
    """The kit, as a .zip in the job's folder: there whole or not at all."""
    kit, part = wanted.folder / "kit", wanted.folder / "part"
    verbs.deploy(Path(RUNS) / wanted.run, kit, **wanted.choices)
    zip_kit(kit, part)
    part.replace(wanted.folder / KIT)
    remove(kit)


def _type_collect(wanted: Wanted) -> list[str]:
    flags = [
        word
        for name, value in wanted.choices.items()
        if name != "classes"
        for each in (value if isinstance(value, list) else [value])
        for word in words_of(name, each)
    ]
    return ["whatsit", "collect", wanted.source, *wanted.choices["classes"], *flags]


def _collect(wanted: Wanted) -> None:
    """Collect, and tell what came of it: what the command prints."""
    choices = dict(wanted.choices)
    done = verbs.collect(wanted.source, choices.pop("classes"), **choices)
    for one in done.classes:
        events.note(one.sentence())
    for hint in done.hints():
        events.note(hint)
    if done.people:
        events.warn(PEOPLE)


KIT = "kit.zip"
KINDS: dict[str, Kind] = {
    "train": Kind(
        lambda one: ["whatsit", "train", one.source, "--name", one.run, *_flags(one.choices)],
        _train,
        makes_run=True,
    ),
    "clean": Kind(
        lambda one: ["whatsit", "clean", one.source, *_flags(one.choices)],
        lambda one: verbs.clean(one.source, **one.choices),
    ),
    "deploy": Kind(
        lambda one: [
            "whatsit",
            "deploy",
            f"{RUNS}/{one.run}",
            *_flags(one.choices),
            "--into",
            f"kit-{one.choices['to']}",
        ],
        _deploy,
        waits=False,
    ),
    "collect": Kind(_type_collect, _collect, waits=False),
}

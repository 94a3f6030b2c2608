"""A training told to loggers that people have: one file a logger; a new one is that file and a line here.

A logger hears what any listener hears (events.py), and gets the finished run. It never holds training up: what it
is told waits in a queue of its own thread, and one that fails is named once and told no more.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from whatsit import events
from whatsit.errors import UserError, suggest_nearest
from whatsit.model.run import Run
from whatsit.tracking.messenger import Messenger
from whatsit.tracking.tracker import Tracker, epoch_figures


def _from(module: str) -> Callable[[str], Tracker]:
    """The `open_tracker` of that module, which is imported when it is asked for."""

    def open_tracker(place: str) -> Tracker:
        opened: Tracker = import_module(f"whatsit.tracking.{module}").open_tracker(place)
        return opened

    return open_tracker


TRACKERS: dict[str, Callable[[str], Tracker]] = {
    "mlflow": _from("to_mlflow"),
    "tensorboard": _from("to_tensorboard"),
    "wandb": _from("to_wandb"),
}


@contextlib.contextmanager
def tracking(wanted: Sequence[str], name: str, parameters: Mapping[str, Any]) -> Iterator[Callable[[Run], None]]:
    """Tell loggers of the training in the block; the yielded function is given the finished run.

    wanted:     as typed: "mlflow:http://127.0.0.1:5000", "tensorboard:FOLDER", "wandb:PROJECT"
    parameters: how the training is wanted, name → value
    Raises UserError where a logger is not known, not installed, or does not answer at the start.
    """
    trackers = [open_tracker(one) for one in wanted]
    _begin_all(trackers, name, parameters)
    messengers = [Messenger(tracker) for tracker in trackers]
    trainings, last = 1, 0.0

    def hear(event: events.Event) -> None:
        nonlocal trainings, last
        if isinstance(event, events.Epoch):
            trainings, last = trainings + (event.row["epoch"] <= last), event.row["epoch"]
            step, figures = epoch_figures(event.row, trainings)
            for messenger in messengers:
                messenger.send(lambda tracker: tracker.log_epoch(step, figures))

    def finish(run: Run) -> None:
        for messenger in messengers:
            messenger.send(lambda tracker: tracker.finish(run))

    try:
        with events.overhearing(hear):
            yield finish
    except BaseException:
        for messenger in messengers:
            messenger.send(lambda tracker: tracker.fail())
        raise
    finally:
        for messenger in messengers:
            messenger.close()


def _begin_all(trackers: Sequence[Tracker], name: str, parameters: Mapping[str, Any]) -> None:
    """Tell all loggers that a training begins; where one cannot be told, the others that it does not."""
    begun: list[Tracker] = []
    try:
        for tracker in trackers:
            tracker.begin(name, parameters)
            begun.append(tracker)
    except BaseException:
        for tracker in begun:
            with contextlib.suppress(Exception):  # what is said is what kept the training from beginning
                tracker.fail()
        raise


def open_tracker(wanted: str) -> Tracker:
    """The logger that `NAME` or `NAME:PLACE` stands for. Raises UserError where there is none."""
    name, _, place = wanted.partition(":")
    if name not in TRACKERS:
        raise UserError(f"There is no logger {name!r}.", hint=suggest_nearest(name, TRACKERS))
    return TRACKERS[name](place)

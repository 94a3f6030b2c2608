"""What recipes share before anything is learnt: changes of photos, and the time there is."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from whatsit import events, words
from whatsit.errors import UserError
from whatsit.model.strangeness.novelty import BANK
from whatsit.training.countdown import FINISHING_S, Countdown, parse_duration
from whatsit.training.loop.augment import CHANGES, resolve_changes
from whatsit.training.machine import describe_precision
from whatsit.training.options import AugmentOptions
from whatsit.training.ranks import sharing
from whatsit.training.task import Task

if TYPE_CHECKING:
    from whatsit.training.loop.plan import TrainingPlan
    from whatsit.training.machine import TrainingDevice

LEAST_EPOCHS = 0.25  # however short the time
LOOKED_AT = 64  # photos that tell whether a data set has colours


def choose_changes(task: Task, net: str) -> AugmentOptions:
    """The changes asked for; where none are named, net fast moves photos a little, and mirrors coloured ones.

    Grey pictures are mostly signs (digits, letters, arrows), which a mirror turns into others.
    """
    options, given = task.options.augment, task.options.given
    if options.augment != "auto":
        return mirror_none(task, resolve_changes(options, given))
    if net != "fast":
        return mirror_none(task, resolve_changes(replace(options, augment="none"), given))
    usual = replace(options, augment="flip" if has_colours(task) else "light")
    return mirror_none(task, resolve_changes(usual, given))


def mirror_none(task: Task, changes: AugmentOptions) -> AugmentOptions:
    """The changes without mirroring, where left and right matter in the data.

    Raises UserError where mirroring was asked for by itself.
    """
    if task.dataset.mirrored is not False:
        return changes
    asked = [flag for flag, is_asked in _asked_mirrors(task) if is_asked]
    if asked:
        raise UserError(
            f"{asked[0]} mirrors photos, and left and right matter in {task.dataset.name!r}.",
            hint=f"Leave {asked[0]} out; or say that they do not matter: whatsit clean DATA --mirrored",
        )
    return replace(changes, flip=False)


def _asked_mirrors(task: Task) -> tuple[tuple[str, bool], ...]:
    options = task.options
    return ("--flip", options.augment.flip), ("--mirrored", options.net.mirrored is True)


def find_idle_fill(options: AugmentOptions, net: str) -> dict[str, str]:
    """The way to fill the edges of moved photos, where none is moved."""
    if options.augment == "auto" and net == "fast":
        return {}
    changes = resolve_changes(replace(options, augment="none") if options.augment == "auto" else options)
    if changes.shift or changes.rotation or changes.zoom or changes.shear:
        return {}
    return {"fill": "No photo is moved here: give a change that moves them as well, as in --shift 0.1."}


def has_colours(task: Task) -> bool:
    """Whether the first training photos are more than grey."""
    some = task.decoded.take(task.split.rows("train")[:LOOKED_AT])
    return bool((some.max(axis=3) != some.min(axis=3)).any())


def describe_training(here: TrainingDevice, plan: TrainingPlan, photos: int) -> str:
    """Where and how a network is trained, as the end of a sentence: `on cpu in fp32, 300 photos, …`."""
    plain = AugmentOptions()
    changes = [name for name in CHANGES if getattr(plan.augment, name) != getattr(plain, name)]
    arithmetic = describe_precision(here.precision, here.gain)
    return (
        f"on {here.device.type} in {arithmetic}, {words.photos(photos)}, batches of {plan.batch}, "
        f"changes: {', '.join(changes) or 'none'}"
    )


def fit_to_time(task: Task, plan: TrainingPlan, epoch_s: float, photo_s: float) -> TrainingPlan:
    """Say how long all will take; with a time asked for, fit the epochs to what is left of it.

    epoch_s, photo_s: what an epoch takes, and what it takes to answer a photo when the network is finished
    """
    after_s = time_finishing(task, photo_s)
    if task.options.time is None:
        whole = words.seconds((epoch_s * plan.epochs + after_s) * task.trainings)
        epochs = f"{plan.epochs:g} {'epoch' if plan.epochs == 1 else 'epochs'}"
        times = f", {task.trainings} times" if task.trainings > 1 else ""
        task.note_once(f"This will take about {whole} here ({epochs}{times}).", about="time")
        return plan
    left_s = Countdown(parse_duration(task.options.time), began=task.began).left() - after_s
    least_s = LEAST_EPOCHS * epoch_s
    if left_s < least_s:
        whole = words.seconds(time.monotonic() - task.began + least_s + after_s)
        events.warn(f"--time {task.options.time} is too short here: it will take about {whole}.")
    deadline_s = max(left_s, least_s)
    deadline_s, epochs = sharing.agree([deadline_s, deadline_s / epoch_s])
    many = "1 epoch" if f"{epochs:.2g}" == "1" else f"{epochs:.2g} epochs"
    events.note(f"There is time for about {many} of {words.seconds(epoch_s)} here.")
    return replace(plan, epochs=epochs, deadline_s=deadline_s)


def time_finishing(task: Task, photo_s: float) -> float:
    """Seconds from a trained network to its report. photo_s: what it takes to answer a photo"""
    train, val, test = (len(task.split.rows(part)) for part in ("train", "val", "test"))
    return FINISHING_S + (min(train, BANK) + val + test) * photo_s

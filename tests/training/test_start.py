"""What recipes share: the changes of photos, the weights of classes, and epochs fitted to a time."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import colours
from whatsit.data.dataset import Dataset
from whatsit.data.photos import Arrays
from whatsit.data.pixels import decode_photos
from whatsit.data.ready import ReadyData
from whatsit.data.splitting.split import split
from whatsit.errors import UserError
from whatsit.training.options import AugmentOptions, NetOptions, TrainOptions
from whatsit.training.start import choose_changes, fit_to_time, has_colours
from whatsit.training.task import Task


def task(dataset: Dataset, options: TrainOptions | None = None) -> Task:
    _, pixels = decode_photos(dataset, (12, 12))
    parts = split(dataset.labels, pixels.same_content(), dataset.parts, pixels.sha256, 0)
    return Task(ReadyData(dataset, pixels, parts), options or TrainOptions(), Path("nowhere"))


@pytest.fixture(scope="module")
def coloured() -> Task:
    return task(colours(60))


@pytest.fixture(scope="module")
def grey() -> Task:
    whole = colours(60)
    assert isinstance(whole.photos, Arrays)
    light = np.repeat(whole.photos.array[..., :1], 3, axis=-1)
    return task(replace(whole, photos=Arrays(light, whole.photos.names, "grey")))


def test_only_coloured_photos_are_mirrored_by_themselves(coloured: Task, grey: Task) -> None:
    assert (has_colours(coloured), has_colours(grey)) == (True, False)
    assert choose_changes(coloured, "fast").flip
    assert not choose_changes(grey, "fast").flip
    assert choose_changes(grey, "fast").shift > 0


@pytest.mark.parametrize("asked", ["auto", "flip", "photo"])
def test_where_left_and_right_matter_no_photo_is_mirrored(coloured: Task, asked: str) -> None:
    matters = replace(coloured.dataset, mirrored=False)
    options = TrainOptions(augment=AugmentOptions(augment=asked))  # type: ignore[arg-type]
    changes = choose_changes(
        replace(coloured, ready=replace(coloured.ready, dataset=matters), options=options), "fast"
    )
    assert not changes.flip
    assert changes.shift
    as_ever = choose_changes(replace(coloured, options=options), "fast")
    assert as_ever.flip


@pytest.mark.parametrize(
    ("options", "flag"),
    [
        (TrainOptions(augment=AugmentOptions(flip=True)), "--flip"),
        (TrainOptions(augment=AugmentOptions(augment="none", flip=True)), "--flip"),
        (TrainOptions(net=NetOptions(mirrored=True)), "--mirrored"),
    ],
)
def test_mirroring_that_is_asked_for_where_left_and_right_matter_is_refused(
    coloured: Task, options: TrainOptions, flag: str
) -> None:
    matters = replace(coloured.dataset, mirrored=False)
    with pytest.raises(UserError, match=f"{flag} mirrors photos") as refusal:
        choose_changes(replace(coloured, ready=replace(coloured.ready, dataset=matters), options=options), "fast")
    assert "whatsit clean DATA --mirrored" in refusal.value.hint


def test_the_textbook_net_changes_nothing_unless_asked(coloured: Task) -> None:
    assert replace(choose_changes(coloured, "simple"), augment="auto") == AugmentOptions()
    asked = replace(coloured, options=TrainOptions(augment=AugmentOptions("photo", rotation=3)))
    assert choose_changes(asked, "simple").rotation == 3
    assert choose_changes(asked, "simple").zoom > 0


def test_without_a_time_the_plan_stays_and_what_it_takes_is_said(coloured: Task, told: list[str]) -> None:
    pytest.importorskip("torch")
    plan = _plan(epochs=4)
    assert fit_to_time(coloured, plan, epoch_s=10.0, photo_s=0.1) is plan
    (said,) = told
    assert said == "This will take about 52 s here (4 epochs)."  # 40 for epochs, 6 to finish, 60 photos to answer


def test_epochs_are_fitted_to_the_time_that_is_left(coloured: Task, told: list[str]) -> None:
    pytest.importorskip("torch")
    hurried = replace(coloured, options=TrainOptions(time="60s"), began=time.monotonic())
    plan = fit_to_time(hurried, _plan(epochs=4), epoch_s=10.0, photo_s=0.1)
    assert plan.epochs == pytest.approx(4.8, abs=0.1)  # (60 - 6 - 60 × 0.1) / 10
    assert plan.deadline_s == pytest.approx(48, abs=1)
    assert "There is time for about 4.8 epochs" in told[-1]


def test_a_time_that_is_too_short_is_said_and_a_part_of_an_epoch_is_run(coloured: Task, told: list[str]) -> None:
    pytest.importorskip("torch")
    late = replace(coloured, options=TrainOptions(time="1s"), began=time.monotonic())
    plan = fit_to_time(late, _plan(epochs=4), epoch_s=10.0, photo_s=0.1)
    assert plan.epochs == pytest.approx(0.25)
    assert told[0].startswith("--time 1s is too short here: it will take about ")


def _plan(epochs: float):
    import torch

    from whatsit.training.loop.plan import TrainingPlan
    from whatsit.training.loop.schedule import one_cycle

    return TrainingPlan(epochs, 20, 0, "fp32", torch.device("cpu"), one_cycle(), AugmentOptions())

"""The loop's decisions: when it ends, what a deadline leaves room for, which epoch is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models import colours

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from whatsit.data.pixels import decode_photos  # noqa: E402
from whatsit.errors import UserError  # noqa: E402
from whatsit.training.loop.epoch import check_loss, score  # noqa: E402
from whatsit.training.loop.fit import fit  # noqa: E402
from whatsit.training.loop.network import build_network  # noqa: E402
from whatsit.training.loop.optimise import OPTIMISERS, build_optimisers  # noqa: E402
from whatsit.training.loop.pace import count_epochs, is_done  # noqa: E402
from whatsit.training.loop.plan import TrainingPhotos, TrainingPlan  # noqa: E402
from whatsit.training.loop.schedule import SCHEDULES, factor_of, one_cycle  # noqa: E402
from whatsit.training.nets import NETS, fill_defaults  # noqa: E402
from whatsit.training.options import AugmentOptions, NetOptions  # noqa: E402
from whatsit.training.recipes.cnn import complete  # noqa: E402

PLAN = TrainingPlan(
    epochs=4,
    batch=20,
    seed=0,
    precision="fp32",
    device=torch.device("cpu"),
    schedule=one_cycle(),
    augment=AugmentOptions(),
)


def history(*accuracies: float, seconds: float = 10.0) -> list[dict[str, Any]]:
    return [{"val_accuracy": accuracy, "seconds": seconds} for accuracy in accuracies]


def test_it_ends_after_its_epochs() -> None:
    assert not is_done(history(0.1, 0.2, 0.3), PLAN)
    assert is_done(history(0.1, 0.2, 0.3, 0.4), PLAN)


def test_it_ends_early_when_validation_stands_still() -> None:
    patient = replace(PLAN, epochs=100, patience=2)
    assert not is_done(history(0.1, 0.5, 0.4), patient)
    assert is_done(history(0.1, 0.5, 0.4, 0.5), patient)  # a tie is not better


@pytest.mark.parametrize(("pace", "epochs"), [(10.0, 10), (20.0, 5), (5.0, 20), (200.0, 2), (30.0, 10 / 3)])
def test_a_deadline_leaves_room_for_as_many_epochs_as_fit_by_the_pace(pace: float, epochs: int) -> None:
    timed = replace(PLAN, epochs=20, deadline_s=100.0)
    assert count_epochs(history(0.1, 0.2, seconds=pace), timed) == pytest.approx(epochs)


def test_epochs_too_short_to_be_timed_leave_room_for_others() -> None:
    assert count_epochs(history(0.1, seconds=0.0), replace(PLAN, deadline_s=1.0)) > 2


def test_the_best_epochs_weights_are_what_is_left(tmp_path: Any) -> None:
    data = colours(90)
    _, pixels = decode_photos(data, (12, 12))
    photos = TrainingPhotos(pixels, data.labels, np.arange(60), np.arange(60, 90))
    torch.manual_seed(0)
    options = fill_defaults(NetOptions("simple", width=4, depth=1, dense=8), (12, 12))
    network = build_network(NETS["simple"].build((12, 12), 3, options), pixels, photos.train)
    rows = fit(network, photos, build_optimisers(network, replace(options, learning_rate=0.02)), PLAN, tmp_path)
    best = max(rows, key=lambda row: (row["val_accuracy"], -row["val_loss"]))
    loss, accuracy = score(network, photos, photos.val, PLAN)
    assert accuracy == pytest.approx(best["val_accuracy"], abs=1e-5)
    assert loss == pytest.approx(best["val_loss"], abs=1e-4)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_every_optimiser_learns_by_every_schedule(tmp_path: Any, optimiser: str, schedule: str) -> None:
    data = colours(90)
    _, pixels = decode_photos(data, (12, 12))
    photos = TrainingPhotos(pixels, data.labels, np.arange(60), np.arange(60, 90))
    torch.manual_seed(0)
    wanted = NetOptions("simple", width=4, depth=1, dense=8, dropout=0.0, optimiser=optimiser, schedule=schedule)
    options = replace(fill_defaults(wanted, (12, 12)), learning_rate=0.02)
    network = build_network(NETS["simple"].build((12, 12), 3, options), pixels, photos.train)
    plan = replace(PLAN, epochs=10, schedule=factor_of(schedule))
    rows = fit(network, photos, build_optimisers(network, options), plan, tmp_path)
    last_step = 9 / 10 + 2 / 3 / 10  # the third step of the tenth epoch
    assert rows[-1]["learning_rate"] == pytest.approx(0.02 * factor_of(schedule)(last_step))
    assert rows[-1]["loss"] < rows[0]["loss"] / 2
    assert score(network, photos, photos.val, plan)[1] > 0.8


@pytest.mark.parametrize("photos", [3, 40, 1_000, 50_000])
def test_small_sets_get_small_batches_and_more_epochs(photos: int) -> None:
    options = complete(NetOptions(), (32, 32), photos)
    assert options.batch is not None
    assert options.epochs is not None
    assert 1 <= options.batch <= min(500, photos)
    assert 8 <= options.epochs <= 60
    given = complete(NetOptions(epochs=3, batch=7), (32, 32), 50_000)
    assert (given.epochs, given.batch) == (3, 7)


@pytest.mark.parametrize(("rate", "precision"), [(1e30, "fp32"), (1e4, "fp32"), (1e30, "bf16")])
def test_a_training_that_diverges_stops_and_says_what_to_change(tmp_path, rate, precision):
    _, decoded = decode_photos(colours(60), (12, 12))
    options = fill_defaults(NetOptions(net="simple", width=4, depth=1, dense=8), (12, 12))
    network = build_network(NETS["simple"].build((12, 12), 3, options), decoded, np.arange(40))
    photos = TrainingPhotos(decoded, colours(60).labels, np.arange(40), np.arange(40, 60))
    plan = replace(PLAN, rate=rate, precision=precision)
    with pytest.raises(UserError, match="The training diverged in epoch 1: its loss is ") as refusal:
        fit(network, photos, build_optimisers(network.net, replace(options, learning_rate=rate)), plan, tmp_path)
    assert f"--learning-rate {rate / 10:g} (it was {rate:g})" in refusal.value.hint
    assert ("--precision fp32" in refusal.value.hint) == (precision == "bf16")
    assert not any(tmp_path.iterdir())  # nothing is left to go on from


def test_a_loss_that_is_merely_high_is_no_divergence():
    check_loss(60.0, 3, PLAN, 1)
    check_loss(600.0, 1_000, PLAN, 1)
    for loss in (float("nan"), float("inf"), 1e14, 200.0):
        with pytest.raises(UserError, match="diverged"):
            check_loss(loss, 3, PLAN, 2)

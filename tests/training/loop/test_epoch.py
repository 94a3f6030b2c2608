"""One pass over the photos: which are mirrored, how fast it learns, how much of it is run, and the score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models import colours

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from whatsit.data.pixels import decode_photos  # noqa: E402
from whatsit.training.loop.epoch import Pass, are_mirrored, run_epoch, score, set_rates  # noqa: E402
from whatsit.training.loop.network import build_network  # noqa: E402
from whatsit.training.loop.plan import TrainingPhotos, TrainingPlan  # noqa: E402
from whatsit.training.loop.schedule import one_cycle  # noqa: E402
from whatsit.training.options import AugmentOptions  # noqa: E402

PLAN = TrainingPlan(2, 20, 0, "fp32", torch.device("cpu"), one_cycle(), AugmentOptions())


@pytest.fixture
def photos() -> TrainingPhotos:
    data = colours(90)
    _, pixels = decode_photos(data, (12, 12))
    return TrainingPhotos(pixels, data.labels, np.arange(60), np.arange(60, 90))


@pytest.fixture
def network(photos: TrainingPhotos):
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(3, 3))
    return build_network(net, photos.decoded, photos.train)


def optimiser(network) -> torch.optim.Optimizer:
    made = torch.optim.SGD(network.parameters(), 0.5)
    made.param_groups[0]["highest"] = 0.5
    return made


def test_a_photo_is_mirrored_every_second_time_and_half_of_them_at_a_time():
    rows = np.arange(1000)
    first, second = are_mirrored(rows, 1), are_mirrored(rows, 2)
    assert (first != second).all()
    assert 450 < first.sum() < 550
    assert 350 < (first[1:] != first[:-1]).sum() < 750  # and not in the order of the photos


def test_every_group_keeps_its_share_of_the_rate(network):
    one = optimiser(network)
    one.add_param_group({"params": [torch.nn.Parameter(torch.zeros(1))], "lr": 4.0, "highest": 4.0})
    for factor in (0.5, 0.25):  # of the highest rate, not of the one before
        set_rates([one], factor)
    assert [group["lr"] for group in one.param_groups] == [0.125, 1.0]


def test_a_share_of_an_epoch_is_that_share_of_the_photos(network, photos):
    steps: list[int] = []
    run_epoch(network, photos, [optimiser(network)], PLAN, Pass(1, 1, steps=6, share=0.5), steps.append)
    assert steps == [10, 10, 10]
    steps.clear()
    run_epoch(network, photos, [optimiser(network)], PLAN, Pass(1, 1, steps=6, share=0.01), steps.append)
    assert steps == [10]  # one at least


def test_a_step_makes_smaller_what_the_plan_says(network, photos):
    weights = np.array([0.5, 1.0, 3.0], np.float32)
    plan = replace(PLAN, smoothing=0.2, class_weights=weights)
    with torch.no_grad():
        batch, labels = photos.load(photos.train, PLAN.device)
        expected = plan.loss.mean(network(batch), labels, torch.from_numpy(weights), 0.2).item()
        plain = plan.loss.mean(network(batch), labels, None, 0.0).item()
    loss, _right = run_epoch(network, photos, [optimiser(network)], plan, Pass(1, 1, steps=1))
    assert loss == pytest.approx(expected, rel=1e-5)
    assert loss != pytest.approx(plain, rel=1e-2)


def test_an_epoch_learns_and_its_draws_depend_on_the_seed_alone(network, photos):
    before = score(network, photos, photos.val, PLAN)[0]
    content = {name: value.clone() for name, value in network.state_dict().items()}
    first = run_epoch(network, photos, [optimiser(network)], PLAN, Pass(1, 2, 6))
    assert score(network, photos, photos.val, PLAN)[0] < before
    network.load_state_dict(content)
    torch.rand(7)  # what others drew before has no say
    assert run_epoch(network, photos, [optimiser(network)], PLAN, Pass(1, 2, 6)) == first
    network.load_state_dict(content)
    assert run_epoch(network, photos, [optimiser(network)], replace(PLAN, seed=1), Pass(1, 2, 6)) != first


def test_the_score_is_the_mean_over_all_photos_whatever_the_batch(network, photos, monkeypatch):
    from whatsit.training.loop import epoch

    whole = score(network, photos, photos.val, PLAN)
    monkeypatch.setattr(epoch, "VALIDATION_BATCH", 7)
    assert score(network, photos, photos.val, PLAN) == pytest.approx(whole)


def test_each_epoch_and_step_changes_photos_anew(network, photos, monkeypatch):
    from whatsit.training.loop import epoch

    seeds: list[int] = []

    def keep(batch, _options, draw, _mirrored, _part):
        seeds.append(draw.initial_seed())
        return batch

    monkeypatch.setattr(epoch, "change_photos", keep)
    for number in (1, 2):
        run_epoch(network, photos, [optimiser(network)], PLAN, Pass(number, 2, 6))
    assert len(set(seeds)) == len(seeds) == 12

"""Recipe finetune: the whole network learns, from where transfer left it, and is kept only where it is better."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pretrained import coloured

import whatsit
from whatsit.road.train import train
from whatsit.training.options import AugmentOptions, NetOptions, TrainOptions
from whatsit.training.recipes import finetune

torch = pytest.importorskip("torch")


@pytest.fixture
def quick(options):
    net = NetOptions(epochs=2, batch=8, precision="fp32")
    return replace(options, recipe="finetune", net=net, augment=AugmentOptions(augment="none"))


def test_a_folder_becomes_a_model_with_its_heat_map(quick, tmp_path):
    run = train(coloured(tmp_path / "photos", "blue", "red"), quick, "fine", tmp_path / "runs")
    assert len(run.rows("history")) == 2
    assert run.info.card.recipe == "finetune"
    model = whatsit.load(run.folder)
    assert "activation" in model.outputs
    assert not model.facts.is_frozen
    assert model.predict(tmp_path / "photos" / "red" / "0.png").label == "red"


def test_where_training_makes_it_worse_the_network_is_kept_as_it_was(quick, tmp_path):
    photos = coloured(tmp_path / "photos", "blue", "red", photos=16)
    ruinous = replace(quick, net=replace(quick.net, learning_rate=10.0, epochs=1))
    run = train(photos, ruinous, "ruined", tmp_path / "runs")
    assert run.info.card.kept == 0.0
    idle = replace(quick, net=replace(quick.net, learning_rate=1e-30, epochs=1))
    unmoved = train(photos, idle, "unmoved", tmp_path / "runs")
    ours, theirs = ([row["predicted"] for row in found.rows("predictions")] for found in (run, unmoved))
    assert ours == theirs


def test_the_same_seed_gives_the_same_model(quick, tmp_path):
    photos = coloured(tmp_path / "photos", "blue", "red")
    first, second = (train(photos, quick, name, tmp_path / "runs") for name in ("one", "two"))
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)
    answers = [whatsit.load(run.folder).run(pixels)[0] for run in (first, second)]
    np.testing.assert_array_equal(*answers)


def test_the_statistics_of_normalisations_stay_as_published(options):
    from whatsit.training.backbones.convert import find_wanted, load_body
    from whatsit.training.heads.head import Linear
    from whatsit.training.recipes.finetune import _join, _optimiser

    body = load_body(find_wanted(options.transfer))
    head = Linear(np.zeros((1280, 2), np.float32), np.zeros(2, np.float32))
    network = _join(body, head)
    before = network.net.body.layers[0][1].running_mean.clone()
    network.train()
    network(torch.rand(4, 3, 32, 32) * 255).sum().backward()
    assert torch.equal(network.net.body.layers[0][1].running_mean, before)
    rates = [group["lr"] for group in _optimiser(network, 1e-3).param_groups]
    assert rates[0] == 1e-3
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 1e-4


def test_the_default_network_is_trained_on_and_answers_in_the_file_as_in_training(tmp_path, monkeypatch):
    monkeypatch.setattr(finetune, "POINTS", (1.0,))  # these photos are told apart without; what was learnt counts
    net = NetOptions(epochs=2, batch=8, precision="fp32")
    usual = TrainOptions(recipe="finetune", size=64, net=net, augment=AugmentOptions("none"))
    run = train(coloured(tmp_path / "photos", "blue", "green", side=64), usual, "lite", tmp_path / "runs")
    assert run.info.card.backbone == "lite0"
    assert run.info.card.kept == 1.0
    last = run.rows("history")[-1]
    assert float(last["val_accuracy"]) == 1.0
    model = whatsit.load(run.folder)
    assert "activation" in model.outputs
    for row in run.rows("predictions"):
        label = model.predict(tmp_path / "photos" / row["name"]).label
        assert label == row["predicted"] == row["name"].partition("/")[0]

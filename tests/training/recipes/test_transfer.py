"""Recipe transfer: from a folder to a run, with a random network, on drawn photos."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import onnx
import pytest
from pretrained import coloured

import whatsit
from drawing import class_folders
from whatsit.data.dataset import dataset_of
from whatsit.data.photos import Arrays
from whatsit.errors import UserError
from whatsit.evaluating.remeasure import remeasure
from whatsit.files import cache_dir
from whatsit.model.backbones.known import BACKBONES
from whatsit.model.begin import begin
from whatsit.model.strangeness.knowledge import KNOWLEDGE
from whatsit.records import as_json
from whatsit.road.preparing import prepare
from whatsit.road.train import train
from whatsit.store import Store
from whatsit.training.backbones.convert import find_wanted, make_graph
from whatsit.training.options import TrainOptions, TransferOptions
from whatsit.training.recipes.transfer import fit
from whatsit.training.task import Task


def kept() -> int:
    """How many photos went through a network so far."""
    width = Store("features", "", "").record.itemsize
    return sum(file.stat().st_size // width for file in (cache_dir() / "stores" / "features").glob("*/facts"))


@pytest.fixture
def photos(tmp_path, monkeypatch) -> Path:
    """Three classes in a folder, and features of nothing in the cache."""
    (tmp_path / "cache").mkdir()
    for name in ("backbones",):  # the exported network is shared by the tests: it takes seconds
        (cache_dir() / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "cache" / name).symlink_to(cache_dir() / name)
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    return coloured(tmp_path / "photos", "blue", "green", "red")


def test_a_folder_becomes_a_measured_model(photos, options, tmp_path):
    linear = replace(options, transfer=replace(options.transfer, head="linear"))
    run = train(photos, linear, "first", tmp_path / "runs")
    assert run.info.figures.accuracy > 0.6
    assert run.info.card.backbone == "mobilenetv2"
    assert run.info.card.backbone_licence == "Apache-2.0"
    model = whatsit.load(run.folder)
    assert model.predict(photos / "red" / "0.png").label == "red"
    assert "activation" in model.outputs


def test_no_photo_goes_through_the_network_twice(photos, options, tmp_path):
    train(photos, options, "first", tmp_path / "runs")
    assert kept() == 36
    run = train(photos, replace(options, seed=1), "second", tmp_path / "runs")
    assert kept() == 36
    assert run.is_finished


def test_a_new_class_costs_only_its_own_photos_and_moves_none(photos, options, tmp_path):
    first = train(photos, options, "first", tmp_path / "runs")
    coloured(photos, "white", photos=8)
    second = train(photos, options, "second", tmp_path / "runs")
    assert kept() == 36 + 8
    parts = {row["name"]: row["part"] for row in second.rows("split")}
    assert all(parts[row["name"]] == row["part"] for row in first.rows("split"))


def test_the_answers_of_the_file_are_those_that_were_measured(photos, options, tmp_path):
    run = train(photos, options, "first", tmp_path / "runs")
    model = whatsit.load(run.folder)
    for row in run.rows("predictions"):
        answer = model.predict(photos / row["name"])
        assert answer.label == row["predicted"]
        assert answer.probability == pytest.approx(float(row["probability"]), abs=1e-4)
        assert answer.distance == pytest.approx(float(row["distance"]), abs=1e-4)


@pytest.mark.parametrize("head", ["means", "neighbours", "linear", "dense"])
def test_each_head_can_be_asked_for(photos, options, tmp_path, head):
    run = train(photos, replace(options, transfer=replace(options.transfer, head=head)), head, tmp_path / "runs")
    assert run.info.card.head.startswith(head)


def test_a_strength_that_is_given_is_not_compared(photos, options, tmp_path):
    asked = replace(options.transfer, head="linear", strength=0.5)
    run = train(photos, replace(options, transfer=asked), "asked", tmp_path / "runs")
    assert run.info.card.head == "linear, strength 0.5"


def test_changed_copies_are_learnt_from_and_kept_as_well(photos, options, tmp_path):
    asked = replace(options, transfer=replace(options.transfer, views=2))
    first = train(photos, asked, "first", tmp_path / "runs")
    learnt = len([row for row in first.rows("split") if row["part"] == "train"])
    seen = kept()
    assert 36 + learnt < seen <= 36 + 2 * learnt  # a copy may happen to be as another
    second = train(photos, asked, "second", tmp_path / "runs")
    assert kept() == seen
    assert second.rows("history") == first.rows("history")


def test_the_learning_curve_is_told(photos, options, tmp_path):
    asked = replace(options, transfer=replace(options.transfer, learning_curve=True))
    run = train(photos, asked, "curve", tmp_path / "runs")
    assert "learning curve, each of" in run.info.summary
    assert run.info.summary.count("training photos:") == 4


def test_a_time_that_the_network_alone_exceeds_is_said(photos, options, tmp_path, told):
    train(photos, replace(options, time="0.001s"), "hurried", tmp_path / "runs")
    assert "--time 0.001s is too short for a pretrained network" in " ".join(told)
    told.clear()
    train(photos, replace(options, time="1h"), "unhurried", tmp_path / "runs")
    assert "too short" not in " ".join(told)


def test_every_photo_outside_the_test_part_is_learnt_from_and_calibrates(photos, options, tmp_path):
    run = train(photos, options, "first", tmp_path / "runs")
    split = {row["name"]: row["part"] for row in run.rows("split")}
    train_names = [name for name, part in split.items() if part == "train"]
    assert set(split.values()) == {"train", "test"}
    assert [row["name"] for row in run.rows("folds")] == train_names
    limits = whatsit.load(run.folder).facts.thresholds
    assert limits.measured_on == limits.out_of_fold == len(train_names)
    assert (run.info.figures.val.part, run.info.figures.val.n) == ("folds", len(train_names))
    assert remeasure(run).figures == run.info.figures


def test_a_validation_part_that_is_asked_for_is_set_apart_and_calibrates_too(photos, options, tmp_path):
    run = train(photos, replace(options, val=0.2), "first", tmp_path / "runs")
    parts = [row["part"] for row in run.rows("split")]
    limits = whatsit.load(run.folder).facts.thresholds
    assert limits.out_of_fold == parts.count("train") == len(run.rows("folds"))
    assert limits.measured_on == parts.count("train") + parts.count("val")
    assert (run.info.figures.val.part, run.info.figures.val.n) == ("val", parts.count("val"))


def test_what_the_network_knows_to_tell_apart_is_in_the_model_once(photos, options, tmp_path):
    content = (train(photos, options, "first", tmp_path / "runs").folder / "model.onnx").read_bytes()
    names = [constant.name for constant in onnx.load_model_from_string(content).graph.initializer]
    assert "novelty.projection" in names
    assert KNOWLEDGE not in names


def test_three_photos_a_class_are_enough_to_begin_with(options, tmp_path):
    folder = coloured(tmp_path / "few", "blue", "red", photos=3)
    run = train(folder, options, "few", tmp_path / "runs")
    could_be, unlike = run.info.warnings
    assert could_be.startswith("This model cannot rule out any class yet")
    assert "It was tried on 4 photos that it had not learnt from" in could_be
    assert could_be.endswith("takes 19. About 30 more photos of these classes would do.")  # 15 of 6 photos in 4
    assert unlike.startswith("'Not one of these' is set only roughly")
    assert unlike.endswith("99 set it well. About 150 more photos of these classes would do.")


def test_more_classes_than_photos_of_each_can_be_learnt_from(options, tmp_path):
    folder = class_folders(tmp_path / "many", *(f"class{number:02}" for number in range(12)), photos=3)
    run = train(folder, options, "many", tmp_path / "runs")
    assert list(run.info.data.counts.train) == [2] * 12
    assert len(run.info.warnings) == 1  # 24 photos are too few for 1 %


def test_nothing_of_this_machine_is_in_the_file(photos, options, tmp_path):
    run = train(photos, options, "first", tmp_path / "runs")
    content = (run.folder / "model.onnx").read_bytes()
    for word in (str(tmp_path), "site-packages", "whatsit/training", "stack_trace"):
        assert word.encode() not in content


def test_absent_weights_are_named_with_their_place(tmp_path, monkeypatch):
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("WHATSIT_DATA", raising=False)
    with pytest.raises(UserError) as caught:
        find_wanted(TransferOptions(backbone="mobilenetv2"), may_fetch=False)
    assert caught.value.sentence == "The weights of mobilenetv2 are not on this machine, and could not be fetched."
    assert str(tmp_path / "cache" / "weights" / "mobilenetv2.safetensors") in caught.value.hint
    assert "--weights" in caught.value.hint


def test_weights_are_found_in_the_cache_by_any_of_their_names(weights, tmp_path, monkeypatch):
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path))
    (tmp_path / "weights").mkdir()
    for name in ("mobilenetv2.pth", *BACKBONES["mobilenetv2"].files[:1]):
        place = tmp_path / "weights" / name
        place.symlink_to(weights)
        assert find_wanted(TransferOptions(backbone="mobilenetv2"), may_fetch=False).place == place
        place.unlink()


def test_a_backbone_nobody_knows_is_said_with_those_there_are():
    with pytest.raises(UserError, match="no backbone 'mobilnet'") as caught:
        find_wanted(TransferOptions(backbone="mobilnet"))
    assert "mobilenetv2" in caught.value.hint


def test_a_damaged_kept_network_is_made_again(options, tmp_path, monkeypatch):
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path))
    backbone = find_wanted(options.transfer)
    content = make_graph(backbone, (32, 32))
    (file,) = (cache_dir() / "backbones").glob("*-32x32-*.onnx")
    os.truncate(file, file.stat().st_size // 2)
    assert make_graph(backbone, (32, 32)) == content


def test_the_same_command_gives_the_same_figures(photos, options, tmp_path):
    first = train(photos, options, "undisturbed", tmp_path / "runs")
    history = (first.folder / "history.csv").read_text()
    again = train(photos, options, "again", tmp_path / "runs")
    assert (again.folder / "history.csv").read_text() == history
    assert json.loads((again.folder / "run.json").read_text())["figures"] == as_json(first.info.figures)
    assert np.array_equal(again.rows("predictions"), first.rows("predictions"))


def test_copies_lie_in_one_fold_though_the_data_set_has_groups_of_its_own(options, tmp_path):
    random = np.random.default_rng(0)
    different = random.integers(0, 256, (40, 32, 32, 3), np.uint8)  # noise: only a copy tells a photo's class
    pictures = np.repeat(different, 2, axis=0)
    labels = np.repeat(random.integers(0, 2, 40), 2)
    photos = Arrays(pictures, [f"{row}" for row in range(80)], "noise")
    dataset = dataset_of("noise", photos, [("blue", "red")[label] for label in labels], groups=np.arange(80))
    nearest = replace(options, transfer=replace(options.transfer, head="neighbours"))
    trained = fit(Task(prepare(dataset, nearest), nearest, tmp_path))
    by_one = next(row for row in trained.history if row["candidate"] == "neighbours, neighbours 1")
    assert by_one["accuracy"] < 0.7  # with its copy to learn from, every photo is named right


def test_stages_before_the_last_layer_are_compared_with_it_and_the_file_answers_so(photos, tmp_path):
    wanted = TrainOptions(recipe="transfer", size=48, transfer=TransferOptions(head="linear"))
    run = train(photos, wanted, "stages", tmp_path / "runs")
    compared = {row["candidate"].partition(",")[0] for row in run.rows("history")}
    assert compared == {"linear", "linear with stages"}
    assert run.info.card.backbone == "lite0"
    model = whatsit.load(run.folder)
    assert "activation" in model.outputs
    for row in run.rows("predictions"):
        answer = model.predict(photos / row["name"])
        assert answer.probability == pytest.approx(float(row["probability"]), abs=1e-4)
        assert answer.distance == pytest.approx(float(row["distance"]), abs=1e-4)


def test_a_run_that_0_1_0_left_unfinished_goes_on_with_the_words_it_is_refused_with(photos, weights, tmp_path):
    known = cache_dir() / "weights" / "mobilenetv2.pth"
    known.parent.mkdir(parents=True)
    known.symlink_to(weights)
    usual = TrainOptions(recipe="transfer", size=32)
    begun = as_json(begin(tmp_path / "runs" / "old", str(photos), usual, TrainOptions(), None))
    begun["options"]["transfer"]["backbone"] = "mobilenetv2"  # which nobody had to name then
    for newer in ("face_network", "weights"):
        del begun["options"]["transfer"][newer]
    (tmp_path / "runs" / "old" / "run.json").write_text(json.dumps({**begun, "format": 1, "whatsit": "0.1.0"}))
    with pytest.raises(UserError, match="--backbone mobilenetv2") as caught:
        train(photos, usual, "old", tmp_path / "runs")
    assert "To go on with it, give these with its command: whatsit train" in caught.value.hint
    run = train(photos, replace(usual, transfer=TransferOptions(backbone="mobilenetv2")), "old", tmp_path / "runs")
    assert run.is_finished
    assert run.info.card.backbone == "mobilenetv2"


@pytest.mark.parametrize("recipe", ["transfer", "finetune"])
@pytest.mark.parametrize("side", [1, 3, 31])
def test_a_size_at_which_a_network_sees_nothing_is_refused(recipe, side):
    find_size = import_module(f"whatsit.training.recipes.{recipe}").size
    with pytest.raises(UserError, match=f"At {side} × {side} pixels a pretrained network sees nothing"):
        find_size(None, TrainOptions(recipe=recipe, size=side))
    assert find_size(None, TrainOptions(recipe=recipe, size=32)) == (32, 32)

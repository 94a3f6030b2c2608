"""What is tried besides the first way where a time is asked for, and when it is kept."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pretrained import coloured, random_weights

from whatsit import events
from whatsit.data.dataset import Dataset, dataset_of
from whatsit.data.photos import Arrays
from whatsit.evaluating.remeasure import remeasure
from whatsit.model.backbones.known import BACKBONES
from whatsit.model.finish import Trained
from whatsit.model.run import open_run
from whatsit.options import choose
from whatsit.road import tries
from whatsit.road.preparing import prepare
from whatsit.road.train import train
from whatsit.road.tries import LOG, list_ways, try_ways
from whatsit.training.options import AugmentOptions, NetOptions, TrainOptions, TransferOptions
from whatsit.training.recipes import finetune, transfer
from whatsit.training.task import Task

pytest.importorskip("torch", reason="training a network on needs the extra 'train'")

HOUR = TrainOptions(time="1h")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_weights(tmp_path_factory.mktemp("weights"))


def mistaken(task: Task) -> Trained:
    """What recipe transfer gives, but that it names hardly any photo right that it has not seen."""
    found = transfer.fit(task)
    assert found.held_out is not None
    return replace(found, held_out=replace(found.held_out, logits=-found.held_out.logits))


@pytest.fixture
def told() -> Iterator[list[str]]:
    texts: list[str] = []
    with events.listening(lambda event: texts.append(event.text) if isinstance(event, events.Note) else None):
        yield texts


def asked(weights: Path, **more: object) -> TrainOptions:
    """Recipe transfer on a network of a file, and how the network would be trained on."""
    return replace(
        TrainOptions(
            recipe="transfer",
            size=32,
            time="1h",
            net=NetOptions(epochs=1, batch=8, learning_rate=1e-6, precision="fp32"),
            augment=AugmentOptions("none"),
            transfer=TransferOptions(backbone="mobilenetv2", weights=str(weights), head="linear", strength=0.001),
        ),
        **more,  # type: ignore[arg-type]
    )


def task_of(dataset: Dataset, options: TrainOptions, checkpoint: Path) -> Task:
    checkpoint.mkdir(exist_ok=True)
    return Task(prepare(dataset, options), options, checkpoint)


def colours(count: int = 80) -> Dataset:
    """Photos of two colours."""
    random = np.random.default_rng(0)
    array = random.integers(0, 80, (count, 32, 32, 3)).astype(np.uint8)
    array[::2, ..., 0] += np.uint8(150)
    array[1::2, ..., 2] += np.uint8(150)
    return dataset_of(
        "colours", Arrays(array, [str(row) for row in range(count)], "x"), ["red", "blue"] * (count // 2)
    )


def weaves(count: int = 60) -> Dataset:
    """Photos of 64 pixels, half of them woven so finely that nothing of it is left at 32."""
    random = np.random.default_rng(0)
    levels = random.integers(90, 160, (count, 1, 1, 1))
    fine = (np.indices((64, 64)).sum(0) % 2 * 2 - 1)[None, :, :, None]
    contrast = np.where(np.arange(count) % 2, 70, 0)[:, None, None, None]
    array = (levels + contrast * fine + np.zeros((1, 1, 1, 3), int)).astype(np.uint8)
    labels = ["plain", "woven"] * (count // 2)
    return dataset_of("weaves", Arrays(array, [str(row) for row in range(count)], "x"), labels)


def test_without_a_time_or_with_folds_or_from_nothing_no_other_way_is_tried() -> None:
    photos = colours(4)
    assert list_ways(photos, TrainOptions(), "transfer") == ()
    assert list_ways(photos, replace(HOUR, folds=3), "transfer") == ()
    assert list_ways(photos, HOUR, "cnn") == ()


def test_each_way_is_tried_only_where_the_options_leave_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BACKBONES.own, "lite0", replace(BACKBONES["lite0"], size=16, larger=24))
    photos = colours(4)

    def ways(**choices: object) -> tuple[str, ...]:
        options = choose(TrainOptions, HOUR, choices)
        return list_ways(photos, options, "transfer")

    assert ways() == ("larger", "finetune")
    assert ways(recipe="transfer") == ("larger",)
    assert ways(size=24) == ("finetune",)
    assert ways(head="means") == ("larger",)
    assert ways(backbone="vgg16") == ("finetune",)
    monkeypatch.setitem(BACKBONES.own, "lite0", replace(BACKBONES["lite0"], size=32))
    assert ways() == ("finetune",)  # the photos have no more to show


def test_the_network_trained_on_is_kept_where_it_is_better_beyond_chance(
    weights: Path, tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tries, "fit_frozen", mistaken)
    task = task_of(colours(), asked(weights), tmp_path / "checkpoint")
    best = try_ways(task, ("finetune",))
    assert best.task.options.recipe == "finetune"
    assert best.trained.card.recipe == "finetune"
    assert "Within --time 1h: the network trained on named" in told[-1]
    assert told[-1].endswith("(kept).")
    assert told[-1] in best.trained.summary
    parts, before = best.task.split.parts, task.split.parts
    assert (parts == "val").sum() == 10  # of 68: fifteen in a hundred
    assert ((parts == "test") == (before == "test")).all()


def test_where_it_is_no_better_the_first_way_stays(weights: Path, tmp_path: Path, told: list[str]) -> None:
    task = task_of(colours(), asked(weights), tmp_path / "checkpoint")
    best = try_ways(task, ("finetune",))
    assert best.task is task
    assert best.trained.card.recipe == "transfer"
    assert told[-1].endswith("(not better beyond chance).")


def test_larger_photos_are_kept_where_they_show_what_smaller_ones_do_not(
    weights: Path, tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BACKBONES.own, "mobilenetv2", replace(BACKBONES["mobilenetv2"], size=32, larger=64))
    task = task_of(weaves(), asked(weights, size=None), tmp_path / "checkpoint")
    best = try_ways(task, ("larger",))
    assert best.task.options.size == 64
    assert best.task.decoded.size == (64, 64)
    assert "64 pixels named" in told[-1]
    plain = try_ways(task_of(colours(), asked(weights, size=None), tmp_path / "plain"), ("larger",))
    assert plain.task.options.size is None
    assert plain.task.decoded.size == (32, 32)


def test_what_would_take_longer_than_the_time_that_is_left_is_not_begun(
    weights: Path, tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BACKBONES.own, "mobilenetv2", replace(BACKBONES["mobilenetv2"], size=32, larger=64))
    task = task_of(weaves(), asked(weights, size=None, time="0.01s"), tmp_path / "checkpoint")
    best = try_ways(task, ("larger", "finetune"))
    assert best.task is task
    assert "64 pixels not tried, it would take about" in told[-1]
    assert "the network trained on not tried, it would take more than" in told[-1]
    kept = json.loads((task.checkpoint / LOG).read_text())
    assert all("not tried" in words for words in kept.values())
    hour = replace(task, options=replace(task.options, time="1h"))
    assert try_ways(hour, ("larger", "finetune")).task is hour  # a killed run keeps to what it had found
    assert told[-1].count("not tried") == 2


def test_a_way_that_fails_is_said_and_the_first_one_stays(weights: Path, tmp_path: Path, told: list[str]) -> None:
    options = asked(weights)
    options = replace(options, net=replace(options.net, learning_rate=1e30))
    best = try_ways(task_of(colours(), options, tmp_path / "checkpoint"), ("finetune",))
    assert best.trained.card.recipe == "transfer"
    assert "training the network on came to nothing (The training diverged in epoch 1" in told[-1]


def test_a_run_says_what_was_kept_and_how_to_repeat_it(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BACKBONES.own, "mobilenetv2", replace(BACKBONES["mobilenetv2"], size=32, larger=64))
    monkeypatch.setattr(finetune, "EPOCHS", 1)
    photos = coloured(tmp_path / "photos", "blue", "red", photos=16, side=64)
    options = TrainOptions(time="1h", transfer=TransferOptions(backbone="mobilenetv2", weights=str(weights)))
    run = train(photos, options, None, tmp_path / "runs")
    assert run.name == "photos-auto"
    assert run.info.recipe == "transfer"
    assert run.info.option("size") is None
    assert "--time 1h" in " ".join(run.info.command)
    assert "--recipe" not in run.info.command
    assert "Within --time 1h: 64 pixels named" in run.info.summary
    assert remeasure(open_run(run.folder)).figures == run.info.figures
    again = train(photos, options, "again", tmp_path / "runs")
    assert again.rows("predictions") == run.rows("predictions")


SCRIPT = """
import sys
sys.path[:0] = {paths!r}
from pathlib import Path
from test_tries import asked, colours, mistaken
from dataclasses import replace
from whatsit.road import tries, train as road
from whatsit.training.options import AugmentOptions, NetOptions
from whatsit.training.recipes import finetune
from whatsit import events
finetune.EPOCHS, tries.fit_frozen = 3, mistaken
options = replace(asked(Path(sys.argv[2])), recipe="auto", net=NetOptions(), augment=AugmentOptions())
options = replace(options, transfer=replace(options.transfer, head="auto", strength=0.001))
with events.listening(lambda event: print(event, file=sys.stderr)):
    road.train(colours(40), options, "killed", Path(sys.argv[1]))
"""


@pytest.mark.timeout(900)  # three trainings in processes of their own, on a machine that may be busy
@pytest.mark.slow
def test_a_killed_run_goes_on_with_the_way_that_it_had_begun(weights: Path, tmp_path: Path) -> None:
    tests = Path(__file__).parents[1]
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(paths=[str(tests / "road"), str(tests / "training"), str(tests)]))
    environment = os.environ | {"PYTHONPATH": str(tests.parent / "src")}

    def begin(runs: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, script, tmp_path / runs, weights]
        return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)

    run = tmp_path / "b" / "killed"
    process = begin("b")
    deadline = time.monotonic() + 240
    kept = run / "checkpoint" / "finetune" / "epoch.pt"
    while not kept.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert kept.exists(), "it was not caught in the middle of its training"
    assert json.loads((run / "checkpoint" / LOG).read_text()) == {"finetune": ""}
    _, notes = begin("b").communicate(timeout=240)
    assert b"Going on after epoch" in notes
    assert b"Timing this machine" not in notes
    _, notes = begin("a").communicate(timeout=240)
    assert b"(kept)" in notes
    models = [(tmp_path / runs / "killed" / "model.onnx").read_bytes() for runs in ("a", "b")]
    assert models[0] == models[1]
    assert not (run / "checkpoint").exists()

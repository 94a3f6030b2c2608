"""The road from data to a measured run: what is written, that it repeats, that it survives a kill."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drawing import class_folders, put
from models import colours

pytest.importorskip("torch", reason="training needs the extra 'train'")

from whatsit import events
from whatsit.data.dataset import Dataset
from whatsit.errors import UserError
from whatsit.evaluating.remeasure import remeasure
from whatsit.files import hold_lock
from whatsit.model.begin import begin
from whatsit.model.classifier import load
from whatsit.model.container import read_facts
from whatsit.model.run import open_run, write_info
from whatsit.road.train import train
from whatsit.training.options import AugmentOptions, ClassicalOptions, NetOptions, TrainOptions

QUICK = TrainOptions(
    recipe="cnn",
    net=NetOptions(net="simple", epochs=5, width=8, depth=1, dense=16, learning_rate=0.01, precision="fp32"),
)


@pytest.fixture(scope="module")
def data() -> Dataset:
    return colours(120)


def test_a_run_holds_all_it_promises(data: Dataset, tmp_path: Path) -> None:
    run = train(data, QUICK, "first", tmp_path)
    names = sorted(file.name for file in run.folder.iterdir())
    assert names == [
        "README.md",
        "confusion.csv",
        "history.csv",
        "model.onnx",
        "next.json",
        "predictions.csv",
        "report.html",
        "run.json",
        "skipped.csv",
        "split.csv",
        "weights.safetensors",
    ]
    assert open_run(run.folder).is_finished
    assert len(run.rows("history")) == 5
    assert len(run.rows("split")) == 120
    assert run.info.figures.n == len(run.rows("predictions"))
    assert run.info.figures.accuracy > 0.5  # three colours: chance is a third


def test_a_name_that_no_run_can_have_is_changed_with_a_word(data: Dataset, tmp_path: Path) -> None:
    heard: list[events.Event] = []
    with events.listening(heard.append):
        run = train(data, QUICK, "../my pets", tmp_path / "runs")
    assert run.folder == tmp_path / "runs" / "my-pets"
    said = [one.text for one in heard if isinstance(one, events.Note)]
    assert any(text.startswith(f"The run goes into {run.folder}: ") for text in said)


def test_a_model_of_ones_own_is_asked_at_once(
    data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not first in a process of its own, as one from elsewhere is."""
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    run = train(data, QUICK, "own", tmp_path)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert load(run.folder).classes == data.classes


def test_the_model_alone_answers_as_the_run_was_measured(data: Dataset, tmp_path: Path) -> None:
    run = train(data, QUICK, "alone", tmp_path)
    model = load(run.folder)
    row = run.rows("predictions")[0]
    picture = data.photos.read(list(data.photos.names).index(row["name"]))
    answer = model.predict(picture)
    assert answer.label == row["predicted"]
    assert answer.probability == pytest.approx(float(row["probability"]), abs=1e-5)
    assert model.facts.card.test.of == run.info.figures.n


def test_the_same_seed_gives_the_same_file_to_the_byte(data: Dataset, tmp_path: Path) -> None:
    first = train(data, QUICK, "same", tmp_path / "a")
    second = train(data, QUICK, "same", tmp_path / "b")
    assert (first.folder / "model.onnx").read_bytes() == (second.folder / "model.onnx").read_bytes()


def test_the_file_tells_nothing_of_the_machine_that_made_it(data: Dataset, tmp_path: Path) -> None:
    content = (train(data, QUICK, "private", tmp_path).folder / "model.onnx").read_bytes()
    for secret in (str(Path.home()), str(tmp_path), str(Path(__file__).parents[2]), "site-packages", ".py"):
        assert secret.encode() not in content, secret


def test_a_finished_run_of_that_name_is_not_touched(data: Dataset, tmp_path: Path) -> None:
    run = train(data, QUICK, "done", tmp_path)
    before = (run.folder / "model.onnx").read_bytes()
    with pytest.raises(UserError, match="There is a finished run 'done' already"):
        train(data, QUICK, "done", tmp_path)
    assert (run.folder / "model.onnx").read_bytes() == before


def test_a_stopped_run_of_other_options_is_not_gone_on_with(data: Dataset, tmp_path: Path) -> None:
    stopped = tmp_path / "stopped"
    write_info(stopped, begin(stopped, "other", QUICK, TrainOptions(), None))
    with pytest.raises(UserError, match="begun with other options"):
        train(data, QUICK, "stopped", tmp_path)


def test_a_folder_of_something_else_is_left_alone(data: Dataset, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear diary")
    with pytest.raises(UserError, match="has something else in it"):
        train(data, QUICK, "mine", tmp_path)
    assert [entry.name for entry in (tmp_path / "mine").iterdir()] == ["diary.txt"]


def test_a_run_that_is_being_trained_is_refused_before_photos_are_read(tmp_path: Path) -> None:
    with (
        hold_lock(tmp_path / "held" / ".lock", ""),
        pytest.raises(UserError, match="The run 'held' is being trained by another whatsit right now"),
    ):
        train(tmp_path / "no photos", QUICK, "held", tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="a folder that takes files from nobody, be it root")
@pytest.mark.parametrize("name", ["new", None])
def test_that_a_run_cannot_be_written_is_said_before_photos_are_read(tmp_path: Path, name: str | None) -> None:
    with pytest.raises(UserError, match=r"'/proc/x(/new)?' could not be written"):
        train(tmp_path / "no photos", QUICK, name, Path("/proc/x"))


def test_where_no_photos_can_be_read_nothing_is_left_of_a_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no photos"):
        train(tmp_path / "no photos", QUICK, "new", tmp_path / "runs")
    assert not any(tmp_path.iterdir())


def test_training_goes_on_from_an_earlier_run(data: Dataset, tmp_path: Path) -> None:
    first = train(data, QUICK, "first", tmp_path)
    options = TrainOptions(recipe="cnn", net=QUICK.net, augment=AugmentOptions(shift=0.1, flip=True))
    second = train(data, options, "second", tmp_path, earlier=first.folder)
    losses = [float(run.rows("history")[0]["loss"]) for run in (first, second)]
    assert losses[1] < losses[0]
    assert second.info.from_ == "first"


def test_another_net_cannot_go_on_from_a_run(data: Dataset, tmp_path: Path) -> None:
    first = train(data, QUICK, "first", tmp_path)
    wider = TrainOptions(recipe="cnn", net=NetOptions(net="simple", epochs=1, width=12, depth=1, dense=16))
    with pytest.raises(UserError, match="has another network"):
        train(data, wider, "second", tmp_path, earlier=first.folder)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (TrainOptions(recipe="cnn", net=NetOptions(epochs=0)), "--epochs 0 makes no training"),
        (TrainOptions(recipe="cnn", net=NetOptions(net="slow")), "There is no net 'slow'"),
        (TrainOptions(recipe="cnn", net=NetOptions(learning_rate=-1.0)), "makes no training"),
        (TrainOptions(recipe="cnn", time="soon"), "--time 'soon' is no length of time"),
        (TrainOptions(recipe="cnn", val=1.5), "--val 1.5 is no share"),
        (TrainOptions(recipe="cnn", val=0.9 - 1e-9), "leave too little to train on"),
        (TrainOptions(recipe="cnn", seed=10**20), "--seed 100000000000000000000 is no seed"),
        (TrainOptions(recipe="cnns"), "There is no recipe 'cnns'"),  # type: ignore[arg-type]
    ],
)
def test_wrong_options_are_a_sentence(data: Dataset, tmp_path: Path, options: TrainOptions, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        train(data, options, "wrong", tmp_path)


@pytest.mark.parametrize(
    ("options", "earlier", "sentence"),
    [
        (TrainOptions(time="1x"), None, "--time '1x' is no length of time"),
        (TrainOptions(folds=1), None, "--folds 1"),
        (TrainOptions(classes="a"), None, "--classes has 'a'"),
        (TrainOptions(seed=-1), None, "--seed -1 is no seed"),
        (TrainOptions(val=1.5), None, "--val 1.5 is no share"),
        (TrainOptions(recipe="cnns"), None, "There is no recipe 'cnns'"),  # type: ignore[arg-type]
        (TrainOptions(net=NetOptions(epochs=0)), None, "--epochs 0 makes no training"),
        (TrainOptions(all_corrections=True), None, "--all-corrections does nothing without --from"),
        (TrainOptions(), Path("nothere"), "There is no run in 'nothere'"),
    ],
)
def test_what_is_wrong_in_itself_is_said_before_photos_are_read(
    tmp_path: Path, options: TrainOptions, earlier: Path | None, sentence: str
) -> None:
    with pytest.raises(UserError, match=re.escape(sentence)):
        train(tmp_path / "no photos", options, "wrong", tmp_path, earlier=earlier)


def test_a_photo_unlike_all_others_is_none_of_these(tmp_path: Path) -> None:
    net = NetOptions(net="simple", epochs=5, width=16, depth=1, dense=64, learning_rate=0.005, precision="fp32")
    model = load(train(colours(600), TrainOptions(recipe="cnn", net=net), "novel", tmp_path).folder)
    checks = (np.indices((12, 12)).sum(0) % 2 * 255).astype(np.uint8)
    assert not model.predict(checks).known
    halves = np.zeros((12, 12, 3), np.uint8)
    halves[:, :6] = (255, 0, 255)
    assert not model.predict(halves).known
    plain = np.full((12, 12, 3), (60, 80, 200), np.uint8)
    assert model.predict(plain).label == "blue"


def test_a_name_that_is_taken_is_refused_before_recipes_are_tried(tmp_path: Path) -> None:
    shop = class_folders(tmp_path / "shop", "cup", "jug", photos=30)
    quick = ClassicalOptions(features="raw", models="logistic")
    train(shop, TrainOptions(recipe="classical", size=32, classical=quick), "shop-transfer", tmp_path)
    told: list[str] = []
    with (
        events.listening(lambda event: told.append(str(event))),
        pytest.raises(UserError, match="There is a finished run 'shop-transfer' already"),
    ):
        train(shop, None, None, tmp_path)
    assert "two recipes are tried" not in " ".join(told)
    assert "Reading the data set" in " ".join(told)


SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from drawing import class_folders, put
from models import colours
from whatsit import events
from whatsit.road.train import train
from whatsit.training.options import NetOptions, TrainOptions
steps = dict(zip(("optimiser", "schedule"), sys.argv[2:]))
net = NetOptions(net="simple", epochs=12, width=8, depth=1, dense=16, precision="fp32", **steps)
with events.listening(lambda event: print(event, file=sys.stderr)):
    train(colours(400), TrainOptions(recipe="cnn", net=net), "killed", Path(sys.argv[1]))
"""


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param((), id="usual"),
        pytest.param(("sgd", "steps"), marks=pytest.mark.slow),
        pytest.param(("rmsprop", "constant"), marks=pytest.mark.slow),
    ],
)
def test_a_killed_training_goes_on_and_ends_with_the_undisturbed_model(
    tmp_path: Path, steps: tuple[str, ...]
) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(tests=str(Path(__file__).parents[1])))
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}

    def begin(runs: str) -> subprocess.Popen[bytes]:
        call = [sys.executable, script, tmp_path / runs, *steps]
        return subprocess.Popen(call, env=environment, stderr=subprocess.PIPE)

    checkpoint = tmp_path / "b" / "killed" / "checkpoint" / "epoch.pt"
    process = begin("b")
    deadline = time.monotonic() + 240
    while not checkpoint.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert checkpoint.exists(), "it was not caught in the middle of its training"
    assert not json.loads((tmp_path / "b" / "killed" / "run.json").read_text()).get("finished")
    again = begin("b")
    _, notes = again.communicate(timeout=240)
    assert b"Going on after epoch" in notes
    begin("a").communicate(timeout=240)
    models = [(tmp_path / runs / "killed" / "model.onnx").read_bytes() for runs in ("a", "b")]
    assert read_facts(models[0]) == read_facts(models[1])
    assert models[0] == models[1]


def test_a_run_says_the_command_that_repeats_it(data: Dataset, tmp_path: Path) -> None:
    options = replace(QUICK, augment=AugmentOptions(augment="none", flip=True, shift=0.1), seed=3)
    run = train(data, options, "first", tmp_path)
    assert " ".join(run.info.command) == (
        f"whatsit train colours --name first --runs {tmp_path} --recipe cnn --seed 3 --net simple --depth 1 "
        "--width 8 --dense 16 --epochs 5 --learning-rate 0.01 --precision fp32 --augment none --shift 0.1 --flip"
    )


def test_a_run_says_by_which_steps_it_learnt(data: Dataset, tmp_path: Path) -> None:
    net, told = replace(QUICK.net, optimiser="sgd", schedule="steps"), []
    with events.listening(lambda event: told.append(str(event))):
        run = train(data, replace(QUICK, net=net), "first", tmp_path)
    assert (run.info.options["net"]["optimiser"], run.info.options["net"]["schedule"]) == ("sgd", "steps")
    assert "--optimiser sgd --schedule steps --learning-rate 0.01" in " ".join(run.info.command)
    assert any("sgd at 0.01, steps" in sentence for sentence in told)


def test_a_stopped_run_is_not_gone_on_with_by_another_optimiser(data: Dataset, tmp_path: Path) -> None:
    run = train(data, QUICK, "first", tmp_path)
    info = json.loads((run.folder / "run.json").read_text())
    del info["options"]["net"]["optimiser"], info["options"]["net"]["schedule"]  # as 0.1.0 wrote it
    info["finished"] = None
    (run.folder / "run.json").write_text(json.dumps(info))
    with pytest.raises(UserError, match="was begun with other options or data") as refused:
        train(data, replace(QUICK, net=replace(QUICK.net, optimiser="rmsprop")), "first", tmp_path)
    assert "without --optimiser" in str(refused.value)
    train(data, QUICK, "first", tmp_path)


def test_a_run_with_corrections_is_measured_again_on_all_it_had(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pets = class_folders(tmp_path / "pets", "cat", "dog", photos=20)
    first = train(pets, QUICK, "first", tmp_path)
    put(first.folder / "corrections" / "dog" / "put right.png", seed=77)
    second = train(pets, QUICK, "second", tmp_path, first.folder)
    assert [row["part"] for row in second.rows("split") if "corrections" in row["name"]] == ["train"]
    assert list(second.info.command[-2:]) == ["--from", str(first.folder)]
    before = second.info.figures
    assert remeasure(open_run(second.folder)).figures == before
    assert "gone" not in caplog.text

"""Loggers that are told of a training: real ones, read back by their own clients."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import whatsit
from models import colours
from whatsit import events
from whatsit.errors import UserError
from whatsit.events import Event, Warn
from whatsit.model.run import Run
from whatsit.tracking import TRACKERS, tracking
from whatsit.tracking.tracker import epoch_figures, flatten

QUICK = {"recipe": "classical", "features": "colour", "models": "logistic", "search_folds": 3}
EPOCHS = [
    {"epoch": 1, "loss": 1.5, "val_accuracy": 0.5, "seconds": 0.1},
    {"epoch": 2, "loss": 1.0, "val_accuracy": 0.7, "seconds": 0.1},
]
PATIENCE_S = 90


class Server:
    """MLflow's own server, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "mlflow", "server", "--port", str(port), "--workers", "1"]
        store = [
            "--backend-store-uri",
            f"sqlite:///{folder / 'mlflow.db'}",
            "--artifacts-destination",
            str(folder),
        ]
        self._process = subprocess.Popen(
            [*command, *store],
            cwd=folder,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait(port)

    def _wait(self, port: int) -> None:
        for _ in range(PATIENCE_S * 5):
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", port)) == 0:
                    return
            assert self._process.poll() is None, "MLflow's server ended"
            time.sleep(0.2)
        raise AssertionError("MLflow's server did not begin to listen")

    def kill(self) -> None:
        """End it with all its processes, as a machine that goes down does."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    if not has("mlflow") or not has("sqlalchemy"):
        pytest.skip("needs mlflow with its server")
    started = Server(tmp_path)
    yield started
    started.kill()


def has(library: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(library) is not None


def tell_epochs(rows: list[dict[str, float]]) -> None:
    for row in rows:
        events.epoch(row, len(rows), 100)


def break_off() -> None:
    """Two epochs, and then something goes wrong."""
    tell_epochs(EPOCHS)
    raise ZeroDivisionError


def trained(tmp_path: Path, track: str) -> Run:
    return whatsit.train(colours(90), name="colours", runs=tmp_path / "runs", track=track, **QUICK)


@pytest.mark.slow
def test_mlflow_has_the_training_whole(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from mlflow import MlflowClient

    run = trained(tmp_path, f"mlflow:{server.address}")
    assert capsys.readouterr().out == ""
    client = MlflowClient(server.address)
    (found,) = client.search_runs([client.get_experiment_by_name("whatsit").experiment_id])
    assert found.info.status == "FINISHED"
    assert found.info.run_name == "colours"
    assert found.data.params["recipe"] == "classical"
    assert found.data.metrics["test/accuracy"] == pytest.approx(run.info.figures.accuracy)
    assert found.data.tags["whatsit.recipe"] == "classical"
    names = {one.path for one in client.list_artifacts(found.info.run_id)}
    assert {"model.onnx", "report.html", "README.md", "run.json"} <= names
    fetched = Path(client.download_artifacts(found.info.run_id, "model.onnx", str(tmp_path)))
    assert fetched.read_bytes() == (run.folder / "model.onnx").read_bytes()


@pytest.mark.slow
def test_mlflow_has_every_epoch_and_how_a_training_that_broke_off_ended(server: Server) -> None:
    from mlflow import MlflowClient

    wanted = {"recipe": "cnn", "net": {"epochs": 2}}
    with pytest.raises(ZeroDivisionError), tracking([f"mlflow:{server.address}"], "broken", wanted):
        break_off()
    client = MlflowClient(server.address)
    (found,) = client.search_runs([client.get_experiment_by_name("whatsit").experiment_id])
    assert found.info.status == "FAILED"
    assert found.data.params == {"recipe": "cnn", "net.epochs": "2"}
    history = client.get_metric_history(found.info.run_id, "loss")
    assert [(one.step, one.value) for one in history] == [(1, 1.5), (2, 1.0)]


@pytest.mark.slow
def test_a_server_that_dies_is_told_of_once_and_training_goes_on(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    heard: list[Event] = []
    with events.listening(heard.append), tracking([f"mlflow:{server.address}"], "doomed", {}) as finish:
        tell_epochs(EPOCHS[:1])
        server.kill()
        tell_epochs(EPOCHS[1:])
        run = whatsit.train(colours(90), name="colours", runs=tmp_path / "runs", **QUICK)
        finish(run)
    assert run.is_finished
    warned = [one.text for one in heard if isinstance(one, Warn) and "MLflow" in one.text]
    assert len(warned) == 1
    assert "hears no more" in warned[0]
    assert "the training goes on" in warned[0]


def test_a_server_that_is_not_there_is_named_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(UserError, match="does not take a training"):
        trained(tmp_path, "mlflow:http://127.0.0.1:9")
    assert not (tmp_path / "runs").exists()


def test_tensorboard_reads_what_is_written(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    place = tmp_path / "board"
    with tracking([f"tensorboard:{place}"], "a name/with marks", {"recipe": "cnn"}) as finish:
        tell_epochs(EPOCHS)
        run = whatsit.train(colours(90), name="colours", runs=tmp_path / "runs", **QUICK)
        finish(run)
    (folder,) = place.iterdir()
    seen = EventAccumulator(str(folder))
    seen.Reload()
    assert [(one.step, one.value) for one in seen.Scalars("loss")] == [(1, 1.5), (2, 1.0)]
    assert seen.Scalars("test/accuracy")[0].value == pytest.approx(run.info.figures.accuracy)
    assert b"| recipe | cnn |" in seen.Tensors("options")[0].tensor_proto.string_val[0]


def test_wandb_keeps_a_training_on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    for name in ("WANDB_CACHE_DIR", "WANDB_DATA_DIR", "WANDB_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "wandb-own"))
    with tracking(["wandb:birds"], "robins", {"recipe": "cnn"}) as finish:
        tell_epochs(EPOCHS)
        finish(whatsit.train(colours(90), name="colours", runs=tmp_path / "runs", **QUICK))
    (kept,) = tmp_path.glob("wandb/offline-run-*/*.wandb")
    wanted = (b"birds", b"val_accuracy", b"test/calibration_error")
    for _ in range(PATIENCE_S * 5):  # wandb's own process writes on after it has said that it has ended
        if all(name in kept.read_bytes() for name in wanted):
            break
        time.sleep(0.2)
    assert [name for name in wanted if name not in kept.read_bytes()] == []


class Recorder:
    """A logger of the test's own."""

    label = "The recorder"

    def __init__(self, breaks_at: str = "") -> None:
        self.heard: list[Any] = []
        self._breaks_at = breaks_at

    def begin(self, name: str, parameters: Any) -> None:
        self._hear("begin", name, flatten(parameters))

    def log_epoch(self, step: float, figures: Any) -> None:
        self._hear("epoch", step, dict(figures))

    def finish(self, run: Run) -> None:
        self._hear("finish", run.name)

    def fail(self) -> None:
        self._hear("fail")

    def _hear(self, *told: Any) -> None:
        self.heard.append(told)
        if told[0] == self._breaks_at:
            raise OSError("the line is cut")


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    made = Recorder()
    monkeypatch.setitem(TRACKERS, "recorder", lambda _place: made)
    return made


def test_a_logger_hears_a_training_in_its_order(recorder: Recorder, tmp_path: Path) -> None:
    trained(tmp_path, "recorder")
    assert [one[0] for one in recorder.heard] == ["begin", "finish"]
    assert recorder.heard[0][2]["recipe"] == "classical"
    assert recorder.heard[1] == ("finish", "colours")


def test_a_logger_that_fails_is_told_no_more_and_others_are(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Recorder(breaks_at="epoch")
    monkeypatch.setitem(TRACKERS, "broken", lambda _place: broken)
    heard: list[Event] = []
    with events.listening(heard.append), tracking(["broken", "recorder"], "pets", {}):
        tell_epochs(EPOCHS)
    assert [one[0] for one in broken.heard] == ["begin", "epoch"]
    assert [one[0] for one in recorder.heard] == ["begin", "epoch", "epoch"]
    assert [one.text for one in heard if isinstance(one, Warn)] == [
        "The recorder hears no more of this training (the line is cut); the training goes on."
    ]


def test_where_a_logger_cannot_begin_the_others_hear_that_there_is_no_training(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TRACKERS, "broken", lambda _place: Recorder(breaks_at="begin"))
    with pytest.raises(OSError, match="the line is cut"), tracking(["recorder", "broken"], "pets", {}):
        raise AssertionError
    assert [one[0] for one in recorder.heard] == ["begin", "fail"]


def test_a_second_training_of_a_run_is_named_apart(recorder: Recorder) -> None:
    with tracking(["recorder"], "pets", {}):
        tell_epochs(EPOCHS)
        tell_epochs(EPOCHS)
    names = [set(one[2]) for one in recorder.heard if one[0] == "epoch"]
    assert names[0] == {"loss", "val_accuracy", "seconds"}
    assert names[2] == {"training-2/loss", "training-2/val_accuracy", "training-2/seconds"}


def test_what_is_no_number_is_not_a_figure() -> None:
    assert epoch_figures({"epoch": 3, "loss": 0.5, "note": "flat"}) == (3.0, {"loss": 0.5})


@pytest.mark.usefixtures("recorder")
def test_who_heard_before_hears_while_a_logger_listens(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "whatsit"), tracking(["recorder"], "pets", {}):
        events.warn("the disk is nearly full")
    assert "the disk is nearly full" in caplog.text


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("mlfow:http://127.0.0.1", r"no logger 'mlfow'.*Did you mean 'mlflow'"),
        ("tensorboard", "TensorBoard reads a folder"),
    ],
)
def test_a_logger_that_cannot_be_is_named_before_training(tmp_path: Path, wanted: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        trained(tmp_path, wanted)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("logger", ["mlflow", "tensorboard", "wandb"])
def test_a_logger_that_is_not_installed_says_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logger: str
) -> None:
    monkeypatch.setitem(sys.modules, logger, None)
    with pytest.raises(UserError, match=rf"is not installed.*whatsit\[{logger}\]"):
        trained(tmp_path, f"{logger}:place")

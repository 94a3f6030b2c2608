"""A run on the Hugging Face Hub and back, by way of one on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import whatsit
from hubbing import Hub
from models import colours
from uploads import TOKEN, UploadHub
from whatsit.errors import UserError
from whatsit.image import encode_png
from whatsit.model.run import Run

pytest.importorskip("huggingface_hub")
# Of the Hub's client, which calls the network library below it as that no longer likes.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    place = tmp_path_factory.mktemp("runs")
    quick = {"recipe": "classical", "features": "colour", "models": "logistic", "search_folds": 3}
    return whatsit.train(colours(90), name="colours", runs=place, **quick)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[UploadHub]:
    with UploadHub() as started:
        monkeypatch.setenv("HF_ENDPOINT", started.address)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        # Large files then go as Git LFS has them: the other way (Xet) ends at servers that only the Hub has.
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
        yield started


def test_a_run_is_put_there_with_its_card_and_nothing_that_shows_photos(hub: UploadHub, run: Run) -> None:
    page = whatsit.push(run, "me/colours")
    assert page == f"{hub.address}/me/colours"
    files = hub.repositories["me/colours"]
    assert sorted(files) == ["README.md", "model.onnx"]
    assert files["model.onnx"] == (run.folder / "model.onnx").read_bytes()
    assert hub.private == {"me/colours": True}


def test_it_is_open_and_with_its_report_where_that_is_said(hub: UploadHub, run: Run) -> None:
    whatsit.push(run, "me/colours", public=True, report=True, licence="cc-by-4.0")
    files = hub.repositories["me/colours"]
    assert sorted(files) == ["README.md", "model.onnx", "report.html"]
    assert b'\nlicense: "cc-by-4.0"\n' in files["README.md"]
    assert b'license: "unknown"' in (run.folder / "README.md").read_bytes()
    assert hub.private == {"me/colours": False}


def test_a_repository_that_is_there_is_only_updated_when_that_is_said(hub: UploadHub, run: Run) -> None:
    hub.repositories["me/colours"] = {"thesis.txt": b"years of work"}
    with pytest.raises(UserError, match=r"There is 'me/colours' on the Hugging Face Hub already.*--update"):
        whatsit.push(run, "me/colours")
    assert hub.repositories["me/colours"] == {"thesis.txt": b"years of work"}
    whatsit.push(run, "me/colours", update=True)
    assert sorted(hub.repositories["me/colours"]) == ["README.md", "model.onnx", "thesis.txt"]


def test_a_token_that_is_refused_is_said(hub: UploadHub, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_somebodys")
    with pytest.raises(UserError, match="does not know who wants to write 'me/colours'"):
        whatsit.push(run, "me/colours")
    with pytest.raises(UserError, match="does not know who wants to write 'me/colours'"):
        whatsit.push(run, "me/colours", update=True)
    assert hub.repositories == {}


def test_an_owner_who_is_somebody_else_is_said(hub: UploadHub, run: Run) -> None:
    with pytest.raises(UserError, match="does not let you write 'others/colours'"):
        whatsit.push(run, "others/colours")
    assert hub.repositories == {}


def test_no_network_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(UserError, match="could not be reached for 'me/colours'"):
            whatsit.push(run, "me/colours")
    monkeypatch.setenv("WHATSIT_OFFLINE", "1")
    with pytest.raises(UserError, match="WHATSIT_OFFLINE forbids it"):
        whatsit.push(run, "me/colours")


@pytest.mark.parametrize("name", ["colours", "me/colours/more", "me/col ours", ""])
def test_a_name_that_is_none_is_said(hub: UploadHub, run: Run, name: str) -> None:
    with pytest.raises(UserError, match="no name on the Hugging Face Hub"):
        whatsit.push(run, name)
    assert hub.repositories == {}


def test_a_model_of_the_hub_is_asked_by_its_name(run: Run, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(encode_png(np.full((12, 12, 3), (200, 60, 60), np.uint8)))
    content = (run.folder / "model.onnx").read_bytes()
    with Hub({"models/me/colours": {"model.onnx": content, "README.md": b"---\nlicense: mit\n---\n"}}) as hub:
        surroundings = {"HF_ENDPOINT": hub.address, "HF_HUB_CACHE": str(tmp_path / "hub")}
        command = [sys.executable, "-m", "whatsit", "predict", "hf:me/colours", str(photo), "--json"]
        done = subprocess.run(command, env=os.environ | surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f'"label": "{run.model().predict(photo).label}"' in done.stdout


def test_a_repository_without_a_model_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Hub({"models/me/words": {"README.md": b"no model"}}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
        with pytest.raises(UserError, match=r"'me/words' on the Hugging Face Hub has no model.onnx"):
            whatsit.load("hf:me/words")
        with pytest.raises(UserError, match="There is no 'me/nothing' on the Hugging Face Hub"):
            whatsit.load("hf:me/nothing")


def test_a_model_of_somebody_else_that_was_altered_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (run.folder / "model.onnx").read_bytes().replace(b"red", b"rad")
    with Hub({"models/me/altered": {"model.onnx": content}}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
        with pytest.raises(UserError, match="was altered after it was made"):
            whatsit.load("hf:me/altered")

"""A network from elsewhere answers first in a process that can be ended, within its time and its memory."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hostile import BYTES, GRAPHS, loop, products, sealed
from models import Tiny, tiny_run
from whatsit.errors import UserError
from whatsit.image import encode_png
from whatsit.model.classifier import MODEL_FILE, load, remember_proven
from whatsit.model.foreign import apart
from whatsit.model.foreign.apart import run_apart
from whatsit.serving.work.models import open_shelf


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny_run(tmp_path_factory.mktemp("runs") / "colours")


@pytest.fixture(autouse=True)
def _nothing_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """The processes that were started."""
    seen: list[list[str]] = []
    real = apart.subprocess.run

    def run(words: list[str], **options: object) -> object:
        seen.append(words)
        return real(words, **options)

    monkeypatch.setattr(apart.subprocess, "run", run)
    return seen


def test_a_good_model_is_let_in_and_asked_apart_only_once(tiny: Tiny, started: list[list[str]]) -> None:
    assert load(tiny.run.folder).classes == ("blue", "green", "red")
    assert load(tiny.run.folder).digest == tiny.model.digest
    assert [words[-1] for words in started] == ["whatsit.model.foreign.first_run"]


def test_what_was_proven_here_with_another_card_is_not_foreign(
    tiny: Tiny, tmp_path: Path, started: list[list[str]]
) -> None:
    content = (tiny.run.folder / MODEL_FILE).read_bytes()
    remember_proven(content)
    (tmp_path / MODEL_FILE).write_bytes(content)
    assert load(tmp_path).digest == tiny.model.digest
    assert started == []


def test_where_no_cache_can_be_kept_it_is_asked_apart_in_each_process(
    tiny: Tiny, tmp_path: Path, started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "file"))
    assert load(tiny.run.folder).predict(np.full((20, 30, 3), (200, 60, 60), np.uint8)).label == "red"
    assert len(started) == 1
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_one_that_takes_too_long_is_ended(tiny: Tiny) -> None:
    with pytest.raises(UserError, match=r"The network in 'slow.onnx' takes longer than 6 s to answer"):
        run_apart(sealed(tiny, products(2_000)), "slow.onnx", too_long_s=6)


@pytest.mark.parametrize(("ending", "said"), [("kill -SEGV $$", "SIGSEGV"), ("exit 3", "exit status 3")])
def test_one_that_ends_its_process_is_told_of(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, said: str
) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\ncat > /dev/null\n{ending}\n")
    program.chmod(0o700)
    monkeypatch.setattr(apart.sys, "executable", str(program))
    with pytest.raises(UserError, match=rf"ended the process that ran it \({said}\)"):
        load(tiny.run.folder)


def test_where_no_process_can_be_started_it_is_not_let_in(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart.sys, "executable", "/nowhere/python")
    with pytest.raises(UserError, match=r"was not tried: no process can be started here"):
        load(tiny.run.folder)


def test_every_verb_says_a_sentence(tiny: Tiny, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(tiny.run.folder, folder)
    (folder / MODEL_FILE).write_bytes(sealed(tiny, loop()))
    photo = tmp_path / "p.png"
    photo.write_bytes(encode_png(np.zeros((20, 20, 3), np.uint8)))
    for words in (
        ["predict", folder, photo],
        ["evaluate", folder],
        ["serve", folder, "--port", "0"],
        ["deploy", folder, tmp_path / "kit", "--to", "docker"],
    ):
        command = [sys.executable, "-m", "whatsit", *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert (done.returncode, "repeats or decides something" in done.stderr) == (1, True), (words, done.stderr)
        assert "Traceback" not in done.stderr


def test_a_server_goes_on_watching_whatever_file_is_put_there(tiny: Tiny, tmp_path: Path) -> None:
    folder = tmp_path / "live"
    folder.mkdir()
    good = (tiny.run.folder / MODEL_FILE).read_bytes()
    (folder / MODEL_FILE).write_bytes(good)
    shelf = open_shelf([folder])
    bad = [sealed(tiny, loop()), sealed(tiny, GRAPHS["no number as a distance"][0])]
    bad += [change(good) for change, _ in list(BYTES.values())[:4]]
    for content in bad:
        (folder / "next").write_bytes(content)
        (folder / "next").replace(folder / MODEL_FILE)
        (swap,) = shelf.renew()
        assert swap.problem
        assert shelf.get().digest == tiny.model.digest
    other = sealed(tiny, lambda model: setattr(model.graph, "name", "other"))
    (folder / "next").write_bytes(other)
    (folder / "next").replace(folder / MODEL_FILE)
    (swap,) = shelf.renew()
    assert (swap.problem, shelf.get().digest != tiny.model.digest) == ("", True)

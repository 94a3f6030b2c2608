"""A network from elsewhere answers first in a process that can be ended, within its time and its memory."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest

from hostile import BYTES, GRAPHS, doubling, loop, products, sealed
from models import Tiny, tiny_run
from whatsit.errors import UserError
from whatsit.image import encode_png
from whatsit.model import apart
from whatsit.model.apart import run_apart
from whatsit.model.classifier import MODEL_FILE, Classifier, load
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
    assert [words[-1] for words in started] == ["whatsit.model.apart"]


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


def test_one_that_wants_all_memory_does_not_get_it(tiny: Tiny) -> None:
    with pytest.raises(UserError, match=r"(bad_alloc|Failed to allocate|ended the process|takes too much)"):
        run_apart(sealed(tiny, doubling(40)), "large.onnx", memory=1_500_000_000)


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


def test_python_itself_is_told_when_it_gets_no_memory(tiny: Tiny) -> None:
    with pytest.raises(UserError, match=r"The network in 'm.onnx' takes too much memory"):
        run_apart((tiny.run.folder / MODEL_FILE).read_bytes(), "m.onnx", memory=100_000_000)


def test_where_no_process_can_be_started_it_is_not_let_in(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart.sys, "executable", "/nowhere/python")
    with pytest.raises(UserError, match=r"was not tried: no process can be started here"):
        load(tiny.run.folder)


def test_a_plain_network_gives_its_features_apart(tiny: Tiny) -> None:
    plain = onnx.load_model_from_string((tiny.run.folder / MODEL_FILE).read_bytes())
    del plain.metadata_props[:]
    run_apart(plain.SerializeToString(), "plain.onnx")
    with pytest.raises(UserError, match="onnxruntime does not read this model"):
        run_apart(plain.SerializeToString()[:-40], "plain.onnx")


def test_the_largest_batch_is_tried_too(tiny: Tiny) -> None:
    """A value of (photos)^k numbers: three golden pictures are few, eight photos fill the memory."""

    def change(model: onnx.ModelProto) -> None:
        make = onnx.helper.make_node
        model.graph.node.extend(
            [
                make("Shape", ["pixels"], ["sides"], start=0, end=1),
                make("Concat", ["sides"] * 11, ["many"], axis=0),
                make("ConstantOfShape", ["many"], ["filled"]),
                make("ReduceMax", ["filled"], ["largest"], keepdims=0),
                make("Mul", ["largest", "distance"], ["unread"]),
            ]
        )
        model.graph.output.append(onnx.helper.make_tensor_value_info("unread", onnx.TensorProto.FLOAT, None))
        for node in model.graph.node:
            if "distance" in node.output:
                node.output[list(node.output).index("distance")] = "was"
        model.graph.node[-1].input[1] = "was"
        model.graph.node[-1].output[0] = "unread"
        model.graph.node.append(make("Add", ["was", "unread"], ["distance"]))

    content = sealed(tiny, change)
    Classifier(content, "wide.onnx").prove()
    with pytest.raises(UserError, match=r"does not answer .*ConstantOfShape"):
        run_apart(content, "wide.onnx")


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


def test_what_it_may_take_is_limited_in_its_own_process_only() -> None:
    with contextlib.suppress(ImportError):
        import resource

        before = resource.getrlimit(resource.RLIMIT_AS)
        assert apart.MEMORY not in before

"""Ctrl-C in every command: a true sentence, exit code 130, and the same command ends as if nothing had been."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from photos import scene, smoothed
from uploads import TOKEN, UploadHub
from whatsit.cli import COMMANDS
from whatsit.cli.terminal.stopping import GOES_ON, NOTHING
from whatsit.image import encode_jpeg

PHOTOS = 60  # a class: enough that what is done with them takes a while
MOMENTS = (0.35, 0.5, 0.65, 0.8, 0.9)  # shares of the time that the undisturbed command takes
PATIENCE_S = 300.0
QUICK = ("--recipe", "classical", "--features", "colour", "--models", "logistic", "--search-folds", "3")
DONE = "There is a finished run"  # where the stop came when only the last lines were still to be printed
REVIEWED = "Stopped. Every decision is kept; the same command opens the page again."


def files(*names: str) -> Callable[[Path, str], dict[str, bytes]]:
    """The files below those names with their content, but for when and in which folder they were written."""

    def read(place: Path, _printed: str) -> dict[str, bytes]:
        found = (path for name in names for path in sorted([place / name, *(place / name).rglob("*")]))
        return {
            path.relative_to(place).as_posix(): path.read_bytes().replace(bytes(place), b"")
            for path in found
            if path.is_file() and ".whatsit" not in path.parts and path.name != "README.md"
        }

    return read


def printed(_place: Path, text: str) -> object:
    """What it printed, but for how long things took and how much of the machine was free."""
    return re.sub(r" *(\d[\d.,]* (s|ms|min|GB|MB|kB|bytes)\b|\d\.\d+(?=\s*$))", " …", text, flags=re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Case:
    """A command, what it leaves where nobody disturbs it, and what is said when somebody does."""

    words: tuple[str, ...]
    left: Callable[[Path, str], object]
    said: str = GOES_ON
    is_repeatable: bool = True  # whether it may be called where it has ended well before


RUN = ("runs/one/model.onnx", "runs/one/predictions.csv", "runs/one/split.csv")
CASES = {
    "demo": Case(("demo",), files("runs/digits-plain/model.onnx", "runs/digits-changed/model.onnx")),
    "make": Case(
        ("make", "made", "cat", "dog", "--source", "folder:pets", "--no-serve"),
        files("made", "runs/made/model.onnx"),
    ),
    "collect": Case(("collect", "made", "cat", "dog", "--source", "folder:pets"), files("made")),
    "sources": Case(("sources", "--check", "--contact", "tests@example.org"), printed, NOTHING),
    "forget": Case(
        ("forget", "pets", "--photo", "cat/7.jpg"),
        files("pets"),
        "Stopped. What was taken down stays so; the same command goes on from there.",
        is_repeatable=False,
    ),
    "info": Case(("info", "pets"), printed, NOTHING),
    "info --json": Case(("info", "pets", "--json"), printed, NOTHING),
    "clean": Case(("clean", "pets"), printed),
    "clean --deep": Case(("clean", "pets", "--deep"), printed),
    "pack": Case(("pack", "pets", "--into", "packed"), files("packed"), NOTHING, is_repeatable=False),
    "backbones": Case(("backbones", "--measure", "pets"), printed, NOTHING),
    "train": Case(("train", "pets", "--name", "new"), files("runs/new/model.onnx", "runs/new/predictions.csv")),
    "train classical": Case(("train", "pets", "--name", "new", *QUICK), files("runs/new/model.onnx")),
    "evaluate": Case(
        ("evaluate", "runs/one", "--outliers", "pile"),
        files(*RUN),
        "Stopped. The model is as it was; the same command measures it anew.",
    ),
    "compare": Case(("compare", "runs/one", "runs/two", "--html", "both.html"), files("both.html"), NOTHING),
    "predict": Case(
        ("predict", "runs/one", "pile"),
        printed,
        "Stopped. Nothing was written; with --to FILE answers are kept, and the same command goes on.",
    ),
    "predict --to": Case(("predict", "runs/one", "pile", "--to", "said.csv"), files("said.csv")),
    "predict --sort": Case(("predict", "runs/one", "pile", "--sort", "sorted"), files("sorted")),
    "predict --explain": Case(
        ("predict", "runs/one", "pile", "--explain", "why"),
        files("why"),
        "Stopped. The pictures drawn so far are kept; the same command begins anew.",
    ),
    "deploy": Case(("deploy", "runs/one", "--to", "docker", "--into", "kit"), files("kit"), NOTHING),
    "export": Case(
        ("export", "runs/one", "--to", "onnx-ort", "--into", "out"),
        lambda place, text: sorted(files("out")(place, text)),  # ONNX Runtime never writes the same bytes twice
        NOTHING,
        is_repeatable=False,
    ),
    "doctor": Case(("doctor",), lambda _place, text: text.splitlines()[0], NOTHING),
    "doctor --prune": Case(("doctor", "--prune", "1MB"), lambda _place, text: text.splitlines()[:1] and ""),
}
PAGES = {
    "serve": (("serve", "runs/one", "--port", "0"), "Stopped. What had been asked was answered; the same"),
    "review": (("review", "pets"), REVIEWED),
    "review of a pile": (("review", "pile"), REVIEWED),
    "studio": (("studio", "--no-browser"), "Stopped. All is on disk, and trainings go on; the same command"),
}
ELSEWHERE = {"push"}  # which asks the Hub


def start(place: Path, *words: str) -> subprocess.Popen[str]:
    """A command in a group of processes of its own, as a shell begins one."""
    source = Path(__file__).parents[3] / "src"
    env = {**os.environ, "WHATSIT_CACHE": str(place / "cache"), "PYTHONPATH": str(source)}
    return subprocess.Popen(
        [sys.executable, "-m", "whatsit", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=place,
        env=env,
        start_new_session=True,
    )


def finish(place: Path, *words: str) -> str:
    """What a command prints that nobody disturbs."""
    process = start(place, *words)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0 or words[0] == "sources" or DONE in err, err
    return out


def interrupt(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Press Ctrl-C: all processes of the group get the signal. The exit code, what was said, what was printed."""
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_S)
    return process.returncode, err, out


def check_said(err: str, said: str) -> None:
    assert "Traceback" not in err, err
    assert "KeyboardInterrupt" not in err, err
    assert err.count("Stopped") == 1, err
    assert err.splitlines()[-1].startswith((said, "Stopped before anything was done.")), err


class SlowHub(UploadHub):
    """Answers once it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.goes_on = threading.Event(), threading.Event()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.set()
        self.goes_on.wait(PATIENCE_S)
        with contextlib.suppress(OSError):  # who asked is gone
            super().answer(request)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos of two classes, photos without, and two runs that learnt from the first."""
    place = tmp_path_factory.mktemp("prepared")
    for number, name in enumerate(("pets/cat", "pets/dog", "pile")):
        (place / name).mkdir(parents=True)
        for one in range(PHOTOS):
            pixels = scene(300, 400, seed=1000 * number + one)
            shown = smoothed(pixels) if number == 1 and one % 2 else pixels
            (place / name / f"{one}.jpg").write_bytes(encode_jpeg(shown))
    finish(place, "clean", "pets")
    finish(place, "train", "pets", "--name", "one", *QUICK)
    finish(place, "train", "pets", "--name", "two", "--seed", "1", *QUICK)
    shutil.rmtree(place / "cache")
    return place


def test_every_command_is_among_them() -> None:
    asked = {case.words[0] for case in CASES.values()} | {words[0] for words, _said in PAGES.values()} | ELSEWHERE
    assert asked == set(COMMANDS)


@pytest.mark.slow
@pytest.mark.timeout(1800)  # five stops and two whole runs: minutes where others work beside it
@pytest.mark.parametrize("name", CASES)
def test_a_command_that_was_stopped_says_so_and_ends_the_same_when_repeated(
    name: str, prepared: Path, tmp_path: Path
) -> None:
    case = CASES[name]
    for copy in ("whole", "stopped"):
        shutil.copytree(prepared, tmp_path / copy)
    begun = time.monotonic()
    expected = case.left(tmp_path / "whole", finish(tmp_path / "whole", *case.words))
    took_s = time.monotonic() - begun

    place, stops, has_ended, out = tmp_path / "stopped", 0, False, ""
    for share in MOMENTS:
        process = start(place, *case.words)
        time.sleep(share * took_s)
        if process.poll() is not None:
            out, has_ended = process.communicate()[0], True
            break
        code, err, printed_so_far = interrupt(process)
        if DONE in err or (code == -signal.SIGINT and "Stopped" not in err):  # Python was putting itself away
            out, has_ended = printed_so_far, True
            break
        assert code == 130, err
        check_said(err, case.said)
        stops += 1
    assert stops
    if not has_ended or case.is_repeatable:
        out = finish(place, *case.words)
    assert case.left(place, out) == expected


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_was_stopped_says_what_is_kept_and_opens_again(
    name: str, prepared: Path, tmp_path: Path
) -> None:
    words, said = PAGES[name]
    shutil.copytree(prepared, tmp_path / "place")
    for _ in range(2):
        process = start(tmp_path / "place", *words)
        stream = process.stdout if words[0] == "studio" else process.stderr
        assert stream is not None
        line = next(line for line in iter(stream.readline, "") if "http://" in line)
        assert "127.0.0.1" in line
        code, err, _out = interrupt(process)
        assert code == 130, err
        check_said(err, said)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
def test_an_upload_that_was_stopped_says_how_it_goes_on(
    prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("huggingface_hub")
    shutil.copytree(prepared, tmp_path / "place")
    with SlowHub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
        process = start(tmp_path / "place", "push", "runs/one", "me/one")
        assert hub.asked.wait(PATIENCE_S)
        code, err, _out = interrupt(process)
        assert code == 130, err
        check_said(
            err, "Stopped. The Hub has the whole model or none of it; go on with: whatsit push runs/one me/one"
        )
        hub.goes_on.set()
        finish(tmp_path / "place", "push", "runs/one", "me/one", "--update")
        assert sorted(hub.repositories["me/one"]) == ["README.md", "model.onnx"]


@pytest.mark.parametrize("after_s", [0.1, 0.15, 0.2, 0.25, 0.3, 0.4])
def test_ctrl_c_is_a_sentence_from_the_first_moment_on(after_s: float, tmp_path: Path) -> None:
    process = start(tmp_path, "doctor")
    time.sleep(after_s)
    code, err, _out = interrupt(process)
    if code == -signal.SIGINT:  # Python itself was beginning: nothing of the command line had been reached
        assert "whatsit/cli" not in err
        return
    assert code in (0, 130), err
    if code:
        check_said(err, "Stopped")


def test_a_stop_while_a_dataclass_was_made_ends_with_130_too(tmp_path: Path) -> None:
    (tmp_path / "stopped.py").write_text(
        "import signal, sys\n"
        "from whatsit.cli.terminal import stopping\n"
        "try:\n"
        "    exec('signal.raise_signal(signal.SIGINT)')\n"
        "except KeyboardInterrupt:\n"
        "    stopping.end()\n"
        "    sys.exit(stopping.EXIT_CODE)\n"
    )
    assert subprocess.run([sys.executable, "-m", "stopped"], cwd=tmp_path, check=False).returncode == 130

"""Names beyond ASCII where the locale has nothing else, by the real command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from drawing import put
from photos import scene
from whatsit.image import encode_jpeg

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    names = [
        f"{label}/{name}{number}.jpg"
        for label, name in (("größe", "猫"), ("cat", "Müller"))
        for number in range(5)
    ]
    for seed, name in enumerate(names):
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_bytes(encode_jpeg(scene(seed=seed)))
    put(tmp_path / "x.png").rename(os.fsdecode(os.fsencode(tmp_path) + b"/set/cat/\xff.png"))
    return tmp_path


def run(place: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONIOENCODING"} | ASCII
    return subprocess.run(
        [sys.executable, "-m", "whatsit", *words], cwd=place, env=environment, capture_output=True, timeout=200
    )


@pytest.mark.parametrize(
    ("words", "code", "printed"),
    [
        ("info set", 0, "größe"),
        ("clean set", 0, ""),
        ("pack set --into packed --size 16", 0, "größe"),
        ("collect new größe --source folder:set", 0, "größe"),
        ("forget set --photo größe/猫1.jpg", 0, ""),
        ("forget set --photo größe/gone.jpg", 1, "größe/gone.jpg"),
        ("predict nothing set/größe/猫1.jpg", 1, ""),
    ],
)
def test_a_name_beyond_ascii_is_read_and_spelt_out(place: Path, words: str, code: int, printed: str) -> None:
    if words.startswith("forget"):
        run(place, "clean", "set")
    done = run(place, *words.split())
    said = done.stdout + done.stderr
    assert (done.returncode, b"Traceback" in said, said.isascii()) == (code, False, True), said
    assert printed.encode("ascii", "backslashreplace") in said
    if words.startswith("pack"):
        assert len(list((place / "packed").rglob("größe/猫*.png"))) == 5
    if words == "forget set --photo größe/猫1.jpg":
        assert not (place / "set" / "größe" / "猫1.jpg").exists()


def test_a_name_that_is_no_utf_8_is_still_named_as_that(place: Path) -> None:
    done = run(place, "info", "set")
    assert b"its name is not valid UTF-8 | cat/\\xff.png" in done.stdout


def test_an_interpreter_that_insists_is_begun_anew_once(place: Path) -> None:
    environment = os.environ | ASCII
    words = [sys.executable, "-X", "utf8=0", "-m", "whatsit", "--version"]
    done = subprocess.run(words, cwd=place, env=environment, capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")

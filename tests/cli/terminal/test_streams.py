"""Streams as they are found: the real command line, in other encodings, closed, full, cut off."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from models import Tiny
from whatsit.image import encode_png

WHATSIT = f"{sys.executable} -m whatsit"


def shell(line: str, place: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        cwd=place,
        env={**os.environ, **environment},
        capture_output=True,
    )


@pytest.fixture(scope="module")
def place(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model and a folder of photos, one of which has a name of several scripts."""
    import numpy as np

    folder = tmp_path_factory.mktemp("place")
    (folder / "model.onnx").write_bytes((tiny.run.folder / "model.onnx").read_bytes())
    for label in ("red", "blue"):
        (folder / "data" / label).mkdir(parents=True)
        for number in range(3):
            pixels = np.full((30, 40, 3), (200 * (label == "red"), 20 * number, 200 * (label == "blue")), np.uint8)
            (folder / "data" / label / f"{number} × 猫.png").write_bytes(encode_png(pixels))
    return folder


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437", "euc-kr"])
def test_every_encoding_gets_every_character_or_its_number(place: Path, encoding: str) -> None:
    asked = shell(f"{WHATSIT} predict model.onnx data --csv", place, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert asked.returncode == 0, asked.stderr
    lines = asked.stdout.decode(encoding).splitlines()
    assert len(lines) == 7
    sign = "×" if encoding not in ("ascii", "cp437") else "x"
    cat = "猫" if encoding == "euc-kr" else "\\u732b"
    assert lines[1].startswith(f"data/blue/0 {sign} {cat}.png,")


def test_a_table_is_drawn_where_there_are_only_plain_letters(place: Path) -> None:
    told = shell(f"{WHATSIT} info data", place, PYTHONIOENCODING="ascii")
    assert told.returncode == 0, told.stderr
    assert b"Size: 30 x 40" in told.stdout.replace(b"40 x 30", b"30 x 40")
    assert told.stdout.isascii()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("what", ["info data", "predict model.onnx data --csv", "predict model.onnx data"])
def test_a_full_disk_behind_stdout_is_said(place: Path, what: str) -> None:
    told = shell(f"{WHATSIT} {what} >/dev/full", place)
    assert told.returncode == 1
    assert b"What is printed could not be written: No space left on device." in told.stderr
    assert b"Traceback" not in told.stderr
    assert b"Exception ignored" not in told.stderr


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ("predict model.onnx - <&-", 1, b"What was given names no photo."),
        ("predict model.onnx - </dev/null", 1, b"What was given names no photo."),
        ("info data >&-", 0, b""),
        ("predict model.onnx data --csv >&-", 0, b""),
        ("info data 2>&-", 0, b""),
        ("info data <&- >&- 2>&-", 0, b""),
        ("info nothing <&- 2>&-", 1, b""),
    ],
)
def test_closed_streams_are_empty_or_lead_nowhere(place: Path, line: str, status: int, said: bytes) -> None:
    told = shell(f"{WHATSIT} {line}", place)
    assert told.returncode == status
    assert said in told.stderr
    assert b"Traceback" not in told.stderr


@pytest.mark.parametrize("what", ["info data", "predict model.onnx data --csv", "predict model.onnx data --json"])
def test_who_cuts_with_head_has_what_they_wanted(place: Path, what: str) -> None:
    told = shell(f"{WHATSIT} {what} | head -1", place)
    assert told.returncode == 0
    assert told.stdout.count(b"\n") == 1
    assert b"Traceback" not in told.stderr
    assert b"Broken" not in told.stderr


def test_a_terminal_that_does_not_know_its_size_still_shows_the_answer(place: Path) -> None:
    told = shell(f"{WHATSIT} info data", place, COLUMNS="0")
    assert "6 photos of 2 classes" in told.stdout.decode()

"""Bars of a data set: every count is there, and its length."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from whatsit import events
from whatsit.data.inspecting import svg
from whatsit.data.inspecting.bars import COLOURS, Bars, write_bars
from whatsit.image import decode

SERIES = {"before": {"cat": 40, "dog": 20}, "after": {"cat": 30, "dog": 20}}


def count(pixels: np.ndarray, colour: str) -> int:
    """How many pixels have a colour."""
    wanted = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    return int((pixels == wanted).all(axis=-1).sum())


@pytest.mark.parametrize("stacked", [False, True])
def test_bars_are_as_long_as_their_counts(tmp_path: Path, stacked: bool) -> None:
    write_bars(tmp_path / "bars.png", [Bars("Photos a class", SERIES, stacked)])
    pixels = decode((tmp_path / "bars.png").read_bytes())
    first, second = (count(pixels, colour) for colour in COLOURS[:2])
    assert first / second == pytest.approx(60 / 50, rel=0.1)  # the letters on them, and the key, hide some


def test_names_and_counts_of_anybody_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr("whatsit.data.inspecting.bars.draw_png", lambda text, _times: drawn.append(text) or b"")
    names = ("<b>", "a & b", "猫", "\x00\x1b[2J", "\ufffe", "\udcff", "a" * 60)
    write_bars(tmp_path / "bars.png", [Bars("Photos", {"photos": dict.fromkeys(names, 1234)})])
    written = [element.text for element in ElementTree.fromstring(drawn[0]).iter() if element.text]
    assert {"<b>", "a & b", "猫", "\\x00\\x1b[2J", "\\xff", "1,234"} <= set(written)


def test_nothing_counted_is_a_picture_too(tmp_path: Path) -> None:
    write_bars(tmp_path / "bars.png", [Bars("Photos", {"photos": {}}), Bars("More", {"photos": {"cat": 0}})])
    assert decode((tmp_path / "bars.png").read_bytes()).size


@pytest.mark.skipif(not shutil.which("fc-list"), reason="nothing here says which fonts there are")
def test_whether_there_are_fonts_is_seen() -> None:
    there = subprocess.run(["fc-list"], capture_output=True, text=True, check=True).stdout
    assert svg._has_fonts() == bool(there.strip())


def test_a_machine_without_fonts_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svg, "_has_fonts", lambda: False)
    heard: list[object] = []
    with events.listening(heard.append):
        write_bars(tmp_path / "bars.png", [Bars("Photos", {"photos": {"cat": 1}})])
    assert ["no fonts" in str(one) for one in heard] == [True]

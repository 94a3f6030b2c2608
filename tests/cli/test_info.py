"""`whatsit info`, as it is typed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import whatsit
from drawing import class_folders, put
from whatsit.image import read_header


def typed(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    whole = {**os.environ, "PYTHONPATH": str(Path(whatsit.__file__).parents[1]), "COLUMNS": "80", **environment}
    return subprocess.run(
        [sys.executable, "-m", "whatsit", "info", *map(str, words)],
        env=whole,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_set_is_described_on_stdout_and_its_problems_on_stderr(tmp_path):
    pets = class_folders(tmp_path / "pets", "cat", "dog", photos=2)
    (pets / "cat" / "empty.jpg").write_bytes(b"")
    (pets / "cat" / "copy.png").write_bytes((pets / "cat" / "0.png").read_bytes())
    told = typed(pets)
    assert told.returncode == 0
    lines = [line.strip() for line in told.stdout.splitlines()]
    assert lines[0] == "pets: 5 photos of 2 classes, 1 of them a copy of another; left out: 1 file"
    assert ["cat", "3"] in [line.split() for line in lines]
    assert "Size: 16 × 12 pixels, all of them" in lines
    assert "Left out: 1 file" in lines
    assert ["1", "an empty file", "cat/empty.jpg"] in [
        [cell.strip() for cell in re.split("  +", line)] for line in lines
    ]
    assert "! Copies of other photos, byte for byte: 1." in told.stderr


def test_names_that_look_the_same_are_told_with_the_letter_that_differs(tmp_path):
    told = typed(class_folders(tmp_path / "pets", "cat", "c\u0430t", "dog", photos=2))
    assert told.returncode == 0
    assert "look the same, and are not" in told.stderr
    assert "cyrillic small letter a" in " ".join(told.stderr.split())
    found = json.loads(typed(tmp_path / "pets", "--json").stdout)["look_alikes"]
    assert [(one["label"], one["like"], one["is_there"]) for one in found] == [("c\u0430t", "cat", True)]


def test_json_is_all_of_it_and_nothing_else(tmp_path):
    told = typed(class_folders(tmp_path / "pets", "cat", "dog"), "--json")
    assert json.loads(told.stdout)["photos"] == 6
    assert told.stderr == ""


def test_photos_are_drawn_with_their_class():
    told = typed("digits", "--show", "0:4")
    captions = [line.split("no. ") for line in told.stdout.splitlines() if "no. 0: 0" in line]
    assert [[one.strip() for one in row] for row in captions] == [["", "0: 0", "1: 1", "2: 2", "3: 3"]]
    assert "█" in told.stdout
    coloured = typed("digits", "--show", "0", FORCE_COLOR="1", COLORTERM="truecolor")
    assert "\x1b[38;2;" in coloured.stdout


def test_photos_are_drawn_as_one_png(tmp_path):
    pets = class_folders(tmp_path / "pets", "cat", "dog", photos=3)
    for words in (("--show", "0:4"), ("--resize-preview", "--size", "32"), ("--changes", "photo"), ()):
        told = typed(pets, *words, "--png", tmp_path / "sheet.png")
        assert told.returncode == 0
        assert told.stderr.strip().endswith("sheet.png")
        assert read_header((tmp_path / "sheet.png").read_bytes()).width > 200


def test_what_cannot_be_shown_is_a_sentence_and_exit_code_1(tmp_path):
    pets = class_folders(tmp_path / "pets", "cat", "dog", photos=3)
    for words, sentence in (
        ((pets, "--show", "5000"), "There is no photo '5000'."),
        ((pets, "--resize-preview", "--size", "0"), "--size 0 is no side of a photo."),
        ((pets, "--changes", "flip", "--size", "0"), "--size 0 is no side of a photo."),
        ((pets, "--changes", "spin"), "'spin' is no change of photos."),
        ((tmp_path / "nowhere",), "There is no folder, file or data set"),
    ):
        told = typed(*words)
        assert told.returncode == 1
        assert told.stderr.startswith(sentence)
        assert told.stdout == ""


def test_a_camera_roll_is_a_pile_whose_reasons_are_grouped_within_80_columns(tmp_path):
    roll = tmp_path / "DCIM"
    for folder in ("100APPLE", "101APPLE"):
        (roll / folder).mkdir(parents=True)
    for number in range(30):
        put(roll / f"{100 + number % 2}APPLE" / f"IMG_{number:04}.JPG", seed=number)
        (roll / "100APPLE" / f"IMG_{number:04}.MOV").write_bytes(b"x")
        (roll / "101APPLE" / f"IMG_{number:04}.AAE").write_bytes(b"x")
        (roll / "101APPLE" / f"broken{number}.jpg").write_bytes(b"<html>")
    (roll / "100APPLE" / "last.jpg").symlink_to("gone.jpg")
    (roll / "100APPLE" / "copy.jpg").write_bytes((roll / "100APPLE" / "IMG_0000.JPG").read_bytes())
    told = typed(roll)
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert lines[0] == "DCIM: 31 photos in no classes, 1 of them a copy of another; left out: 91 files"
    assert max(map(len, lines)) <= 80
    cells = [[cell for cell in re.split("  +", line.strip()) if cell] for line in lines]
    counts = {row[1]: int(row[0]) for row in cells if len(row) == 3 and row[0].isdigit()}
    assert sum(counts.values()) == 91
    assert counts["not a photo by its name (.mov)"] == counts["not a photo by its name (.aae)"] == 30
    assert "more" not in told.stdout
    assert "whatsit predict RUN" in told.stderr
    assert json.loads(typed(roll, "--json").stdout)["classes"] == []

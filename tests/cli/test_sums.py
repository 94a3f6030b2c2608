"""All verbs say the same of one folder: how many photos, classes and copies there are, and what is left out."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import whatsit
from drawing import class_folders

QUICK = (
    "--recipe",
    "classical",
    "--features",
    "colour",
    "--models",
    "logistic",
    "--search-folds",
    "2",
    "--size",
    "16",
)
PHOTOS = 8  # a class that is drawn


def surroundings(place: Path) -> dict[str, str]:
    """An environment with a cache of its own."""
    source = str(Path(whatsit.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": source, "WHATSIT_CACHE": str(place / "cache"), "COLUMNS": "80"}


def typed(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "whatsit", *words],
        cwd=place,
        env=surroundings(place),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with copies within a class and between two, an empty class, a truncated photo and odd files."""
    data = class_folders(tmp_path / "our pets", "cat", "dog", photos=PHOTOS)
    cat, dog = data / "cat", data / "dog"
    (cat / "again.png").write_bytes((cat / "1.png").read_bytes())
    (dog / "cat too.png").write_bytes((cat / "2.png").read_bytes())
    (dog / "cut.png").write_bytes((dog / "3.png").read_bytes()[:-40])
    (dog / "page.jpg").write_text("<!DOCTYPE html>")
    (dog / "film.mov").write_bytes(b"moov")
    (data / "notes.txt").write_text("remember the milk")
    (data / "hamster").mkdir()
    return tmp_path


def counted(told: subprocess.CompletedProcess[str]) -> str:
    """What a verb says of the folder."""
    assert told.returncode == 0, told.stderr
    (said,) = re.findall(r"^our pets: (.*?)\.?$", told.stdout + told.stderr, re.MULTILINE)
    return str(said)


def list_left(told: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines that say what is left out."""
    lines = [line.removeprefix("! ") for line in told.stderr.splitlines()]
    start = next(place for place, line in enumerate(lines) if line.endswith("left out:"))
    return [lines[start], *itertools.takewhile(lambda line: line.startswith("  "), lines[start + 1 :])]


@pytest.mark.parametrize("is_cleaned", [False, True])
def test_the_verbs_count_alike_before_cleaning_and_after(place: Path, is_cleaned: bool) -> None:
    sums = "18 photos of 2 classes, 2 of them copies of others; left out: 4 files and 1 folder"
    if is_cleaned:
        sums = "17 photos of 2 classes, 1 of them a copy of another; left out: 5 files and 1 folder"
        cleaned = typed(place, "clean", "our pets")
        assert counted(cleaned) == sums
    info = typed(place, "info", "our pets")
    assert counted(info) == sums
    numbers = re.findall(r"^ (?:cat|dog) +(\d+) *$", info.stdout, re.MULTILINE)
    assert sum(map(int, numbers)) == int(sums.split()[0])
    trained = typed(place, "train", "our pets", "--name", "one", *QUICK)
    assert counted(trained) == sums
    parts = next(line for line in trained.stderr.splitlines() if "to learn from" in line)
    assert sum(map(int, re.findall(r"(\d+) to ", parts))) == int(sums.split()[0])
    packed = typed(place, "pack", "our pets", "--into", "packed", "--size", "16")
    assert counted(packed) == sums
    assert list_left(packed) == list_left(trained)
    if is_cleaned:
        assert list_left(cleaned) == list_left(trained)
    assert list_left(trained)[0] == f"{sums.split('left out: ')[1]} left out:"


def test_what_cleaning_can_not_read_is_left_out_though_its_decisions_were_undone(place: Path) -> None:
    typed(place, "clean", "our pets")
    undone = typed(place, "clean", "our pets", "--undo")
    assert undone.stdout == "3 decisions taken back: 1 photo is back, 2 stay out.\n"
    assert list_left(undone) == [
        "2 files left out:",
        "  dog/cut.png: cut short: the end of the file is missing",
        "  dog/page.jpg: not a picture (it starts with '<!DOCTYPE html')",
    ]
    again = typed(place, "clean", "our pets")
    assert counted(again) == "18 photos of 2 classes, 2 of them copies of others; left out: 4 files and 1 folder"
    assert counted(again) == counted(typed(place, "info", "our pets"))


def test_copies_that_a_pack_has_no_room_for_are_counted(place: Path) -> None:
    packed = typed(place, "pack", "our pets", "--into", "packed", "--size", "16", "--per-class", "3")
    rows = re.findall(r"^ (?:cat|dog) +(\d+) +(\d+) +(\d+) +(\d+) *$", packed.stdout, re.MULTILINE)
    kept = sum(int(train) - int(copied) + int(val) + int(test) for train, copied, val, test in rows)
    (surplus,) = re.findall(r"Not packed: (\d+) photos, more of a class than --per-class 3\.", packed.stderr)
    assert kept + int(surplus) == 18


def test_cleaning_says_what_to_type_next_with_names_that_can_be_pasted(place: Path) -> None:
    told = typed(place, "clean", "our pets")
    assert told.stderr.splitlines()[-3:] == [
        "Decide about what waits: whatsit review 'our pets'",
        "Train on what is left: whatsit train 'our pets'",
        "Take back what was left out now: whatsit clean 'our pets' --undo",
    ]
    told = typed(place, "clean", "our pets")  # which decides nothing more
    assert told.stderr.splitlines()[-1] == "Train on what is left: whatsit train 'our pets'"


def test_cleaning_says_where_nothing_is_left_to_tell_apart(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "pets", "cat", "dog", photos=2)
    for photo in (data / "dog").iterdir():
        photo.write_bytes(b"")
    told = typed(tmp_path, "clean", "pets")
    assert told.returncode == 0
    why = "Only photos of 'cat' are left of 'pets': the others are left out by what was decided about them."
    assert f"! Nothing can be trained on what is left. {why}" in told.stderr
    assert "whatsit train" not in told.stderr
    assert why in typed(tmp_path, "info", "pets").stderr


def test_the_review_page_counts_as_cleaning_does(place: Path) -> None:
    cleaned = typed(place, "clean", "our pets")
    decided = next(line for line in cleaned.stderr.splitlines() if line.startswith("Decided: "))
    page = subprocess.Popen(
        [sys.executable, "-m", "whatsit", "review", "our pets"],
        cwd=place,
        env=surroundings(place),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert page.stderr is not None
        assert page.stderr.readline() == f"our pets: 20 photos to look through. {decided}\n"
    finally:
        page.kill()
        page.communicate()

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from whatsit.cli.terminal import console

TABLE = """
from whatsit.cli.terminal import console
console.table(("check", "photos"), [("blurred", 1234), ("dark [b]", 7)], title="pets")
"""


def printed(code: str, columns: int = 80) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"COLUMNS": str(columns), "PYTHONPATH": ":".join(sys.path), "PATH": ""},
    )
    return done.stdout


def test_numbers_stand_flush_right_and_nothing_is_read_as_markup() -> None:
    lines = [line.rstrip() for line in printed(TABLE).splitlines()]
    assert lines[0] == "pets"
    assert " blurred     1,234" in lines
    assert " dark [b]        7" in lines


def test_a_dash_in_the_place_of_a_number_stands_flush_right_too() -> None:
    rows = [("cat", "–"), ("dog", "66.7 %")]
    code = f"from whatsit.cli.terminal import console\nconsole.table(('class', 'F1'), {rows!r})"
    assert " cat          –" in [line.rstrip() for line in printed(code).splitlines()]


@pytest.mark.parametrize("width", range(8, 60))
def test_a_line_is_never_broken_between_a_number_and_its_per_cent_sign(width: int) -> None:
    text = "shop: 83.3 % of 18 test photos right (95 % interval 60.8 % to 94.2 %)."
    broken = console._break_between_words(text, width)
    assert " ".join(broken.split()) == text
    assert not any(line.startswith("%") for line in broken.splitlines())
    assert max(map(len, broken.splitlines())) <= width


@pytest.mark.parametrize("width", [20, 40, 80])
def test_a_quoted_name_stays_on_a_line_so_that_its_command_can_be_pasted(width: int) -> None:
    text = (
        "It is the dogs' photos that 'Camera Roll 2024' holds, 30 % of all. Name a few on a page, a model "
        "suggests the rest: whatsit review 'Camera Roll 2024'. Or sort them: "
        "whatsit predict RUN 'Camera Roll 2024' --sort OUT"
    )
    broken = console._break_between_words(text, width)
    assert sum(line.count("'Camera Roll 2024'") for line in broken.splitlines()) == 3
    assert " ".join(broken.split()) == " ".join(text.split())
    *lines, last = broken.splitlines()
    assert max(map(len, lines)) <= width
    assert (
        last == "  whatsit predict RUN 'Camera Roll 2024' --sort OUT"
    )  # a terminal breaks it, and copies it whole


def test_a_command_that_has_room_ends_its_line_and_one_in_a_sentence_stays_whole() -> None:
    short = "Ask it: whatsit predict runs/pets PHOTO"
    assert console._break_between_words(short, 80) == short
    assert console._break_between_words(f"  {short}", 30).splitlines() == [
        "  Ask it:",
        "    whatsit predict runs/pets PHOTO",
    ]
    told = console._break_between_words("That it is so says `whatsit clean --no-mirrored`, and more.", 40)
    assert told.splitlines()[1] == "`whatsit clean --no-mirrored`, and more."


def test_shares_are_bars_with_their_percent() -> None:
    lines = console.bars([("cat", 0.75), ("a dog", 0.25)], width=8).plain.splitlines()
    assert lines == ["cat    ██████    75 %", "a dog  ██        25 %"]


def test_a_picture_becomes_half_as_many_lines_as_it_has_rows() -> None:
    drawn = console.half_blocks(np.full((8, 16, 3), 255, np.uint8), columns=16).plain
    assert [len(line) for line in drawn.splitlines()] == [16] * 4


ROWS = [
    ("flickr", "a page of a photographer", "https://www.flickr.com/services/apps/create/"),
    ("folder", "photos that lie somewhere", "--source folder:/path/to/photos"),
]
LONG = f"""
from whatsit.cli.terminal import console
console.table(("source", "what it is", "needs"), {ROWS!r})
"""


@pytest.mark.parametrize("width", [80, 100, 140])
def test_a_table_breaks_no_word_where_all_of_them_have_room(width: int) -> None:
    lines = printed(LONG, width).splitlines()
    assert all(len(line) <= width for line in lines)
    words = " ".join(lines).split()
    assert {word for row in ROWS for cell in row for word in cell.split()} <= set(words)


def test_where_not_all_words_have_room_the_longest_are_broken() -> None:
    lines = printed(LONG, 40).splitlines()
    assert all(len(line) <= 40 for line in lines)
    words = " ".join(lines).split()
    assert {"flickr", "folder", "photographer", "somewhere"} <= set(words)
    assert "https://www.flickr.com/services/apps/create/" not in words


CHANGES = """
import numpy as np
from whatsit.cli.terminal import console
names = ("no. 33: cat", "shift", "rotation", "zoom", "flip", "brightness", "all together")
console.gallery([(name, np.zeros((10, 10, 3), np.uint8)) for name in names], 10, columns=7)
"""


def test_captions_of_columns_are_whole_in_a_narrow_terminal() -> None:
    *_, first, second = [line.split() for line in printed(CHANGES).splitlines() if line.strip()]
    assert first == ["no.", "33:", "shift", "rotation", "zoom", "flip", "brightness", "all"]
    assert second == ["cat", "together"]

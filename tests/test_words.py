from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from whatsit import words


@pytest.mark.parametrize(("low", "high", "text"), [(3, 1500, "3 to 1,500"), (5, 5, "5")])
def test_a_range_of_one_number_is_that_number(low: int, high: int, text: str) -> None:
    assert words.between(low, high) == text


@pytest.mark.parametrize(("count", "text"), [(0, "no photos"), (1, "1 photo"), (2000, "2,000 photos")])
def test_photos_are_counted_as_one_says_it(count: int, text: str) -> None:
    assert words.photos(count) == text


@pytest.mark.parametrize(
    ("share", "digits", "text"),
    [
        (0.98765, 1, "98.8 %"),
        (1, 1, "100.0 %"),
        (0.5, 0, "50 %"),
        (0.9996, 1, "99.9 %"),
        (0.996, 0, "99 %"),
        (0.0004, 1, "0.0 %"),
    ],
)
def test_a_share_is_said_in_percent(share: float, digits: int, text: str) -> None:
    assert words.percent(share, digits) == text


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("like קפה (99 %), not dog", "like <קפה> (99 %), not dog"),
        ("קפה שחור, שלום and dog", "<קפה שחור>, <שלום> and dog"),
        ("no 'قطة' 2 here: قطة/3.jpg", "no '<قطة>' 2 here: <قطة>/3.jpg"),
        ("kept as <קפה>, not <a dog>", "kept as <קפה>, not <a dog>"),
        ("cat, chien and 猫", "cat, chien and 猫"),
        ("", ""),
    ],
)
def test_a_name_from_right_to_left_is_set_apart_once(text: str, apart: str) -> None:
    marks = str.maketrans("<>", "\u2068\u2069")
    assert words.set_apart(text.translate(marks)) == apart.translate(marks)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "< 0.1 %"),
        (0.0004, "< 0.1 %"),
        (0.0006, "0.1 %"),
        (0.009, "0.9 %"),
        (0.0096, "1 %"),
        (0.01, "1 %"),
        (0.505, "51 %"),
        (0.934, "93 %"),
        (0.99, "99 %"),
        (0.9901, "99.0 %"),
        (0.996, "99.6 %"),
        (0.9994, "99.9 %"),
        (0.9996, "> 99.9 %"),
        (1.0, "> 99.9 %"),
    ],
)
def test_what_is_nearly_certain_or_ruled_out_keeps_a_digit_more_and_nothing_is_called_so(
    share: float, text: str
) -> None:
    assert words.probability(share) == text


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (1, "class", "1 class"),
        (2, "class", "2 classes"),
        (3, "address", "3 addresses"),
        (0, "copy", "0 copies"),
        (1, "test photo", "1 test photo"),
        (2000, "test photo", "2,000 test photos"),
    ],
)
def test_things_are_counted_as_one_says_it(number: int, noun: str, text: str) -> None:
    assert words.count(number, noun) == text
    assert words.be(number) == ("is" if number == 1 else "are")


def test_a_command_is_written_so_that_it_can_be_pasted() -> None:
    assert words.typed("whatsit", "review", "Camera Roll 2024") == "whatsit review 'Camera Roll 2024'"
    assert words.typed("it's") == "'it'\"'\"'s'"


@pytest.mark.parametrize(("share", "whole"), [(0.996, 99), (0.9999, 99), (1.0, 100), (0.004, 0), (0.505, 50)])
def test_only_what_is_all_is_a_whole_hundred(share: float, whole: int) -> None:
    assert words.whole_percent(share) == whole


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("95 % of 10.5 %", "95\u202f% of 10.5\u202f%"),
        ("a %, 7 percent", "a %, 7 percent"),
        ("{% if photos > 12 %}3 %{% endif %}", "{% if photos > 12 %}3\u202f%{% endif %}"),
    ],
)
def test_a_number_stays_on_a_line_with_its_per_cent_sign(text: str, kept: str) -> None:
    assert words.keep_together(text) == kept
    assert words.part_lines(kept) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0.25, "0.2 s"),
        (9.96, "10.0 s"),
        (59, "59 s"),
        (75, "1 min 15 s"),
        (3599, "59 min 59 s"),
        (7260, "2 h 01 min"),
    ],
)
def test_a_time_is_said_in_its_own_unit(count: float, text: str) -> None:
    assert words.seconds(count) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1536, "1.5 kB"), (250_000, "250 kB"), (4.2e9, "4.2 GB"), (1e13, "10000 GB")],
)
def test_bytes_are_said_in_decimal_units(count: float, text: str) -> None:
    assert words.human_bytes(count) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2J.jpg", "a\\x1b[2J.jpg"),
        ("\x9b31m", "\\x9b31m"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),
        ("zwei\nZeilen\tStraße", "zwei\nZeilen\tStraße"),
    ],
)
def test_what_steers_a_terminal_is_shown(text: str, shown: str) -> None:
    assert words.show_controls(text) == shown


def test_a_name_from_right_to_left_does_not_turn_the_sentence() -> None:
    assert words.isolate("חתול") == "\u2068חתול\u2069"


@dataclass(frozen=True)
class Held:
    what: Any
    hidden: int = field(default=0, repr=False)

    __repr__ = words.brief


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("x" * 1000, f"'{'x' * 37}...{'x' * 38}'"),
        (tuple(range(1000)), "(0, 1, 2, 3, 4, 5, ...)"),
        (np.zeros((3, 4), np.uint8), "<3 × 4 uint8>"),
        ({"z": 1, "a": 2}, "{'z': 1, 'a': 2}"),
        ({f"c{number}": number for number in range(9)}, "{'c0': 0, 'c1': 1, 'c2': 2, 'c3': 3, ...}"),
        (Held(1), "Held(…)"),
        ([Held(1)] * 2000, "<2,000 of Held>"),
        ({"a": Held(1)}, "<1 of Held>"),
        (None, "None"),
    ],
)
def test_a_record_is_shown_in_brief(what: object, text: str) -> None:
    assert repr(Held(what)) == f"Held(what={text})"


@dataclass(frozen=True)
class Telling:
    share: float

    __repr__ = words.brief

    def in_brief(self) -> str:
        return words.percent(self.share)


def test_a_record_that_says_itself_what_matters_is_shown_by_that() -> None:
    assert repr(Telling(0.5)) == "Telling(50.0 %)"
    assert repr(Held(Telling(0.5))) == "Held(what=Telling(50.0 %))"


@pytest.mark.parametrize(
    ("share", "said"), [(13 / 16, "81.3 %"), (5 / 16, "31.3 %"), (0.9996, "99.9 %"), (1, "100.0 %")]
)
def test_a_share_in_the_middle_is_rounded_as_on_the_pages_of_the_studio(share: float, said: str) -> None:
    assert words.percent(share) == said

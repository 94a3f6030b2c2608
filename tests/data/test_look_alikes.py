"""Names that look the same and are not are told; names in one alphabet are not."""

from __future__ import annotations

import pytest

from whatsit.data.look_alikes import find_look_alikes
from whatsit.data.names import match_names

CYRILLIC_A, CYRILLIC_O, GREEK_OMICRON, CYRILLIC_ES = "\u0430", "\u043e", "\u03bf", "\u0421"


@pytest.mark.parametrize(
    ("odd", "plain"),
    [
        (f"c{CYRILLIC_A}t", "cat"),
        (f"d{CYRILLIC_O}g", "dog"),
        (f"f{GREEK_OMICRON}x", "fox"),
        (f"{CYRILLIC_ES}at", "Cat"),
        (f"sports c{CYRILLIC_A}r", "sports car"),
        ("\u0441\u043e\u0440", "cop"),  # all of it in another alphabet
    ],
)
def test_a_name_that_looks_like_another_class_is_told(odd: str, plain: str) -> None:
    (found,) = find_look_alikes(["other", odd, plain])
    assert (found.label, found.like, found.is_there) == (odd, plain, True)
    assert "look the same" in str(found)
    assert "letter" in found.letters[0]
    assert match_names([odd], ["other", plain]) == {odd: plain}
    assert match_names([plain], ["other", odd]) == {plain: odd}


def test_two_alphabets_in_one_word_are_told_where_nothing_else_looks_so() -> None:
    (found,) = find_look_alikes([f"c{CYRILLIC_A}t", "dog"])
    assert (found.like, found.is_there) == ("cat", False)
    assert "cyrillic small letter a" in str(found)


@pytest.mark.parametrize(
    "names",
    [
        ["кошка", "собака", "сова"],
        ["γάτα", "σκύλος", "άλογο"],
        ["α-helix", "β-sheet"],
        ["кот (cat)", "пёс (dog)"],
        ["café", "naïve", "Ωmega", "µm"],
        ["0", "1", "猫", "犬", "قط", "cat1", "cat2"],
        ["cat", "Dog"],
        [""],
    ],
)
def test_names_in_one_alphabet_a_word_are_left_alone(names: list[str]) -> None:
    assert find_look_alikes(names) == ()


def test_what_looks_like_two_names_is_not_matched() -> None:
    assert match_names([f"c{CYRILLIC_A}t"], ["cat", "Cat"]) == {}

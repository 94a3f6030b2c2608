"""Letters that look Latin and are not are seen, and those that are Latin are let be."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.data.letters import describe_letters, mixes_alphabets, write_as_seen

A, OMICRON, RHO = "\u0430", "\u03bf", "\u03c1"  # Cyrillic, Greek, Greek


@pytest.mark.parametrize(
    ("name", "seen"),
    [(f"c{A}t", "cat"), (f"f{OMICRON}x", "fox"), (f"a{RHO}e", "ape"), ("cat", "cat"), ("", ""), ("кот", "кoт")],
)
def test_a_name_is_written_as_it_looks(name, seen):
    assert write_as_seen(name) == seen


@given(st.text())
def test_what_is_written_as_seen_has_no_odd_letter_and_stays_so(name):
    seen = write_as_seen(name)
    assert write_as_seen(seen) == seen
    assert describe_letters(seen) == ()
    assert len(seen) == len(unicodedata.normalize("NFC", name))


@given(st.text(st.characters(max_codepoint=0x24F)))
def test_latin_letters_with_any_marks_are_nothing_odd(name):
    assert describe_letters(name) == ()
    assert not mixes_alphabets(name)


def test_odd_letters_are_described_once_each_in_their_order():
    assert describe_letters(f"b{OMICRON}x {A}nd b{A}g") == (
        f"{OMICRON} (greek small letter omicron)",
        f"{A} (cyrillic small letter a)",
    )


@pytest.mark.parametrize(
    ("word", "mixes"),
    [
        (f"c{A}t", True),
        (f"{A}{A}", False),
        ("кот", False),
        (f"{A}1", False),
        (f"{A}e\u0301", True),
        ("cat", False),
        ("", False),
    ],
)
def test_a_word_mixes_alphabets_where_it_has_letters_of_both(word, mixes):
    assert mixes_alphabets(word) is mixes

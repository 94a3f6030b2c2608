from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.data.dataset import Skipped
from whatsit.data.listing.skipped import group_reasons, may_be_missed, say_groups

SUFFIXES = ("mov", "aae", "txt", "db", "xmp", "zip")
REASONS = st.sampled_from(
    [
        *(f"not a photo by its name (.{suffix})" for suffix in SUFFIXES),
        *(f"named again in line {line}" for line in (2, 30, 400)),
        *("the same folder as 'a'", "the same folder as 'b'"),
        *("in no class folder", "damaged (bad marker)", "damaged (cut short)"),
    ]
)


@given(st.lists(st.builds(Skipped, st.text(min_size=1, max_size=3), REASONS)))
def test_every_file_is_in_one_group_and_groups_stay_few(skipped):
    groups = group_reasons(skipped)
    assert sorted(name for group in groups for name in group.names) == sorted(one.name for one in skipped)
    assert len(groups) <= 9


def test_reasons_that_differ_in_a_number_or_have_many_details_share_a_line():
    some = [
        Skipped(f"{suffix}", f"not a photo by its name ({suffix})")
        for suffix in (".a", ".b", ".c", ".d", ".e", ".e")
    ]
    some += [Skipped("x.jpg", "named again in line 4"), Skipped("y.jpg", "named again in line 17")]
    assert say_groups(some) == [
        "6 left out, not a photo by its name (.e, .a, .b, .c, …): .a, .b, …",
        "2 left out, named again in line …: x.jpg, y.jpg",
    ]


def test_a_thousand_duplicates_are_one_line():
    some = [
        Skipped(f"{n}.jpg", f"exact-duplicate: the same file as a{chr(97 + n % 26)}b.jpg") for n in range(1000)
    ]
    some += [
        Skipped("x.jpg", "blank: all of it within 3.3 grey levels"),
        Skipped("y.jpg", "blank: all of it within 0 grey levels"),
    ]
    duplicates, blank = say_groups(some)
    assert duplicates.startswith("1,000 left out, exact-duplicate (the same file as aab.jpg, ")
    assert blank == "2 left out, blank: all of it within … grey levels: x.jpg, y.jpg"


@pytest.mark.parametrize(
    ("reason", "missed"),
    [
        ("cut short: the end of the file is missing", True),
        ("not a picture (it starts with '<!DOCTYPE html')", True),
        ("broken: cut short: the end of the file is missing", True),
        ("in no class folder", True),
        ("its name is not valid UTF-8", True),
        ("not a photo by its name (.txt)", False),
        ("left behind by another program", False),
        ("hidden, as its name begins with a dot", False),
        ("exact-duplicate: the same as 'cat/1.jpg'", False),
        ("by hand", False),
        ("by hand, drawn at random to measure", False),
        ("none of the classes", False),
        ("left out by hand", False),
        ("nobody has said yet what it shows", False),
    ],
)
def test_only_what_may_have_been_meant_as_a_photo_is_missed(reason, missed):
    assert may_be_missed(reason) is missed

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whatsit.data.dataset import Skipped
from whatsit.data.skipped import group_reasons, say_groups

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

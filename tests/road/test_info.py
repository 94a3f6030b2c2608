from __future__ import annotations

from pathlib import Path

import whatsit
from whatsit.road.info import see


def test_a_folder_that_nobody_cleaned_has_no_changes(folder: Path) -> None:
    seen = see(folder)
    assert seen.found.photos == 12
    assert seen.changes is None
    assert seen.as_dict()["cleaned"] is None


def test_what_cleaning_left_out_is_not_looked_at_but_counted(folder: Path) -> None:
    (folder / "cat" / "copy.jpg").write_bytes((folder / "cat" / "0.jpg").read_bytes())
    whatsit.clean(folder)
    seen = see(folder)
    assert len(seen.dataset) == seen.found.photos == 12
    assert [(one.label, one.before, one.after) for one in seen.changes.classes] == [("cat", 7, 6), ("dog", 6, 6)]
    assert seen.as_dict()["cleaned"]["classes"][0]["before"] == 7


def test_a_data_set_that_was_read_is_looked_at_as_it_is(folder: Path) -> None:
    assert see(whatsit.read(folder)).found.name == "pets"

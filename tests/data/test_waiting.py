"""What was decided about a photo settles what was found in those that repeat it; every verb counts so."""

from __future__ import annotations

from pathlib import Path

import pytest

from photos import scene
from whatsit.cleaning.checks import CHECKS
from whatsit.cleaning.cleaning import clean
from whatsit.data.catalog import Decision, open_catalog
from whatsit.data.decisions import apply_decisions
from whatsit.data.inspecting.changes import find_changes
from whatsit.data.readers import read
from whatsit.image import encode_jpeg
from whatsit.reviewing.desk import Desk
from whatsit.studio.cleaning import describe_findings
from whatsit.studio.places import Project

SHOWN = encode_jpeg(scene(seed=99))
SMALLER = encode_jpeg(scene(seed=99)[::2, ::2])


def plant(folder: Path, **contents: bytes) -> None:
    for place, content in contents.items():
        label, _, name = place.partition("_")
        (folder / label / f"{name}.jpg").write_bytes(content)


def decide(folder: Path, photo: str, decision: str, label: str = "") -> int:
    with open_catalog(folder) as catalog:
        return catalog.decide(Decision(photo, decision, label, by="review", why="by hand"))


def waiting(folder: Path) -> dict[str, int]:
    """How many photos of each check wait, as `info`, the review page and the studio all have it."""
    whole = read(folder)
    found = find_changes(whole, apply_decisions(whole))
    assert found is not None
    told = {one.check: one.waiting for one in found.kinds}
    with open_catalog(folder) as catalog:
        tally = Desk(whole, catalog, dict.fromkeys(CHECKS, False)).tally()
    assert {one["name"]: one["waiting"] for one in tally if one["name"] in told} == told
    project = Project("pets", folder.parent, folder, folder.parent / "runs")
    queues = describe_findings(project, list(whole.photos.names))["queues"]
    assert {one["name"]: one["waiting"] for one in queues} == told
    return told


def cleaned(folder: Path, *accept: str) -> dict[str, int]:
    told = {name: waits for name, _finds, _photos, _out, waits in clean(folder, accept).rows()}
    assert told == waiting(folder)
    return told


def test_the_twin_of_what_was_left_out_for_a_conflict_waits_no_longer(folder: Path) -> None:
    plant(folder, cat_a=SHOWN, dog_b=SMALLER)
    assert cleaned(folder) == {"near-duplicate": 1, "class-conflict": 2}
    number = decide(folder, "cat/a.jpg", "leave-out")
    assert waiting(folder) == cleaned(folder) == {"near-duplicate": 0, "class-conflict": 0}
    with open_catalog(folder) as catalog:
        catalog.undo(number)
    assert waiting(folder) == {"near-duplicate": 1, "class-conflict": 2}
    decide(folder, "cat/a.jpg", "keep")
    assert waiting(folder) == {"near-duplicate": 1, "class-conflict": 1}  # of dog/b.jpg, which contradicts it


def test_a_class_that_was_put_right_settles_the_conflict_and_not_the_copy(folder: Path) -> None:
    plant(folder, cat_a=SHOWN, dog_b=SMALLER)
    clean(folder)
    decide(folder, "cat/a.jpg", "relabel", "dog")
    assert waiting(folder) == cleaned(folder) == {"near-duplicate": 1, "class-conflict": 0}
    decide(folder, "cat/a.jpg", "relabel", "fox")
    assert waiting(folder) == {"near-duplicate": 1, "class-conflict": 1}


def test_while_two_of_a_group_are_left_there_is_something_to_decide(folder: Path) -> None:
    plant(folder, cat_a=SHOWN, cat_b=SMALLER, cat_c=encode_jpeg(scene(seed=99)[1::2, 1::2]), dog_d=SHOWN)
    assert cleaned(folder) == {"near-duplicate": 2, "class-conflict": 2}
    decide(folder, "cat/a.jpg", "leave-out")
    assert waiting(folder) == {"near-duplicate": 2, "class-conflict": 1}  # of dog/d.jpg: two cats show it
    decide(folder, "dog/d.jpg", "leave-out")
    assert waiting(folder) == {"near-duplicate": 2, "class-conflict": 0}
    decide(folder, "cat/b.jpg", "leave-out")
    assert waiting(folder) == cleaned(folder) == {"near-duplicate": 0, "class-conflict": 0}


def test_a_copy_that_is_wanted_after_all_waits_until_the_other_is_out(folder: Path) -> None:
    plant(folder, cat_a=SHOWN, cat_b=SHOWN)
    assert cleaned(folder) == {"exact-duplicate": 0}
    with open_catalog(folder) as catalog:
        catalog.undo_batch("clean")
    assert waiting(folder) == cleaned(folder) == {"exact-duplicate": 1}
    decide(folder, "cat/a.jpg", "leave-out")
    assert waiting(folder) == cleaned(folder) == {"exact-duplicate": 0}


@pytest.mark.parametrize("out", ["cat/a.jpg", "cat/b.jpg"])
def test_accepting_near_copies_leaves_one_of_each_group(folder: Path, out: str) -> None:
    plant(folder, cat_a=SHOWN, cat_b=SMALLER, cat_c=encode_jpeg(scene(seed=99)[1::2, 1::2]))
    cleaned(folder)
    decide(folder, out, "leave-out")
    assert cleaned(folder, "near-duplicate") == {"near-duplicate": 0}
    left = {"cat/a.jpg", "cat/b.jpg", "cat/c.jpg"} & set(apply_decisions(read(folder)).photos.names)
    assert len(left) == 1

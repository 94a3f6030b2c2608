"""Piles: photos without classes, and the part of them that people have named."""

from __future__ import annotations

from pathlib import Path

import pytest

from drawing import put
from whatsit.data.catalog import HAS, HAS_NOT, KEEP, LEAVE_OUT, NOT_LOOKED, RELABEL, Decision, open_catalog
from whatsit.data.readers.piles import NONE_OF_THESE, UNNAMED, hint_naming, read_named, read_pile
from whatsit.data.target import SEVERAL, UNKNOWN
from whatsit.errors import UserError


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    folder = tmp_path / "my pile"
    for seed, name in enumerate(("a.png", "b.png", "day 2/c.png", "day 2/d.png")):
        put(folder / name, seed=seed)
    (folder / "notes.txt").touch()
    return folder


def decide(pile: Path, *decisions: Decision) -> None:
    with open_catalog(pile) as catalog:
        catalog.decide_batch(decisions)


def test_all_photos_below_a_folder_are_a_pile_of_one_class_without_a_name(pile):
    dataset = read_pile(pile)
    assert dataset.name == "my pile"
    assert dataset.classes == ("",)
    assert list(dataset.photos.names) == ["a.png", "b.png", "day 2/c.png", "day 2/d.png"]
    assert dataset.labels.tolist() == [0] * 4
    assert dataset.parts.tolist() == [""] * 4
    assert [one.name for one in dataset.skipped] == ["notes.txt"]
    assert dataset.root == pile


def test_a_pile_that_nobody_named_is_no_data_set(pile):
    assert read_named(pile) is None
    decide(pile, Decision("a.png", LEAVE_OUT), Decision("b.png", KEEP))
    assert read_named(pile) is None


def test_the_photos_that_were_named_are_a_data_set_and_the_others_say_why_they_are_not(pile):
    decide(
        pile,
        Decision("a.png", RELABEL, "dog"),
        Decision("day 2/c.png", RELABEL, "cat"),
        Decision("b.png", LEAVE_OUT, why=NONE_OF_THESE),
        Decision("gone.png", RELABEL, "emu"),
    )
    dataset = read_named(pile)
    assert dataset is not None
    assert dataset.classes == ("cat", "dog")
    assert list(dataset.photos.names) == ["a.png", "day 2/c.png"]
    assert dataset.labels.tolist() == [1, 0]
    assert {one.name: one.reason for one in dataset.skipped if one.name != "notes.txt"} == {
        "b.png": NONE_OF_THESE,
        "day 2/d.png": UNNAMED,
    }
    assert len(dataset.skipped) == 3


def test_who_leaves_a_photo_out_without_a_word_did_it_by_hand(pile):
    decide(
        pile,
        Decision("a.png", RELABEL, "dog"),
        Decision("b.png", RELABEL, "cat"),
        Decision("day 2/c.png", LEAVE_OUT),
    )
    dataset = read_named(pile)
    assert dataset is not None
    assert ("day 2/c.png", "left out by hand") in [(one.name, one.reason) for one in dataset.skipped]


def test_one_class_alone_is_refused(pile):
    decide(pile, Decision("a.png", RELABEL, "dog"))
    with pytest.raises(UserError, match="that were named are all 'dog'"):
        read_named(pile)


def test_of_labels_what_nobody_said_is_unknown(pile):
    decide(
        pile,
        Decision("a.png", HAS, "sky 10"),
        Decision("a.png", HAS_NOT, "sky 9"),
        Decision("b.png", HAS, "sky 9"),
        Decision("day 2/c.png", NOT_LOOKED, "sky 9"),
        Decision("day 2/c.png", HAS_NOT, "never there"),
        Decision("gone.png", HAS, "moon"),
    )
    dataset = read_named(pile)
    assert dataset is not None
    assert dataset.target is SEVERAL
    assert dataset.classes == ("sky 9", "sky 10")
    assert dataset.labels.tolist() == [[0, 1], [1, UNKNOWN], [UNKNOWN, UNKNOWN]]
    assert list(dataset.photos.names) == ["a.png", "b.png", "day 2/c.png"]
    assert ("day 2/d.png", UNNAMED) in [(one.name, one.reason) for one in dataset.skipped]
    assert dataset.root == pile
    assert dataset.parts.tolist() == [""] * 3


def test_labels_that_no_photo_has_are_refused_and_so_are_two_that_look_the_same(pile):
    decide(pile, Decision("a.png", HAS_NOT, "sky"))
    with pytest.raises(UserError, match="No photo in 'my pile' was given a label"):
        read_named(pile)
    decide(pile, Decision("a.png", HAS, "sky"), Decision("b.png", HAS, "Sky"))
    with pytest.raises(UserError, match="differ only by"):
        read_named(pile)


def test_classes_go_before_labels(pile):
    decide(
        pile,
        Decision("a.png", RELABEL, "dog"),
        Decision("b.png", RELABEL, "cat"),
        Decision("day 2/c.png", HAS, "sky"),
    )
    dataset = read_named(pile)
    assert dataset is not None
    assert dataset.classes == ("cat", "dog")


def test_what_to_do_is_typed_with_the_folder_as_a_shell_takes_it():
    hint = hint_naming(Path("my pile"))
    assert "whatsit review 'my pile'." in hint
    assert "whatsit predict RUN 'my pile' --sort OUT" in hint

"""Photos that show several classes: marked, undone, renamed, put together, and read by every verb."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drawing import class_folders, put
from whatsit.data.catalog import HAS, HAS_NOT, NOT_LOOKED, Decision, open_catalog
from whatsit.data.decisions import apply_decisions
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.sorting.answers import BY_HAND, write_names
from whatsit.sorting.marks import write_marks
from whatsit.studio.photos.album import Album
from whatsit.studio.photos.unsorted import Unsorted
from whatsit.studio.places import find_projects


@pytest.fixture
def album(tmp_path: Path) -> Album:
    class_folders(tmp_path / "all" / "shore" / "photos", "beach", "boats")
    (project,) = find_projects(tmp_path / "all")
    found = Album(project)
    found.let_several(True)
    return found


def said(album: Album) -> dict[str, str]:
    """What a verb reads of each photo, with what was decided."""
    dataset = apply_decisions(read(album.project.photos, labels=album.project.labels))
    return {name: dataset.written(row) for row, name in enumerate(dataset.photos.names)}


def folders(album: Album) -> set[str]:
    return {one.name for one in album.project.photos.iterdir() if one.name != ".whatsit"}


def test_photos_are_marked_read_by_every_verb_and_unmarked(album: Album) -> None:
    assert album.mark(["beach/0.png", "boats/1.png"], ["boats"]) == ["beach+boats/0.png", "boats/1.png"]
    assert album.can_undo == "Said that 1 photo shows boats"
    assert album.counts() == {"beach": 3, "boats": 4}
    assert album.photos("boats") == ["beach+boats/0.png", "boats/0.png", "boats/1.png", "boats/2.png"]
    assert len(album.all_photos()) == 6
    assert said(album)["beach+boats/0.png"] == "beach;boats"
    assert album.mark(["beach+boats/0.png", "beach/1.png"], [], []) == ["none/0.png", "none/1.png"]
    assert album.photos("none") == ["none/0.png", "none/1.png"]
    assert said(album)["none/0.png"] == ""
    assert album.mark(["none/0.png"], ["beach"], ["boats"]) == ["beach/0.png"]
    done = [album.undo() for _ in range(3)]
    assert done == [
        "Said that 1 photo shows beach and does not show boats",
        "Said that 2 photos show none of the classes",
        "Said that 1 photo shows boats",
    ]
    assert folders(album) == {"beach", "boats"}
    assert album.counts() == {"beach": 3, "boats": 3}


def test_a_class_of_which_the_last_photo_was_unmarked_is_still_there(album: Album) -> None:
    album.mark(album.photos("boats"), ["beach"])
    (album.project.photos / "boats").rmdir()
    album.mark(album.photos("boats"), [], ["boats"])
    assert album.counts() == {"beach": 6, "boats": 0}
    assert set(said(album).values()) == {"beach"}


def test_a_class_is_renamed_put_together_and_taken_away_wherever_it_is_shown(album: Album) -> None:
    album.mark(["beach/0.png", "beach/1.png"], ["boats"])
    album.make_class("sea")
    album.mark(["beach+boats/0.png"], ["sea"])
    assert album.rename_class("boats", "ships") == "ships"
    assert album.counts() == {"beach": 3, "sea": 1, "ships": 5}
    assert album.merge("sea", "beach") == 1
    assert album.counts() == {"beach": 3, "ships": 5}
    assert album.photos("beach") == ["beach+ships/0.png", "beach+ships/1.png", "beach/2.png"]
    assert album.remove_class("ships") == 5
    assert album.counts() == {"beach": 3}
    assert folders(album) == {"beach"}
    for _ in range(5):
        album.undo()
    assert album.can_undo == ""
    assert album.counts() == {"beach": 3, "boats": 3, "sea": 0}


def test_photos_of_one_name_from_several_folders_keep_apart_when_classes_are_put_together(album: Album) -> None:
    put(album.project.photos / "beach+boats" / "0.png", seed=77)
    assert album.merge("boats", "beach") == 4
    assert len(album.photos("beach")) == 7
    album.undo()
    assert album.counts() == {"beach": 4, "boats": 4}


def test_what_was_decided_about_a_label_gives_way_to_a_mark_by_hand(album: Album) -> None:
    with open_catalog(album.project.photos) as catalog:
        catalog.decide(Decision("beach/0.png", HAS_NOT, "boats", by="review"))
        catalog.decide(Decision("beach/0.png", NOT_LOOKED, "boats", by="review"))
        catalog.decide(Decision("beach/1.png", HAS, "boats", by="review"))
    assert said(album)["beach/0.png"] == "beach;?boats"
    album.mark(["beach/0.png"], ["boats"])
    found = said(album)
    assert found["beach+boats/0.png"] == "beach;boats"
    assert found["beach/1.png"] == "beach;boats"
    album.mark(["beach/1.png"], [], ["boats"])
    assert said(album)["beach/1.png"] == "beach"


@pytest.mark.parametrize(("name", "what"), [("a+b", r"'\+'"), ("a;b", "';'"), ("none", "show no class")])
def test_what_cannot_be_one_of_several_classes_is_refused(album: Album, name: str, what: str) -> None:
    with pytest.raises(UserError, match=what):
        album.make_class(name)
    with pytest.raises(UserError, match=what):
        album.rename_class("beach", name)


def test_too_many_classes_for_the_name_of_a_folder_are_refused_and_nothing_is_moved(album: Album) -> None:
    long = [album.make_class(f"{number} {'x' * 90}") for number in range(3)]
    with pytest.raises(UserError, match="too many for one photo"):
        album.mark(["beach/0.png"], long)
    assert album.counts()["beach"] == 3
    assert album.can_undo == ""


def test_without_the_switch_a_folder_is_one_class_whatever_it_is_called(album: Album) -> None:
    album.mark(["beach/0.png"], ["boats"])
    album.let_several(False)
    assert album.counts() == {"beach": 2, "beach+boats": 1, "boats": 3}
    with pytest.raises(UserError, match="one class each"):
        album.mark(["beach/1.png"], ["boats"])
    album.let_several(True)
    assert album.counts() == {"beach": 3, "boats": 4}


@pytest.fixture
def unsorted(album: Album) -> Unsorted:
    for seed in range(5):
        put(album.project.unsorted / f"{seed}.png", seed=500 + seed)
    return Unsorted(album)


def mark(album: Album, photos: list[str], has: list[str], has_not: list[str]) -> None:
    with open_catalog(album.project.unsorted) as catalog:
        catalog.decide_batch(write_marks(photos, has, has_not, BY_HAND, [False] * len(photos)))


def told(unsorted: Unsorted) -> dict[str, Any]:
    return unsorted.describe()


def test_what_unsorted_photos_show_goes_into_the_project_and_back(album: Album, unsorted: Unsorted) -> None:
    mark(album, ["0.png", "1.png"], ["Beach", "gulls"], ["boats"])
    mark(album, ["2.png"], [], ["boats", "gulls"])  # nobody looked for a beach in it
    mark(album, ["3.png"], ["boats"], ["gulls"])
    assert told(unsorted)["ready"] == 4
    assert told(unsorted)["named"] == [
        {"name": "Beach", "count": 2},
        {"name": "gulls", "count": 2},
        {"name": "boats", "count": 1},
    ]
    sentence = unsorted.take()["sentence"]
    assert sentence.startswith("4 photos put into 3 classes. Left in unsorted")
    assert "1 photo that nobody named" in sentence
    found = said(album)
    assert found["beach+gulls/0.png"] == found["beach+gulls/1.png"] == "beach;gulls"
    assert found["none/2.png"] == "?beach"
    assert found["boats/3.png"] == "boats;?beach"
    album.undo()
    assert folders(album) == {"beach", "boats"}
    assert told(unsorted)["ready"] == 4
    mark(album, ["3.png"], ["Beach", "boats"], ["gulls"])  # somebody looked meanwhile
    unsorted.take()
    assert said(album)["beach+boats/3.png"] == "beach;boats"


def test_what_was_said_for_several_classes_waits_for_the_switch(album: Album, unsorted: Unsorted) -> None:
    mark(album, ["0.png"], ["beach", "boats"], [])
    album.let_several(False)
    assert "show several classes" in told(unsorted)["problem"]
    with pytest.raises(UserError, match="show several classes"):
        unsorted.take()
    album.let_several(True)
    assert told(unsorted)["problem"] == ""
    assert unsorted.take()["left"] == []


def test_a_pile_that_was_begun_with_one_class_each_goes_in_so_and_the_next_one_is_asked_for_several(
    album: Album, unsorted: Unsorted
) -> None:
    with open_catalog(album.project.unsorted) as catalog:
        catalog.decide_batch(write_names(["0.png"], "beach", [False]))
    assert told(unsorted)["labels"] is None
    unsorted.take()
    assert said(album)["beach/0-2.png"] == "beach"
    assert told(unsorted)["labels"] == "several"

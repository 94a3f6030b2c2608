"""Classes and their photos: moved, renamed, put together, taken away, and all of it back again."""

from __future__ import annotations

from pathlib import Path

import pytest

from drawing import class_folders, put
from whatsit.data.catalog import LEAVE_OUT, NOT_LOOKED, RELABEL, Decision, open_catalog
from whatsit.data.decisions import apply_decisions
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.studio.photos.album import Album
from whatsit.studio.places import find_projects


@pytest.fixture
def album(tmp_path: Path) -> Album:
    return open_album(class_folders(tmp_path / "pets", "cat", "dog"))


def open_album(data: Path) -> Album:
    (project,) = find_projects(data)
    return Album(project)


def test_photos_move_and_every_verb_sees_it(album: Album) -> None:
    assert album.move(["cat/0.png", "cat/1.png"], "dog") == 2
    assert album.counts() == {"cat": 1, "dog": 5}
    assert read(album.project.photos).counts().tolist() == [1, 5]
    assert album.photos("dog") == ["dog/0-2.png", "dog/0.png", "dog/1-2.png", "dog/1.png", "dog/2.png"]
    assert album.undo() == "Moved 2 photos to dog"
    assert album.counts() == {"cat": 3, "dog": 3}
    assert album.can_undo == ""


def test_a_class_is_renamed_put_together_and_taken_away(album: Album) -> None:
    assert album.rename_class("cat", "قطة") == "قطة"
    assert album.merge("dog", "قطة") == 3
    assert album.counts() == {"قطة": 6}
    assert album.remove_class("قطة") == 6
    assert album.counts() == {}
    done = [album.undo() for _ in range(3)]
    assert done == ["Removed the class قطة", "Put dog together with قطة", "Renamed cat to قطة"]
    assert album.counts() == {"cat": 3, "dog": 3}


def test_a_photo_that_is_taken_away_is_kept_and_comes_back(album: Album) -> None:
    before = (album.project.photos / "cat/1.png").read_bytes()
    assert album.remove(["cat/1.png"]) == 1
    assert album.counts()["cat"] == 2
    again = open_album(album.project.photos)
    again.undo()
    assert (album.project.photos / "cat/1.png").read_bytes() == before


def test_what_was_decided_about_a_photo_follows_it(album: Album) -> None:
    with open_catalog(album.project.photos) as catalog:
        catalog.decide(Decision("cat/0.png", LEAVE_OUT, by="test", why="blurred"))
    album.make_class("fox")
    album.move(["cat/0.png", "cat/1.png"], "fox")
    album.rename_class("fox", "red fox")
    left = apply_decisions(read(album.project.photos)).skipped
    assert "red fox/0.png" in [one.name for one in left]
    album.undo()
    album.undo()
    assert "cat/0.png" in [one.name for one in apply_decisions(read(album.project.photos)).skipped]


@pytest.mark.parametrize("decision", [RELABEL, NOT_LOOKED])
def test_what_was_decided_of_a_class_follows_its_name(album: Album, decision: str) -> None:
    unsorted = album.project.unsorted
    put(unsorted / "a.png")
    for folder, photo in ((album.project.photos, "cat/0.png"), (unsorted, "a.png")):
        with open_catalog(folder) as catalog:
            catalog.decide(Decision(photo, decision, "dog", by="test"))

    def labels() -> list[str]:
        found = []
        for folder in (album.project.photos, unsorted):
            with open_catalog(folder) as catalog:
                found += [one.label for one in catalog.decisions().values()]
                found += [label for held in catalog.label_decisions().values() for label in held]
        return found

    album.rename_class("dog", "hound")
    assert labels() == ["hound", "hound"]
    album.rename_class("cat", "lynx")
    assert labels() == ["hound", "hound"]
    album.undo()
    album.undo()
    assert labels() == ["dog", "dog"]


@pytest.mark.parametrize(
    "name", ["Cat", "cat ", "dog", "train", "test", "new folder", "unlabelled", "cat copy", "../x", ""]
)
def test_a_name_that_cannot_be_a_class_is_refused(album: Album, name: str) -> None:
    with pytest.raises(UserError):
        album.make_class(name)
    assert album.classes() == ["cat", "dog"]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "cat/../../x", "fox/1.png", "cat", "", ".whatsit/x"]
)
def test_no_path_leads_out_of_the_classes(album: Album, name: str) -> None:
    with pytest.raises(UserError, match="There is no photo"):
        album.path(name)
    with pytest.raises(UserError):
        album.move([name], "dog")


def test_a_photo_or_class_that_has_gone_meanwhile_is_said(album: Album) -> None:
    (album.project.photos / "cat/0.png").unlink()
    assert album.move(["cat/0.png", "cat/1.png"], "dog") == 1
    with pytest.raises(UserError, match="no class 'fox' any more"):
        album.move(["cat/2.png"], "fox")
    for file in sorted(album.project.photos.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    album.project.photos.rmdir()
    with pytest.raises(UserError, match="cannot be opened"):
        album.classes()


def test_what_changes_behind_its_back_is_seen(album: Album) -> None:
    assert album.counts() == {"cat": 3, "dog": 3}
    put(album.project.photos / "cat" / "new.png", seed=99)
    (album.project.photos / "fox").mkdir()
    assert album.counts() == {"cat": 4, "dog": 3, "fox": 0}


def test_recordings_are_kept_together_where_there_are_enough(tmp_path: Path) -> None:
    data = tmp_path / "pets"
    for label in ("cat", "dog"):
        for recording in range(2):
            for number in range(3):
                put(data / label / f"recording-{recording}" / f"{number}.png", seed=number + 10 * recording)
        put(data / label / "alone.png", seed=77)
    album = open_album(data)
    assert (album.rule_of_groups(), album.warn_of_recordings()) == ("folder", [])
    album.remove(["dog/alone.png"])
    assert (album.rule_of_groups(), album.warn_of_recordings()) == (None, ["dog"])

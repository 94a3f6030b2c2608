"""Photos without classes in a project: they come in, are named, go into the classes, and come back by an undo."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from studios import Running, running, wait_for

from drawing import class_folders, drawn, put
from sorting.drawn import draw
from whatsit.data.catalog import open_catalog
from whatsit.data.readers import read
from whatsit.data.readers.piles import read_named
from whatsit.errors import UserError
from whatsit.image import encode_jpeg
from whatsit.languages.speaking import Sentence
from whatsit.sorting.answers import write_names
from whatsit.studio.photos.acts import Acts
from whatsit.studio.photos.album import Album
from whatsit.studio.photos.unsorted import Unsorted
from whatsit.studio.places import Project, find_projects

PLACE = "../unsorted"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    class_folders(tmp_path / "all" / "pets" / "photos", "cat", "dog")
    for seed in range(6):
        put(tmp_path / "all" / "pets" / "unsorted" / f"{seed}.png", seed=500 + seed)
    (found,) = find_projects(tmp_path / "all")
    return found


def say(project: Project, label: str, *photos: str) -> None:
    with open_catalog(project.unsorted) as catalog:
        catalog.decide_batch(write_names(photos, label, [False] * len(photos)))


def files(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*.png") if ".whatsit" not in file.parts}


def test_what_was_named_goes_into_the_classes_and_back(project: Project) -> None:
    before = files(project.home)
    say(project, "Cat", "0.png", "1.png")  # as the class `cat` that there is
    say(project, "قطة", "2.png")
    say(project, "", "3.png")
    unsorted = Unsorted(Album(project))
    told = unsorted.describe()
    assert (told["count"], told["none"]) == (6, 1)
    assert told["named"] == [{"name": "Cat", "count": 2}, {"name": "قطة", "count": 1}]
    assert unsorted.take() == {
        "sentence": "3 photos put into 2 classes. Left in unsorted, where no training sees them: "
        "1 photo of none of the classes, 2 photos that nobody named.",
        "left": [],
    }
    album = Album(project)  # as another process finds it
    assert album.counts() == {"cat": 5, "dog": 3, "قطة": 1}
    assert album.unsorted == ["3.png", "4.png", "5.png"]
    assert read(project.photos).counts().tolist() == [5, 3, 1]
    assert album.undo() == "Put 3 photos into classes"
    assert files(project.home) == before
    assert album.classes() == ["cat", "dog"]
    assert Unsorted(album).describe()["named"] == told["named"]  # what was said is there again


def test_a_new_photo_gets_nothing_of_what_was_said_of_one_of_its_name(project: Project) -> None:
    say(project, "fox", "0.png")
    unsorted = Unsorted(Album(project))
    unsorted.take()
    put(project.unsorted / "0.png", seed=900)
    assert unsorted.describe()["named"] == []
    again = Unsorted(Album(project))  # the last act is looked at again when it is opened
    say(project, "owl", "0.png")
    assert Unsorted(Album(project)).describe()["named"] == [{"name": "owl", "count": 1}]
    assert again.describe()["named"] == [{"name": "owl", "count": 1}]


def test_what_comes_back_by_an_undo_is_read_anew(project: Project) -> None:
    say(project, "fox", "0.png")
    album = Album(project)
    unsorted = Unsorted(album)
    unsorted.take()
    put(project.unsorted / "0.png", seed=900)
    assert unsorted.describe()["named"] == []
    (project.unsorted / "0.png").unlink()
    album.undo()
    assert unsorted.describe()["named"] == [{"name": "fox", "count": 1}]


def test_an_undo_on_the_sorting_page_leaves_what_was_taken_as_it_is(project: Project) -> None:
    say(project, "fox", "0.png")
    say(project, "", "1.png")
    album = Album(project)
    Unsorted(album).take()
    with open_catalog(project.unsorted) as catalog:
        assert catalog.undo_batch("sort") == ["1.png"]
        assert catalog.undo_batch("sort") == []
    album.undo()
    assert Unsorted(album).describe()["named"] == [{"name": "fox", "count": 1}]


def test_a_kill_between_moving_and_noting_is_made_good(project: Project) -> None:
    say(project, "fox", "0.png")
    acts = Acts(project.photos, project.own / "acts.jsonl")
    acts.do(
        Sentence("Put 1 photo into classes"), [(f"{PLACE}/0.png", "fox/0.png")], ["fox"]
    )  # and what was said stayed
    album = Album(project)
    put(project.unsorted / "0.png", seed=900)
    assert Unsorted(album).describe()["named"] == []
    (project.unsorted / "0.png").unlink()
    album.undo()
    assert Unsorted(album).describe()["named"] == [{"name": "fox", "count": 1}]
    assert album.classes() == ["cat", "dog"]


def test_a_class_that_is_made_again_after_an_undo_stays(project: Project) -> None:
    say(project, "fox", "0.png")
    album = Album(project)
    Unsorted(album).take()
    album.undo()
    album.make_class("fox")
    assert Album(project).classes() == ["cat", "dog", "fox"]


def test_a_class_stays_at_an_undo_where_something_else_lies_in_it(project: Project) -> None:
    say(project, "fox", "0.png")
    album = Album(project)
    Unsorted(album).take()
    put(project.photos / "fox" / "other.png", seed=901)
    album.undo()
    assert album.counts() == {"cat": 3, "dog": 3, "fox": 1}
    assert files(project.photos / "fox") == {"other.png"}


def test_photos_of_one_name_from_several_folders_all_arrive(project: Project) -> None:
    for folder in ("monday", "tuesday", "train"):
        put(project.unsorted / folder / "0.png", seed=len(folder))
    say(project, "cat", "0.png", "monday/0.png", "tuesday/0.png", "train/0.png")
    album = Album(project)
    before = files(project.home)
    Unsorted(album).take()
    assert album.counts() == {"cat": 7, "dog": 3}
    album.undo()
    assert files(project.home) == before


def test_a_name_that_no_folder_can_have_is_said_and_the_rest_is_taken(project: Project) -> None:
    say(project, "cat/dog", "0.png", "1.png")
    say(project, "fox", "2.png")
    unsorted = Unsorted(Album(project))
    left = unsorted.take()["left"]
    assert left == ["2 photos named 'cat/dog': The name 'cat/dog' has the character '/' in it."]
    assert {"0.png", "1.png"} < files(project.unsorted)
    for _ in range(2):
        with pytest.raises(UserError, match="cat/dog"):
            unsorted.take()


def test_without_a_name_nothing_is_taken(project: Project) -> None:
    unsorted = Unsorted(Album(project))
    with pytest.raises(UserError, match="None of the photos is named yet"):
        unsorted.take()
    assert Album(project).can_undo == ""


def test_a_damaged_catalog_is_said_and_the_project_opens(project: Project) -> None:
    say(project, "fox", "0.png")
    Unsorted(Album(project)).take()
    for file in (project.unsorted / ".whatsit").glob("catalog*"):
        file.write_bytes(b"no database" * 500)
    told = Unsorted(Album(project)).describe()
    assert told["problem"]
    assert told["count"] == 5


def test_a_data_set_that_is_opened_in_place_has_its_pile_beside_it(tmp_path: Path) -> None:
    class_folders(tmp_path / "pets", "cat", "dog")
    with running(tmp_path / "pets") as studio:
        place = studio.look("pets")["unsorted"]["place"]
        assert studio.put("pets", "photos", encode_jpeg(drawn(seed=9)), class_=place, name="a.jpg")[0] == 200
        assert (tmp_path / "pets-unsorted" / "a.jpg").exists()
        assert studio.look("pets")["unsorted"]["source"] == "pets-unsorted"


def test_photos_and_archives_come_in_unsorted_and_one_undo_takes_them_away(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(3):
            archive.writestr(f"trip/{number}.jpg", encode_jpeg(drawn(seed=number)))
    with running(tmp_path / "all") as studio:
        studio.ask("/api/projects", {"name": "pets"})
        status, answer = studio.put("pets", "archive", packed.getvalue(), class_=PLACE, batch="1")
        assert (status, answer) == (200, {"added": 3, "classes": [], "skipped": []})
        photo = encode_jpeg(drawn(seed=9))
        assert studio.put("pets", "photos", photo, class_=PLACE, name="../../9.jpg", batch="1")[0] == 200
        found = studio.look("pets")
        assert (found["classes"], found["unsorted"]["count"]) == ([], 4)
        assert [file.name for file in sorted((tmp_path / "all/pets/unsorted").glob("*.jpg"))] == [
            "0.jpg",
            "1.jpg",
            "2.jpg",
            "9.jpg",
        ]
        assert studio.ask("/api/projects")[2]["projects"][0]["unsorted"] == 4
        assert studio.do("pets", "undo") == "Added 4 photos to what is to be sorted"
        assert studio.look("pets")["unsorted"]["count"] == 0
        for wrong in ("../other", "../unsorted/x", "../photos", ".."):
            assert studio.put("pets", "photos", photo, class_=wrong, name="a.jpg")[0] == 400
            assert studio.ask("/api/pets/move", {"photos": [], "class": wrong})[0] == 400


def enter(studio: Running) -> str:
    """The address of the page on which the photos are named, once it is open."""
    status, headers, _ = studio.ask("/sort/pets")
    assert status == 303
    page = headers["location"]
    wait_for(lambda: "question" in studio.ask(f"{page}api/state")[2], 120)
    return page


def test_an_old_page_cannot_name_what_has_other_numbers_by_now(tmp_path: Path) -> None:
    folder = tmp_path / "all" / "pets"
    (folder / "photos").mkdir(parents=True)
    (folder / "unsorted").mkdir()
    for number in range(12):
        kind = ("disc", "stripes")[number % 2]
        (folder / "unsorted" / f"{number:02}.jpg").write_bytes(encode_jpeg(draw(kind, number)))
    with running(tmp_path / "all") as studio:
        page = enter(studio)
        for path in (page, f"{page}api/state", f"{page}photo/0", "/sort/pets"):
            assert studio.ask(path, Cookie="")[0] == 403
        assert studio.ask(f"{page}api/answer", {"photos": [0], "class": "x"}, origin="https://e.example")[0] == 403
        for photos, label in ([[0, 2, 4], "disc"], [[1, 3], "stripes"]):
            assert studio.ask(f"{page}api/answer", {"photos": photos, "class": label})[0] == 200
        assert enter(studio) == page
        done = studio.do("pets", "take-named")
        assert done["sentence"].startswith("5 photos put into 2 classes.")
        assert done["sentence"].endswith(": 7 photos that nobody named.")
        assert studio.counts("pets") == {"disc": 3, "stripes": 2}
        status, _, answer = studio.ask(f"{page}api/answer", {"photos": [0], "class": "disc"})
        assert (status, "have changed since" in answer["error"]) == (400, True)
        assert studio.ask(page)[1]["location"] == "/sort/pets"  # a reload leads to the new one
        new = enter(studio)
        assert new != page
        assert studio.ask(f"{new}api/state")[2]["photos"] == 7
        assert studio.do("pets", "undo") == "Put 5 photos into classes"
        last = enter(studio)
        state: dict[str, Any] = studio.ask(f"{last}api/state")[2]
        assert (state["photos"], state["named"]) == (12, 5)
        studio.process.terminate()
        assert studio.process.wait(30) is not None
    assert read_named(folder / "unsorted") is not None


def test_without_photos_to_sort_one_is_led_back(tmp_path: Path) -> None:
    with running(tmp_path / "all") as studio:
        studio.ask("/api/projects", {"name": "my pets"})
        status, headers, _ = studio.ask("/sort/my%20pets")
        assert (status, headers["location"]) == (303, "/#/my%20pets/photos")
        assert studio.ask("/sort/nothing/0/api/state")[0] == 400
        assert studio.ask("/api/my%20pets/take-named", {})[0] == 400

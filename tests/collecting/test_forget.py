"""What somebody asks to be deleted is gone with its copies, and never comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from drawing import put
from whatsit.collecting.forget import Forgotten, forget
from whatsit.collecting.ledger import Ledger
from whatsit.collecting.search.found import Page
from whatsit.data.catalog import KnownPhoto, Proven, Sighting, open_catalog
from whatsit.errors import UserError
from whatsit.files import write_csv


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three photos by two authors from two hosts, of which the second is the first again, so that it was not kept;
    and one that is not fetched yet."""
    root = tmp_path / "birds"
    root.mkdir()
    authors = {
        "https://a.example/1.jpg": "Ann",
        "https://b.example/2.jpg": "Bob",
        "https://a.example/3.jpg": "Bob",
    }
    contents = dict(zip(authors, ("same", "same", "other"), strict=True))
    with open_catalog(root) as known:
        ledger = Ledger(known)
        for number, (address, author) in enumerate(authors.items(), 1):
            name = f"class {number}" if number < 3 else "kite"
            ledger.add(name, "commons", "words", Page((Sighting(address, author=author),)), {})
            (candidate,) = known.next_candidates(name, 0, 9)
            photo = KnownPhoto(f"{name}/{number}.jpg", contents[address], 9, 80, 60, "JPEG", 1)
            if ledger.settle(candidate, Proven(contents[address], photo), address)[0] == "kept":
                put(root / photo.path, seed=number)
        ledger.add("kite", "commons", "words", Page((Sighting("https://a.example/4.jpg", author="Eve"),)), {})
    return root


def left(data: Path) -> set[str]:
    return {file.relative_to(data).as_posix() for file in data.rglob("*.jpg")}


def test_a_photo_is_forgotten_by_its_path_or_by_its_address(data):
    before = left(data)
    done = forget(data, photo="kite/3.jpg")
    assert done.photos == ("kite/3.jpg",)
    assert left(data) == before - {"kite/3.jpg"}
    with open_catalog(data) as known:
        assert "kite/3.jpg" not in known.photos()
    with pytest.raises(UserError, match=r"No photo 'kite/9\.jpg' is known"):
        forget(data, photo="kite/9.jpg")


def test_an_author_is_forgotten_with_all_photos_and_what_shows_the_same(data):
    done = forget(data, creator="Bob")
    assert (done.photos, done.barred) == (("class 1/1.jpg", "kite/3.jpg"), 3)  # and the address of the same bytes
    assert left(data) == set()


def test_a_host_is_forgotten_however_it_is_spelt_with_what_was_not_fetched_yet(data):
    assert forget(data, host="A.EXAMPLE").barred == 4
    assert left(data) == set()
    with pytest.raises(UserError, match=r"No host 'c\.example' is known"):
        forget(data, host="c.example")


def test_what_was_not_fetched_yet_never_will_be(data):
    done = forget(data, creator="Eve")
    assert (done.photos, done.barred) == ((), 1)
    with open_catalog(data) as known:
        assert known.next_candidates("kite", 0, 9) == []


def test_runs_that_learnt_from_a_photo_are_named_and_others_not(data, tmp_path):
    for name, photo in (("one", "kite/3.jpg"), ("two", "kite/5.jpg")):
        (tmp_path / "runs" / name).mkdir(parents=True)
        write_csv(tmp_path / "runs" / name / "split.csv", ("name", "sha256"), [{"name": photo, "sha256": "x"}])
    assert forget(data, photo="kite/3.jpg", runs=tmp_path / "runs").runs == (tmp_path / "runs" / "one",)


@pytest.mark.parametrize("asked", [{}, {"photo": ""}, {"photo": "a", "host": "b"}, {"creator": "a", "host": "b"}])
def test_one_thing_at_a_time_is_forgotten(data, asked):
    with pytest.raises(UserError, match="one photo, one creator or one host"):
        forget(data, **asked)
    assert len(left(data)) == 2


def test_what_is_not_known_is_told_with_what_is(data, tmp_path):
    with pytest.raises(UserError, match="No creator 'Zoe' is known") as caught:
        forget(data, creator="Zoe")
    assert "Ann" in caught.value.hint
    with pytest.raises(UserError, match="There is no folder"):
        forget(data / "none", creator="Ann")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="No host 'a' is known") as caught:
        forget(tmp_path / "empty", host="a")
    assert caught.value.hint == "Nothing was collected there yet."


def test_a_photo_behind_a_link_is_somebodys_original_and_stays(data, tmp_path):
    (data / "kite").rename(tmp_path / "originals")
    (data / "kite").symlink_to(tmp_path / "originals")
    with pytest.raises(UserError, match=r"'kite/3.jpg' lies behind the link 'kite'"):
        forget(data, photo="kite/3.jpg")
    assert (tmp_path / "originals" / "3.jpg").exists()
    with open_catalog(data) as known:
        assert "kite/3.jpg" in known.photos()


def test_what_was_done_is_one_sentence():
    assert Forgotten(("a", "b", "c"), 1500, ()).sentence() == (
        "Deleted: 3 photos. Addresses that will not be asked again: 1,500."
    )

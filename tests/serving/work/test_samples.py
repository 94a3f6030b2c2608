"""A photo of each class, as far as there is one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from serving import photo
from whatsit import events
from whatsit.errors import UserError
from whatsit.image import read_header
from whatsit.serving.work.samples import MOST_TRIED, SIDE, read_samples


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for label, colour in {"blue": (60, 80, 200), "red": (200, 60, 60)}.items():
        (tmp_path / label).mkdir()
        (tmp_path / label / "b.jpg").write_bytes(photo(colour))
    (tmp_path / "blue" / "a.jpg").write_bytes(b"<html>")  # first by name, but no photo
    (tmp_path / "red" / "a.txt").write_text("notes")
    return tmp_path


def test_a_class_shows_its_first_photo_that_can_be_read_small_and_square(folder: Path) -> None:
    samples = read_samples(folder, ("blue", "green", "red"))
    assert set(samples.photos) == {"blue", "red"}
    header = read_header(samples.photos["blue"])
    assert (header.format, header.width, header.height) == ("JPEG", SIDE, SIDE)


def test_its_address_changes_with_the_photo_and_leads_to_it(folder: Path) -> None:
    samples = read_samples(folder, ("blue", "red"))
    addresses = samples.addresses(("blue", "green", "red"))
    assert set(addresses) == {"blue", "red"}
    assert addresses["blue"] != addresses["red"]
    assert samples.photo(addresses["red"].removeprefix("/samples/")) == samples.photos["red"]
    assert samples.photo("0.jpg") is None


def test_without_a_folder_there_are_none() -> None:
    assert read_samples(None, ("blue",)).addresses(("blue",)) == {}


def test_a_class_of_unreadable_photos_is_not_searched_for_ever(tmp_path: Path) -> None:
    for label in ("blue", "red"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "z.jpg").write_bytes(photo())
    for number in range(MOST_TRIED):
        (tmp_path / "blue" / f"{number:02}.jpg").write_bytes(b"")
    assert set(read_samples(tmp_path, ("blue", "red")).photos) == {"red"}


def test_what_lies_before_the_first_photo_is_named(folder: Path) -> None:
    os.mkfifo(folder / "red" / "0.jpg")
    (folder / "red" / "00.jpg").symlink_to("nowhere")
    Path(os.fsdecode(os.fsencode(folder / "red") + b"/0\xff.jpg")).write_bytes(photo())
    (folder / "green").mkdir()
    (folder / "green" / "deep").symlink_to(folder / "blue")
    said: list[str] = []
    with events.listening(lambda event: said.append(str(event))):
        assert set(read_samples(folder, ("blue", "green", "red")).photos) == {"blue", "green", "red"}
    whole = "\n".join(said)
    for reason in ("a named pipe", "a link that leads nowhere", "not valid UTF-8", "(.txt)", "not a picture"):
        assert reason in whole


def test_a_folder_that_shows_nothing_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no folder"):
        read_samples(tmp_path / "gone", ("blue",))
    with pytest.raises(UserError, match="No class of the model has photos") as told:
        read_samples(tmp_path, ("blue", "red"))
    assert told.value.hint == "It needs folders of these names: blue, red."

"""Photos on their way in: whole or not at all, under names that no folder minds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from drawing import class_folders, drawn
from whatsit.errors import DiskFull, UserError
from whatsit.image import encode_jpeg, encode_png
from whatsit.studio.photos import intake
from whatsit.studio.photos.album import Album
from whatsit.studio.photos.intake import Given, Intake
from whatsit.studio.places import find_projects

JPEG = encode_jpeg(drawn(seed=50))
PNG = encode_png(drawn(seed=51))


@pytest.fixture
def album(tmp_path: Path) -> Album:
    (project,) = find_projects(class_folders(tmp_path / "pets", "cat", "dog"))
    return Album(project)


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("IMG 1.JPG", JPEG, "cat/IMG 1.JPG"),
        ("a/b/c.png", PNG, "cat/c.png"),
        ("..\\..\\evil.png", PNG, "cat/evil.png"),
        ("no suffix", JPEG, "cat/no suffix.jpg"),
        ("wrong.txt", PNG, "cat/wrong.png"),
        (".png", PNG, "cat/png.png"),
        ("a:b?.png", PNG, "cat/a-b.png"),
        ("قطة.png", PNG, "cat/قطة.png"),
        ("", JPEG, "cat/photo.jpg"),
    ],
)
def test_a_photo_gets_a_name_of_its_own(album: Album, name: str, content: bytes, place: str) -> None:
    assert Intake(album).take(Given(content, name, "cat")) == place
    assert (album.project.photos / place).read_bytes() == content


def test_two_photos_of_one_name_are_two_and_the_same_one_is_one(album: Album) -> None:
    came = [
        Intake(album).take(Given(content, "x.png", "cat")) for content in (PNG, PNG, encode_png(drawn(seed=9)))
    ]
    assert came == ["cat/x.png", "", "cat/x-2.png"]


def test_a_batch_is_undone_in_one_go(album: Album) -> None:
    bringing = Intake(album)
    for seed in range(3):
        bringing.take(Given(encode_png(drawn(seed=60 + seed)), f"{seed}.png", "cat", "batch"))
    assert album.can_undo == "Added 3 photos to cat"
    album.undo()
    assert album.counts() == {"cat": 3, "dog": 3}


def test_frames_of_a_recording_lie_in_a_folder_of_their_own(album: Album) -> None:
    assert Intake(album).take(Given(JPEG, "0001.jpg", "cat", "b", "m1")) == "cat/recording-m1/0001.jpg"


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xd8\xff\xe0 no", JPEG[: len(JPEG) // 2], b"\0" * 1000])
def test_what_cannot_be_read_is_refused_and_leaves_nothing(album: Album, content: bytes) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        Intake(album).take(Given(content, "x.jpg", "cat"))
    assert album.counts() == {"cat": 3, "dog": 3}
    assert album.can_undo == ""


def test_a_disk_that_is_nearly_full_takes_nothing_more(album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "LEAST_FREE", shutil.disk_usage(album.project.photos).total * 2)
    with pytest.raises(DiskFull, match="disk is nearly full"):
        Intake(album).take(Given(JPEG, "x.jpg", "cat"))
    assert album.counts() == {"cat": 3, "dog": 3}


def test_a_class_that_has_gone_takes_nothing(album: Album) -> None:
    with pytest.raises(UserError, match="no class 'fox' any more"):
        Intake(album).take(Given(JPEG, "x.jpg", "fox"))

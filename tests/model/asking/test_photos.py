"""Which photos are meant by files, folders, lists, addresses and a pipe."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from drawing import put
from whatsit.errors import UserError
from whatsit.model.asking.photos import resolve_names


def names(*given: str | Path, pipe: bytes = b"") -> list[str]:
    return [photo.name for photo in resolve_names([str(name) for name in given], str.encode, io.BytesIO(pipe))]


def test_a_folder_stands_for_all_photos_below_it_in_order(tmp_path: Path) -> None:
    for name in ("b/2.jpg", "b/1.png", "a/x/y.JPG", ".hidden/z.jpg", "b/.z.jpg"):
        put(tmp_path / name)
    (tmp_path / "b" / "notes.txt").write_text("no photo")
    assert names(tmp_path) == [str(tmp_path / name) for name in ("a/x/y.JPG", "b/1.png", "b/2.jpg")]


def test_each_photo_is_meant_once(tmp_path: Path) -> None:
    photo = put(tmp_path / "a.jpg")
    assert names(photo, tmp_path, photo) == [str(photo)]


def test_a_list_has_a_name_a_line(tmp_path: Path) -> None:
    photo = put(tmp_path / "a b.jpg")
    (tmp_path / "list.txt").write_text(f"# a comment\n\n{photo}\r\nhttps://example.org/c.jpg\n")
    assert names(tmp_path / "list.txt") == [str(photo), "https://example.org/c.jpg"]


def test_through_a_pipe_comes_a_photo_or_a_list(tmp_path: Path) -> None:
    photo = put(tmp_path / "a.jpg")
    (piped,) = resolve_names(["-"], str.encode, io.BytesIO(photo.read_bytes()))
    assert (piped.name, piped.read()) == ("-", photo.read_bytes())
    assert names("-", pipe=f"{photo}\n{tmp_path / 'gone.jpg'}\n".encode()) == [
        str(photo),
        str(tmp_path / "gone.jpg"),
    ]
    assert names("-", pipe=b"-\n") == []  # a list that names the pipe does not wait for it again


def test_an_address_is_fetched_when_it_is_its_turn(tmp_path: Path) -> None:
    fetched = []
    (photo,) = resolve_names(
        ["HTTPS://example.org/a.jpg"], lambda address: fetched.append(address) or b"x", io.BytesIO()
    )
    assert fetched == []
    assert photo.read() == b"x"
    assert fetched == ["HTTPS://example.org/a.jpg"]
    del tmp_path


def test_a_folder_without_photos_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There are no photos in the folder"):
        names(tmp_path)


def test_a_name_that_is_no_text_is_a_name(tmp_path: Path) -> None:
    import os

    odd = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg")
    put(Path(odd))
    (photo,) = resolve_names([str(tmp_path)], str.encode, io.BytesIO())
    assert photo.name == odd
    assert photo.read()[:3] == b"\xff\xd8\xff"

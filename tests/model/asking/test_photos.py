"""Which photos are meant by files, folders, lists, addresses and a pipe."""

from __future__ import annotations

import io
import os
import pickle
from pathlib import Path

import pytest

from drawing import put
from trees import open_to_all, without_rights
from whatsit.errors import UserError
from whatsit.events import Event, Note, listening
from whatsit.model.asking.photos import resolve_names


class Heard:
    """What is told in passing."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, Note):
            self.notes.append(event.text)


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
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg")
    put(Path(odd))
    (photo,) = resolve_names([str(tmp_path)], str.encode, io.BytesIO())
    assert photo.name == odd
    assert photo.read()[:3] == b"\xff\xd8\xff"


def refused(*given: str | Path, pipe: bytes = b"") -> dict[str, str]:
    """What is said of the photos that cannot be had."""
    found = {}
    for photo in resolve_names([str(name) for name in given], str.encode, io.BytesIO(pipe)):
        try:
            photo.read()
        except UserError as error:
            found[photo.name] = error.sentence
    return found


def test_what_may_be_a_photo_in_a_folder_and_cannot_be_had_has_its_reason(tmp_path: Path) -> None:
    put(tmp_path / "a" / "1.png")
    os.mkfifo(tmp_path / "a" / "2.png")
    (tmp_path / "a" / "3.png").symlink_to("gone")
    (tmp_path / "a" / "clip.mov").write_bytes(b"x")
    heard = Heard()
    with listening(heard):
        assert refused(tmp_path) == {
            str(tmp_path / "a" / "2.png"): "Left out: a named pipe, no file.",
            str(tmp_path / "a" / "3.png"): "Left out: a link that leads nowhere.",
        }
    assert heard.notes == [f"{tmp_path}: 1 left out, not a photo by its name (.mov): a/clip.mov"]


def test_a_closed_folder_in_a_folder_is_a_row_and_a_closed_folder_itself_a_sentence() -> None:
    with open_to_all() as place:
        put(place / "1.png")
        (place / "closed").mkdir(mode=0)
        with without_rights():
            said = refused(place)
            assert said == {str(place / "closed"): "Left out: the folder cannot be opened (Permission denied)."}
            with pytest.raises(UserError, match="cannot be opened"):
                names(place / "closed")


def test_names_that_the_system_refuses_are_photos_with_a_reason(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    long, pipe = "a" * 300 + ".jpg", str(tmp_path / "pipe")
    said = refused(long, "nul\0.jpg", pipe, "/dev/zero")
    assert said[long].endswith("cannot be opened (File name too long).")
    assert len(said[long]) < 200
    assert "NUL" in said["nul\0.jpg"]
    assert "a named pipe" in said[pipe]
    assert "a device" in said["/dev/zero"]


def test_a_line_of_a_list_is_a_name_as_it_stands_where_there_is_such_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    odd = ["#1 dog.png", " lead.png", "trail.png ", "a\u2028b.png", "# 2.png", "f\x0cg.png"]
    for name in odd:
        put(Path(name))
    gone = ["#3 gone.png", "gone.png"]
    Path("list.txt").write_text("\n".join([*odd, "# a comment", "#", *gone, "  padded.png  "]))
    assert names("list.txt") == [*odd, *gone, "padded.png"]
    assert names("-", pipe="a.png\r\nb.png".encode("utf-16")) == ["a.png", "b.png"]
    assert names("-", pipe=b"a\nb.png\0c.png\0") == ["a\nb.png", "c.png"]


@pytest.mark.parametrize(
    "name", ["P1010001.png", "BMW_320.png", "RIFFRAFF.png", "II.png", "GIF87.png", "P6 1.jpg"]
)
def test_names_that_begin_like_a_photo_are_names(name: str) -> None:
    assert names("-", pipe=f"{name}\nok.png\n".encode()) == [name, "ok.png"]


@pytest.mark.parametrize(
    "content", [b"\0\0\0\x24ftypheic\0\0\0\0mif1heic\n\0\0more", b"P6\n# x\n2 2\n255\n", b"BM\x36\0\0\0\0\0\0\0"]
)
def test_what_begins_as_a_photo_is_one(content: bytes) -> None:
    assert names("-", pipe=content) == ["-"]


def test_bytes_through_a_pipe_that_are_neither_are_refused() -> None:
    with pytest.raises(UserError, match="What comes through the pipe is neither a photo"):
        names("-", pipe=b"\x1aE\xdf\xa3\x01\0\0\0\n matroska")


def test_a_file_is_read_elsewhere_as_it_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "a.png")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    (photo,) = resolve_names(["a.png"], None, None)
    pickled, content = pickle.dumps(photo), photo.read()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert (pickle.loads(pickled).name, pickle.loads(pickled).read()) == ("a.png", content)
    (tmp_path / "a.png").write_bytes(content + b" ")
    with pytest.raises(UserError, match=r"the photo '.*a.png' cannot be found as it is"):
        pickle.loads(pickled)


def test_what_is_no_file_of_a_disk_travels_as_its_content_or_its_reason(tmp_path: Path) -> None:
    put(tmp_path / "a.png")
    with (tmp_path / "a.png").open("rb") as opened:
        reader, writer = os.pipe()
        os.write(writer, opened.read())
        os.close(writer)
        piped, none = resolve_names([f"/dev/fd/{reader}", str(tmp_path / "none.png")], None, None)
        there = pickle.loads(pickle.dumps([piped, none]))
        os.close(reader)
    assert there[0].read() == (tmp_path / "a.png").read_bytes()
    with pytest.raises(UserError, match="There is no file"):
        there[1].read()

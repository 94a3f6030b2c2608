"""What was done is written down before it is done, and can all be undone."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from whatsit.errors import DiskFull
from whatsit.languages.speaking import Sentence, ngettext_lazy, speaking
from whatsit.studio.photos.acts import Acts


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for name in ("cat/1", "cat/2", "dog/3"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def lies(photos: Path) -> set[str]:
    return {str(file.relative_to(photos)) for file in photos.rglob("*") if file.is_file() and file.suffix == ""}


def opened(photos: Path) -> Acts:
    return Acts(photos, photos / "acts.jsonl")


BEFORE = {"cat/1", "cat/2", "dog/3"}


def test_acts_are_undone_in_turn_also_by_another_process(photos: Path) -> None:
    acts = opened(photos)
    acts.do(Sentence("Moved 1"), [("cat/1", "dog/1")])
    acts.do(Sentence("Moved all"), [("dog/1", "fox/1"), ("cat/2", "fox/2")])
    assert lies(photos) == {"fox/1", "fox/2", "dog/3"}
    assert opened(photos).last == "Moved all"
    again = opened(photos)
    assert str(again.undo().what) == "Moved all"  # type: ignore[union-attr]
    assert again.last == "Moved 1"
    assert str(opened(photos).undo().what) == "Moved 1"  # type: ignore[union-attr]
    assert lies(photos) == BEFORE
    assert opened(photos).undo() is None


def test_photos_of_one_batch_are_undone_together(photos: Path) -> None:
    (photos / "away").mkdir()
    for name in "abc":
        (photos / "away" / name).touch()
    acts = opened(photos)
    acts.gather(Sentence("Added 1"), [("away/a", "fox/a")], "batch")
    acts.gather(Sentence("Added 2"), [("away/b", "fox/b")], "batch")
    acts.gather(Sentence("Added 1"), [("away/c", "hen/c")], "other")
    assert lies(photos) == BEFORE | {"fox/a", "fox/b", "hen/c"}
    for one in (acts, opened(photos)):
        assert (len(one), one.last) == (2, "Added 1")
    again = opened(photos)
    again.undo()
    assert lies(photos) == BEFORE | {"fox/a", "fox/b", "away/c"}
    again.undo()
    assert lies(photos) == BEFORE | {"away/a", "away/b", "away/c"}


def test_what_comes_together_is_not_mixed_with_what_was_done_between(photos: Path) -> None:
    (photos / "away").mkdir()
    for name in "ab":
        (photos / "away" / name).touch()
    acts = opened(photos)
    acts.gather(Sentence("Added 1"), [("away/a", "fox/a")], "batch")
    acts.do(Sentence("Moved 1"), [("cat/1", "dog/1")])
    acts.gather(Sentence("Added 2"), [("away/b", "fox/b")], "batch")
    undone = [str(opened(photos).undo().what) for _ in range(3)]  # type: ignore[union-attr]
    assert undone == ["Added 2", "Moved 1", "Added 1"]


def test_a_photo_that_a_kill_kept_from_its_place_gets_there(photos: Path) -> None:
    (photos / "away").mkdir()
    for name in "ab":
        (photos / "away" / name).touch()
    opened(photos).gather(Sentence("Added 1"), [("away/a", "fox/a")], "batch")
    with (photos / "acts.jsonl").open("a") as file:
        file.write('{"more": 1, "what": "Added 2", "moves": [["away/b", "fox/b"]]}\n')
    opened(photos)
    assert lies(photos) == BEFORE | {"fox/a", "fox/b"}


@pytest.mark.parametrize("done", [0, 1, 2])
def test_what_a_kill_cut_short_is_finished_at_the_next_opening(photos: Path, done: int) -> None:
    moves = [("cat/1", "dog/1"), ("cat/2", "dog/2")]
    line = {"act": 1, "what": "Moved 2", "moves": moves}
    (photos / "acts.jsonl").write_text(json.dumps(line) + "\n")
    for source, target in moves[:done]:
        (photos / source).rename(photos / target)
    acts = opened(photos)
    assert lies(photos) == {"dog/1", "dog/2", "dog/3"}
    with (photos / "acts.jsonl").open("a") as file:
        file.write('{"undo": 1}\n')
    del acts
    opened(photos)
    assert lies(photos) == BEFORE


def test_a_line_that_was_cut_short_was_never_carried_out(photos: Path) -> None:
    (photos / "acts.jsonl").write_text('{"act": 1, "what": "Moved", "moves": [["cat/1", "do')
    acts = opened(photos)
    assert (acts.last, lies(photos)) == ("", BEFORE)
    acts.do(Sentence("Moved 1"), [("cat/2", "dog/2")])
    assert opened(photos).last == "Moved 1"


def test_a_line_that_a_full_disk_cut_short_takes_no_other_with_it(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts, real = opened(photos), os.fsync
    acts.do(Sentence("Moved 1"), [("cat/1", "dog/1")])

    def fill_up(file: int) -> None:
        os.ftruncate(file, os.fstat(file).st_size - 5)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fill_up)
    with pytest.raises(DiskFull):
        acts.do(Sentence("Moved 2"), [("cat/2", "dog/2")])
    monkeypatch.setattr(os, "fsync", real)
    acts.do(Sentence("Moved 3"), [("dog/3", "cat/3")])
    assert opened(photos).last == "Moved 3"
    acts.undo()
    assert opened(photos).last == "Moved 1"
    assert lies(photos) == {"dog/1", "cat/2", "dog/3"}


@pytest.mark.parametrize("kind", ["undo", "more"])
def test_what_belongs_to_a_line_that_was_lost_is_not_taken_for_another_acts(photos: Path, kind: str) -> None:
    acts = opened(photos)
    acts.do(Sentence("Moved 1"), [("cat/1", "dog/1")])
    acts.gather(Sentence("Added 1"), [("cat/2", "fox/2")], "batch")
    if kind == "undo":
        acts.undo()
    else:
        acts.gather(Sentence("Added 2"), [("dog/3", "fox/3")], "batch")
    lines = (photos / "acts.jsonl").read_text().splitlines()
    (photos / "acts.jsonl").write_text("\n".join([lines[0], lines[1][:20], *lines[2:]]) + "\n")
    there = lies(photos)
    again = opened(photos)
    assert lies(photos) == there
    assert again.last == ("Moved 1" if kind == "undo" else "Added 2")
    for _ in range(len(again)):
        again.undo()
    assert lies(photos) == (BEFORE if kind == "undo" else BEFORE - {"cat/2"} | {"fox/2"})


def test_what_comes_from_aside_leaves_no_empty_folder_there(photos: Path) -> None:
    for place in ("one", "two"):
        (photos / ".whatsit/studio/removed" / place / "cat").mkdir(parents=True)
        (photos / ".whatsit/studio/removed" / place / "cat/9").write_text("9")
    acts = opened(photos)
    acts.do(Sentence("Added 1"), [(".whatsit/studio/removed/one/cat/9", "cat/9")])
    assert [file.name for file in (photos / ".whatsit/studio/removed").iterdir()] == ["two"]
    acts.undo()
    assert (photos / ".whatsit/studio/removed/one/cat/9").read_text() == "9"


def test_what_was_done_is_said_in_the_language_of_who_asks(photos: Path) -> None:
    opened(photos).do(
        ngettext_lazy("Moved {count} photo to {name}", "Moved {count} photos to {name}", 1, name="{dog}"), []
    )
    acts = opened(photos)
    assert acts.last == "Moved 1 photo to {dog}"
    with speaking("de"):
        assert acts.last == "1 Foto nach {dog} verschoben"
    assert json.loads((photos / "acts.jsonl").read_text())["what"] == "Moved 1 photo to {dog}"

"""Every entry of a folder is a photo or has its reason."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from drawing import class_folders, put
from trees import count_entries, grow, open_to_all, without_rights
from whatsit.data.listing.walk import walk
from whatsit.data.readers import read
from whatsit.errors import UserError


def reasons(folder: Path) -> dict[str, str]:
    return {entry.name: entry.reason for entry in walk(folder)}


def accounted(seed: int) -> None:
    draw = random.Random(seed)
    with open_to_all() as root:
        for label in ("cat", "dog"):
            (root / label).mkdir()
            (root / label / "0.jpg").write_bytes(b"x")
            grow(root / label, draw, b"x")
        with without_rights():
            data = read(root)
            found = len(data) + len(data.skipped)
            wanted = count_entries(root)
        assert found == wanted, (seed, sorted(data.photos.names), data.skipped)
        assert all(skipped.reason for skipped in data.skipped)
        assert [name.split("/")[0] for name in data.photos.names] == [data.classes[label] for label in data.labels]


def test_in_random_trees_every_entry_is_a_photo_or_has_a_reason() -> None:
    for seed in range(60):
        accounted(seed)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_in_ten_thousand_random_trees_every_entry_is_a_photo_or_has_a_reason() -> None:
    for seed in range(1_000, 11_000):
        accounted(seed)


def test_links_to_folders_are_followed_and_none_is_looked_into_twice(tmp_path):
    put(tmp_path / "far" / "1.jpg")
    put(tmp_path / "cat" / "sub" / "2.jpg")
    (tmp_path / "cat" / "away").symlink_to(tmp_path / "far")
    (tmp_path / "cat" / "again").symlink_to("sub")
    (tmp_path / "cat" / "up").symlink_to("..")
    assert reasons(tmp_path / "cat") == {
        "again/2.jpg": "",
        "away/1.jpg": "",
        "sub": "the same folder as 'again'",
        "up": "a link to a folder that it lies in",
    }


def test_a_ladder_of_links_does_not_grow_without_bound(tmp_path):
    place = tmp_path
    for step in range(40):  # each step twice: 2 to the 40th ways down
        below = tmp_path / f"step{step}"
        below.mkdir()
        for name in ("left", "right"):
            (place / name).symlink_to(below)
        place = below
    put(place / "1.jpg")
    assert sum(not reason for reason in reasons(tmp_path / "step0").values()) == 1


def test_what_is_no_file_is_named(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    (tmp_path / "b.png").symlink_to("/dev/zero")
    (tmp_path / "c.png").symlink_to("nowhere")
    (tmp_path / "d.png").symlink_to("d.png")
    assert reasons(tmp_path) == {
        "a.png": "a named pipe, no file",
        "b.png": "a device, no file",
        "c.png": "a link that leads nowhere",
        "d.png": "it cannot be looked at (Too many levels of symbolic links)",
    }


def test_a_class_that_cannot_be_opened_is_a_sentence_and_so_is_the_whole_folder():
    with open_to_all() as root:
        class_folders(root, "cat", "dog", "cat/sub")
        (root / "cat" / "sub").chmod(0)
        with without_rights():
            assert [(one.name, one.reason) for one in read(root).skipped] == [
                ("cat/sub", "the folder cannot be opened (Permission denied)")
            ]
        (root / "dog").chmod(0)
        with without_rights(), pytest.raises(UserError, match=r"folder 'dog' .* cannot be opened \(Permission"):
            read(root)
        root.chmod(0)
        with without_rights(), pytest.raises(UserError, match=r"cannot be opened \(Permission denied\)"):
            read(root)
        root.chmod(0o755)
        (root / "t.csv").write_text("path,label\n")
        (root / "t.csv").chmod(0)
        with without_rights(), pytest.raises(UserError, match=r"cannot be opened \(Permission denied\)"):
            read(root / "t.csv")


def test_what_whatsit_writes_beside_the_photos_is_no_entry(tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "pets", "cat", "dog", photos=1)
    (folder / ".whatsit").mkdir()
    (folder / "ATTRIBUTION.md").write_text("Who made the photos", encoding="utf-8")
    assert sorted(reasons(folder)) == ["cat/0.png", "dog/0.png"]
    assert read(folder).skipped == ()

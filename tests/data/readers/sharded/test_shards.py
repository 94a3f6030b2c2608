from __future__ import annotations

import contextlib
import hashlib
import io
import json
import pickle
import tarfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photos import scene
from shards import members_of, write_shard, write_shards
from whatsit.data.pieces import Pieces
from whatsit.data.pixels import decode_photos
from whatsit.data.readers import read
from whatsit.data.readers.sharded.members import Broken
from whatsit.data.readers.sharded.samples import read_samples
from whatsit.errors import UserError
from whatsit.image import encode_jpeg
from whatsit.packing.packing import PackOptions, pack


def small_shard() -> bytes:
    """Four photos, one with a name that takes a header of its own."""
    shard = io.BytesIO()
    with tarfile.open(fileobj=shard, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in ("a.jpg", "a.cls", f"{'x' * 150}.jpg", "ü.png", "ü.json", "b.gif"):
            member = tarfile.TarInfo(name)
            member.size = 300
            archive.addfile(member, io.BytesIO(bytes(300)))
    return shard.getvalue()


SMALL = small_shard()


def labels_of(folder: Path) -> list[str]:
    data = read(folder)
    return [data.classes[label] for label in data.labels]


def reasons(folder: Path) -> dict[str, str]:
    return {one.name: one.reason for one in read(folder).skipped}


def test_every_photo_of_every_shard_is_read_once_with_its_class_and_part(tmp_path):
    data = read(write_shards(tmp_path / "pets"))
    assert (data.name, data.classes, data.skipped) == ("pets", ("cat", "dog"), ())
    assert Counter(data.parts.tolist()) == {"train": 8, "val": 8, "test": 8}
    assert len(set(data.photos.names)) == 24
    contents = {hashlib.sha256(data.photos.read(row)).digest() for row in range(24)}
    assert contents == {hashlib.sha256(encode_jpeg(scene(seed=number))).digest() for number in range(24)}
    by_name = dict(zip(data.photos.names, data.labels.tolist(), strict=True))
    assert by_name["train-00000.tar/000003.jpg"] == 1


def test_any_photo_is_read_by_itself_and_travels_with_its_place(tmp_path):
    photos = read(write_shards(tmp_path / "pets")).photos
    some = photos.select(np.array([23, 0, 11, 23]))
    assert [some.read(row) for row in range(4)] == [photos.read(row) for row in (23, 0, 11, 23)]
    there = pickle.loads(pickle.dumps(some))
    assert isinstance(there, Pieces)
    assert (there.names, len(there.files)) == (some.names, 3)
    assert [there.read(row) for row in range(4)] == [some.read(row) for row in range(4)]
    sent = pickle.dumps(some)
    write_shard(tmp_path / "pets" / "val-00000.tar", members_of(0, 2))
    with pytest.raises(
        UserError, match=r"the file 'val-00000.tar' cannot be found as it is where the work is led"
    ):
        pickle.loads(sent)


@pytest.mark.parametrize("suffix", ["cls", "txt", "json"])
def test_the_class_stands_beside_the_photo(tmp_path, suffix):
    write_shard(tmp_path / "0.tar", members_of(0, 4, suffix))
    (tmp_path / "classes.txt").write_text("cat\ndog\n")
    assert labels_of(tmp_path) == ["cat", "dog", "cat", "dog"]
    assert labels_of(tmp_path / "0.tar") == ["cat", "dog", "cat", "dog"]


def test_a_cls_counts_before_a_json_and_that_before_a_text(tmp_path):
    photo = encode_jpeg(scene())
    said = {"cls": b"fox", "json": b'{"label": "owl", "group": 7}', "txt": b"a caption"}
    first = {"a.jpg": photo, **{f"a.{suffix}": text for suffix, text in said.items()}}
    second = {"b.jpg": photo, **{f"b.{suffix}": said[suffix] for suffix in ("json", "txt")}}
    data = read(write_shard(tmp_path / "0.tar", {**first, **second}))
    assert [data.classes[label] for label in data.labels] == ["fox", "owl"]
    assert data.columns == {"group": ["7", "7"]}
    assert data.grouped_by == "group"


def test_what_a_shard_holds_beside_photos_is_named(tmp_path):
    photo = encode_jpeg(scene())
    members = {
        **members_of(0, 2, "txt"),
        "lonely.cls": b"cat",
        "unsaid.jpg": photo,
        "000000.png": photo,
        "000001.seg.png": photo,
        "clip.mp4": b"film",
        "._000000.jpg": b"left behind",
        "long.txt": b"x" * 70_000,
    }
    write_shard(tmp_path / "0.tar", members)
    (tmp_path / "notes.md").write_text("of the shards")
    assert reasons(tmp_path) == {
        "0.tar/lonely.cls": "no photo beside it",
        "0.tar/unsaid.jpg": "no class beside it",
        "0.tar/000000.png": "a second photo of one name",
        "0.tar/000001.seg.png": "a second photo of one name, by its name (.seg.png)",
        "0.tar/clip.mp4": "not a photo by its name (.mp4)",
        "0.tar/._000000.jpg": "hidden, as its name begins with a dot",
        "0.tar/long.txt": "longer than 64 kB",
        "notes.md": "not a photo by its name (.md)",
    }


def test_members_that_are_no_files_or_stand_twice_are_named(tmp_path):
    with tarfile.open(write_shard(tmp_path / "0.tar", members_of(0, 4, "txt")), "a") as archive:
        link = tarfile.TarInfo("link.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("000000.jpg"))
        folder = tarfile.TarInfo("photos")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    assert reasons(tmp_path) == {
        "0.tar/link.jpg": "a link or a device, no file",
        "0.tar/000000.jpg": "its name stands twice in the shard",
    }
    assert len(read(tmp_path)) == 4


@pytest.mark.parametrize("length", [0, 100, 512, 700, 5_000, 20_480, -10_240, -1_024, -513])
def test_a_shard_that_is_cut_short_is_named(tmp_path, length):
    shard = write_shards(tmp_path, parts=("train", "test")) / "test-00000.tar"
    whole = shard.read_bytes().rstrip(b"\0")
    shard.write_bytes(shard.read_bytes()[:length] if length >= 0 else whole)
    with pytest.raises(UserError, match=r"'test-00000.tar' is damaged") as refusal:
        read(tmp_path)
    assert refusal.value.hint


def test_a_shard_with_a_damaged_header_is_named(tmp_path):
    shard = write_shards(tmp_path, parts=("train", "test")) / "test-00000.tar"
    content = bytearray(shard.read_bytes())
    with tarfile.open(shard) as archive:
        at = archive.getmembers()[5].offset
    content[at + 148 : at + 156] = b"damaged!"
    shard.write_bytes(content)
    with pytest.raises(UserError, match=r"'test-00000.tar' is damaged"):
        read(tmp_path)


@given(st.lists(st.tuples(st.integers(0, 8_191), st.integers(0, 255)), min_size=1, max_size=8))
@settings(max_examples=300, deadline=None)
def test_whatever_a_header_says_a_shard_is_read_or_broken(changes):
    content = bytearray(SMALL)
    for place, value in changes:
        content[place] = value
    with contextlib.suppress(Broken):
        for photo in read_samples(io.BytesIO(content)).photos:
            assert photo.start >= 0
            assert photo.length >= 0


def test_a_shard_is_indexed_once_and_again_when_it_has_changed(tmp_path, monkeypatch):
    folder = write_shards(tmp_path)
    before = read(folder)
    opened: list[str] = []
    monkeypatch.setattr(
        "whatsit.data.readers.sharded.index.read_samples",
        lambda file: opened.append(Path(file.name).name) or read_samples(file),
    )
    read(folder)
    assert opened == []
    write_shard(folder / "val-00000.tar", members_of(100, 4))
    after = read(folder)
    assert opened == ["val-00000.tar"]
    assert (len(before), len(after)) == (24, 20)


def test_a_photo_whose_shard_was_written_to_since_is_left_out_by_name(tmp_path):
    folder = write_shards(tmp_path)
    data = read(folder)
    write_shard(folder / "val-00000.tar", members_of(100, 8))
    good, _ = decode_photos(data, (16, 16))
    assert len(good) == 16
    assert {one.reason for one in good.skipped} == {
        "could not be opened (val-00000.tar was written to since it was listed)"
    }


def test_a_pack_is_read_again_as_it_was_packed(folder, tmp_path):
    for label in ("cat", "dog"):
        for number in range(6, 12):
            content = encode_jpeg(scene(seed=100 + number + 50 * (label == "dog")))
            (folder / label / f"{number}.jpg").write_bytes(content)
    contents = pack(folder, tmp_path / "packed", PackOptions(to="shards", size=32, per_class=20))
    data = read(tmp_path / "packed")
    assert data.classes == ("cat", "dog")
    parts = {part: len(entries) for part, entries in contents.entries.items()}
    assert Counter(data.parts.tolist()) == parts
    assert data.counts().tolist() == [sum(parts.values()) // 2] * 2
    assert {one.name for one in data.skipped} <= {
        "contents.csv", "croissant.json", "augmentations.png", "README.md"
    }  # fmt: skip
    of_photo: dict[str, set[int]] = {}
    for photo, group in zip(data.columns["photo"], data.groups.tolist(), strict=True):
        of_photo.setdefault(photo, set()).add(group)
    assert all(len(groups) == 1 for groups in of_photo.values())  # a photo and its copies stay together


def test_several_labels_stand_in_a_list(tmp_path):
    photo = encode_jpeg(scene())
    said = [{"labels": ["sky", "sea"]}, {"labels": [], "unknown": ["sea"]}, {"labels": ["sky"]}]
    members = {}
    for number, facts in enumerate(said):
        members |= {f"{number}.jpg": photo, f"{number}.json": json.dumps(facts).encode()}
    data = read(write_shard(tmp_path / "0.tar", members))
    assert data.classes == ("sea", "sky")
    assert data.labels.tolist() == [[1, 1], [-1, 0], [0, 1]]
    with pytest.raises(UserError, match="has several labels"):
        read(tmp_path / "0.tar", labels="one")


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"cat/1.jpg": b"photo", "dog/2.jpg": b"photo"}, "No photo in the shards of .* has a class"),
        ({"1.jpg": b"photo", "1.json": b"{"}, r"The .json of '1.jpg' in '0.tar' is none"),
        ({"1.jpg": b"photo", "1.json": b'{"labels": 5}'}, "are no list of names"),
        ({"1.jpg": b"photo", "1.cls": b"9"}, "is 9, and classes.txt names 2"),
        ({"1.jpg": b"photo", "1.cls": b"1"}, "has only one class, 'dog'"),
        ({"1.jpg": b"photo", "1.cls": b""}, "has an empty class"),
    ],
)
def test_a_shard_that_nobody_can_have_meant_is_a_question(tmp_path, members, sentence):
    write_shard(tmp_path / "0.tar", members)
    (tmp_path / "classes.txt").write_text("cat\ndog\n")
    with pytest.raises(UserError, match=sentence) as refusal:
        read(tmp_path)
    assert refusal.value.hint


def test_captions_are_no_classes(tmp_path):
    members = {}
    for number in range(30):
        members |= {f"{number}.jpg": b"photo", f"{number}.txt": f"a cat on its chair, {number}".encode()}
    with pytest.raises(UserError, match="are these captions"):
        read(write_shard(tmp_path / "0.tar", members))


def test_parts_are_said_by_all_shards_or_by_none(tmp_path):
    write_shard(tmp_path / "train" / "00000.tar", members_of(0, 4))
    write_shard(tmp_path / "test" / "00000.tar", members_of(4, 4))
    assert Counter(read(tmp_path).parts.tolist()) == {"train": 4, "test": 4}
    write_shard(tmp_path / "more.tar", members_of(8, 4))
    with pytest.raises(UserError, match=r"'test/00000.tar' of .* says its part, and 'more.tar' says none"):
        read(tmp_path)


def test_a_compressed_archive_is_refused_with_what_to_do(tmp_path):
    file = tmp_path / "pets.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        archive.add(write_shard(tmp_path / "0.tar", members_of(0, 2)), "0.tar")
    (tmp_path / "0.tar").unlink()
    for place in (file, tmp_path):
        with pytest.raises(UserError, match="is a compressed archive") as refusal:
            read(place)
        assert "gunzip" in refusal.value.hint


def test_a_shard_beside_class_folders_is_no_data_set(folder):
    write_shard(folder / "backup.tar", members_of(0, 2))
    assert read(folder).counts().tolist() == [6, 6]

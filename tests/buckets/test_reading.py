"""Data at addresses, from an S3 server on loopback."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import re
import socket
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from drawing import put
from photos import scene
from s3 import KEYS, QUICK
from shards import members_of, write_shard, write_shards
from whatsit.buckets import bucket as buckets
from whatsit.cleaning.cleaning import clean
from whatsit.data.catalog import LEAVE_OUT, Decision, open_catalog
from whatsit.data.decisions import apply_decisions
from whatsit.data.objects import Objects
from whatsit.data.pieces import Pieces
from whatsit.data.pixels import decode_photos
from whatsit.data.readers import read
from whatsit.engine import Workers, working_on
from whatsit.errors import UserError
from whatsit.files import cache_dir, remove
from whatsit.image import encode_jpeg
from whatsit.store import OBJECTS, list_stores, prune

PETS = "s3://photos/pets"


def test_class_folders_are_read_as_from_a_disk(store, folder):
    here, there = read(folder), read(store.put_folder(PETS, folder))
    assert (there.name, there.classes, there.photos.names) == (here.name, here.classes, here.photos.names)
    assert there.labels.tolist() == here.labels.tolist()
    assert [there.photos.read(row) for row in range(12)] == [here.photos.read(row) for row in range(12)]
    assert there.origin == here.origin  # which models and their cards carry about


def test_only_names_are_asked_for_until_a_photo_is_read_and_that_once(store, folder):
    store.put_folder(PETS, folder)
    store.asked.clear()
    data = read(PETS)
    assert [one[:2] for one in store.asked] == [("GET", "/photos")]
    store.asked.clear()
    for _ in range(2):
        decode_photos(data, (16, 16))
        [data.photos.read(row) for row in range(12)]
    assert store.count("GET") == 12


def test_photos_travel_as_their_address_and_no_key_with_them(store, folder):
    data = read(store.put_folder(PETS, folder))
    sent = pickle.dumps(data.photos.select(np.array([7, 2])))
    assert not any(secret.encode() in sent for secret in KEYS.values())
    there = pickle.loads(sent)
    assert isinstance(there, Objects)
    assert [there.read(0), there.read(1)] == [data.photos.read(7), data.photos.read(2)]


def test_processes_of_their_own_read_the_same(store, folder):
    data = read(store.put_folder(PETS, folder))
    with working_on(Workers(2, processes=True)):
        there = decode_photos(data, (16, 16))[1].take(slice(None))
    assert (there == decode_photos(read(folder), (16, 16))[1].take(slice(None))).all()


def test_a_table_that_was_cut_in_the_cache_is_fetched_again(store, folder):
    store.put_folder(PETS, folder)
    store.put(f"{PETS}/metadata.csv", b"file_name,label\ncat/0.jpg,a\ndog/0.jpg,b\n")
    table = read(PETS).root / "metadata.csv"
    whole = table.read_bytes()
    table.write_bytes(whole[:30])
    read(PETS)
    assert table.read_bytes() == whole


def test_parts_tables_and_described_folders_are_read(store, tmp_path):
    for label in ("cat", "dog"):
        for part in ("train", "test"):
            put(tmp_path / "parted" / part / label / "1.png")
    data = read(store.put_folder("s3://photos/parted", tmp_path / "parted"))
    assert sorted(data.parts) == ["test", "test", "train", "train"]
    table = "path,label\nparted/train/cat/1.png,tabby\n./parted/test/dog/1.png,hound\n"
    store.put("s3://photos/list.csv", table.encode())
    listed = read("s3://photos/list.csv")
    assert listed.classes == ("hound", "tabby")
    assert listed.photos.read(1) == (tmp_path / "parted/test/dog/1.png").read_bytes()
    store.put("s3://photos/parted/metadata.csv", b"file_name,label\ntrain/cat/1.png,a\ntest/dog/1.png,b\n")
    described = read("s3://photos/parted")
    assert described.classes == ("a", "b")
    assert {one.name for one in described.skipped} == {"test/cat/1.png", "train/dog/1.png"}


def test_arrays_are_fetched_whole_and_again_only_when_they_change(store, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (8, 6, 6, 3), np.uint8)
    np.savez(tmp_path / "a.npz", images=pixels, labels=np.arange(8) % 2)
    store.put("s3://photos/a.npz", (tmp_path / "a.npz").read_bytes())
    for _ in range(2):
        data = read("s3://photos/a.npz")
        assert (np.stack([data.photos.read(row) for row in range(8)]) == pixels).all()
    assert sum(one[1] == "/photos/a.npz" and one[0] == "GET" for one in store.asked) == 1
    np.savez(tmp_path / "a.npz", images=255 - pixels, labels=np.arange(8) % 2)
    store.put("s3://photos/a.npz", (tmp_path / "a.npz").read_bytes())
    assert (read("s3://photos/a.npz").photos.read(0) == 255 - pixels[0]).all()


def test_shards_are_read_by_blocks_each_once(store, tmp_path, monkeypatch):
    monkeypatch.setattr("whatsit.buckets.bucket.BLOCK", 10_000)
    here = read(write_shards(tmp_path / "pets", photos=30))
    there = read(store.put_folder("s3://photos/shards", tmp_path / "pets"))
    assert isinstance(there.photos, Pieces)
    assert there.photos.names == here.photos.names
    some = pickle.loads(pickle.dumps(there.photos.select(np.array([29, 3]))))
    assert [some.read(0), some.read(1)] == [here.photos.read(29), here.photos.read(3)]
    assert [there.photos.read(row) for row in range(30)] == [here.photos.read(row) for row in range(30)]
    asked = [(path, pieces) for method, path, pieces in store.asked if method == "GET" and path.endswith(".tar")]
    assert len(asked) == len(set(asked)) > 9
    store.asked.clear()
    read("s3://photos/shards")
    assert store.count("GET", ".tar") == 0


def test_what_cleaning_finds_is_kept_and_the_store_is_not_written_to(store, folder):
    (folder / "dog" / "copy.jpg").write_bytes((folder / "cat" / "0.jpg").read_bytes())
    (folder / "cat" / "broken.jpg").write_bytes(b"no photo")
    store.put_folder(PETS, folder)
    store.asked.clear()
    clean(PETS)
    left = {one.name for one in apply_decisions(read(PETS)).skipped}
    assert "cat/broken.jpg" in left
    assert {method for method, *_ in store.asked} <= {"GET", "HEAD"}


def test_a_decision_is_left_aside_when_the_photo_was_replaced(store, folder):
    store.put_folder(PETS, folder)
    clean(PETS)
    with open_catalog(read(PETS).root) as catalog:
        catalog.decide(Decision("cat/0.jpg", LEAVE_OUT, why="by hand"))
    assert len(apply_decisions(read(PETS))) == 11
    store.put(f"{PETS}/cat/0.jpg", encode_jpeg(scene(seed=99)))
    assert len(apply_decisions(read(PETS))) == 12


def test_new_and_gone_objects_are_seen_at_the_next_command(store, folder):
    store.put_folder(PETS, folder)
    read(PETS)
    store.client.delete_object(Bucket="photos", Key="pets/cat/0.jpg")
    store.put(f"{PETS}/fox/1.jpg", encode_jpeg(scene(seed=70)))
    data = read(PETS)
    assert data.classes == ("cat", "dog", "fox")
    assert "cat/0.jpg" not in data.photos.names


def test_objects_whose_names_are_no_paths_are_named_and_lead_nowhere(store, folder, tmp_path):
    store.put_folder(PETS, folder)
    for name in ("cat/../../../../escaped.jpg", "cat//double.jpg", "cat/0.jpg/below.jpg", "./here.jpg"):
        store.put(f"{PETS}/{name}", b"photo")
    data = read(PETS)
    assert {one.reason for one in data.skipped} == {"its name in the store is no path"}
    assert len(data.skipped) == 4
    assert len(data) == 12
    assert not list(tmp_path.rglob("escaped.jpg"))


def spoil_photos(how: Any) -> Any:
    """Spoil what is answered when a photo is asked for."""

    def spoil(environ: Any, status: str, headers: Any, body: bytes) -> Any:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] == "GET" and path.endswith("cat/0.jpg"):
            return how(status, headers, body)
        return status, headers, body

    return spoil


def resize(headers: Any, body: bytes) -> Any:
    """The headers for another body, without its check sum."""
    gone = ("content-length", "content-range")
    kept = [one for one in headers if one[0].casefold() not in gone and "checksum" not in one[0].casefold()]
    return [*kept, ("Content-Length", str(len(body)))]


def sum_in(headers: Any) -> Any:
    return next(one for one in headers if one[0].casefold().startswith("x-amz-checksum-"))


SPOILT = {
    "half of it": (
        lambda status, headers, body: (status, resize(headers, body[:500]), body[:500]),
        r"the store gave 500 of [\d,]+ bytes",
    ),
    "half, and a sum of all of it": (
        lambda status, headers, body: (status, [*resize(headers, body[:500]), sum_in(headers)], body[:500]),
        "the store gave other bytes than it promised",
    ),
    "half of what it announces": (
        lambda status, headers, body: (status, [*resize(headers, body)], body[:500]),
        "the store gave other bytes than it promised",
    ),
    "refused": (
        lambda _s, _h, _b: (
            "403 Forbidden",
            [("Content-Type", "application/xml")],
            b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>",
        ),
        "the store refuses it",
    ),
    "gone": (
        lambda _s, _h, _b: (
            "404 Not Found",
            [("Content-Type", "application/xml")],
            b"<Error><Code>NoSuchKey</Code><Message>no</Message></Error>",
        ),
        "it is not in the store any more",
    ),
}


@pytest.mark.parametrize("kind", SPOILT)
def test_a_photo_that_the_store_does_not_give_is_left_out_by_name(store, folder, kind):
    data = read(store.put_folder(PETS, folder))
    how, reason = SPOILT[kind]
    store.spoil = spoil_photos(how)
    good, _ = decode_photos(data, (16, 16))
    (left,) = good.skipped
    assert left.name == "cat/0.jpg"
    assert left.reason.startswith("could not be opened (")
    assert re.search(reason, left.reason)
    store.spoil = None
    assert len(decode_photos(data, (16, 16))[0]) == 12  # what was no fault of the photo's is tried again


def test_an_object_that_is_another_one_now_is_left_out_by_name(store, folder):
    data = read(store.put_folder(PETS, folder))
    photo = encode_jpeg(scene(seed=80))
    before = len((folder / "cat" / "0.jpg").read_bytes())
    store.put(f"{PETS}/cat/0.jpg", (photo + b"\0" * before)[:before])  # as many bytes
    good, _ = decode_photos(data, (16, 16))
    assert [(one.name, one.reason) for one in good.skipped] == [
        ("cat/0.jpg", "could not be opened (it is another object than when its name was listed)")
    ]


def test_a_shard_that_is_another_one_now_or_cut_short_is_named(store, tmp_path):
    folder = write_shards(tmp_path / "pets")
    data = read(store.put_folder("s3://photos/shards", folder))
    remove(cache_dir() / OBJECTS)
    buckets.read_block.cache_clear()
    store.put("s3://photos/shards/val-00000.tar", write_shard(tmp_path / "x.tar", members_of(50, 8)).read_bytes())
    good, _ = decode_photos(data, (16, 16))
    assert len(good) == 16
    assert {one.reason for one in good.skipped} == {
        "could not be opened (it is another object than when its name was listed)"
    }
    content = (folder / "train-00000.tar").read_bytes()
    store.put("s3://photos/shards/train-00000.tar", content[: len(content) // 2])
    with pytest.raises(UserError, match=r"The shard 'train-00000.tar' is damaged"):
        read("s3://photos/shards")


def test_a_large_object_without_a_sum_is_compared_with_its_tag(store, folder):
    """An object that came in several pieces has a tag that is no MD5."""
    content = encode_jpeg(scene(seed=3)) + b"\0" * (5 << 20)
    store.put_folder(PETS, folder)
    upload = store.client.create_multipart_upload(Bucket="photos", Key="pets/cat/large.jpg")["UploadId"]
    pieces = [content[: 5 << 20], content[5 << 20 :]]
    tags = [
        {
            "PartNumber": number,
            "ETag": store.client.upload_part(
                Bucket="photos", Key="pets/cat/large.jpg", UploadId=upload, PartNumber=number, Body=piece
            )["ETag"],
        }
        for number, piece in enumerate(pieces, 1)
    ]
    store.client.complete_multipart_upload(
        Bucket="photos", Key="pets/cat/large.jpg", UploadId=upload, MultipartUpload={"Parts": tags}
    )
    data = read(PETS)
    row = list(data.photos.names).index("cat/large.jpg")
    assert hashlib.sha256(data.photos.read(row)).digest() == hashlib.sha256(content).digest()
    remove(cache_dir() / OBJECTS)
    store.put(f"{PETS}/cat/large.jpg", bytes(len(content)))
    with pytest.raises(OSError, match="another object"):
        data.photos.read(row)


def test_what_is_kept_is_checked_and_bounded(store, folder, monkeypatch):
    data = read(store.put_folder(PETS, folder))
    whole = [data.photos.read(row) for row in range(12)]
    for file in (cache_dir() / OBJECTS).glob("*/*"):
        content = bytearray(file.read_bytes())
        content[100] ^= 1
        file.write_bytes(content)
    assert [data.photos.read(row) for row in range(12)] == whole
    monkeypatch.setenv("WHATSIT_CACHE_MOST", f"{4 * 5 * len(whole[0])}B")
    monkeypatch.setenv("WHATSIT_CACHE", str(cache_dir()) + "-small")
    assert [data.photos.read(row) for row in range(12)] == whole
    kept = [file.stat().st_size for file in (cache_dir() / OBJECTS).glob("*/*")]
    assert 0 < sum(kept) <= 5 * len(whole[0])
    assert OBJECTS in {one.kind for one in list_stores()}
    prune(0)
    assert not (cache_dir() / OBJECTS).exists()
    assert data.photos.read(0) == whole[0]


BAD = {
    "no bucket": ("s3://nobody/photos", "There is no bucket 'nobody' for 's3://nobody/photos'"),
    "nothing there": ("s3://photos/none", "There is nothing at 's3://photos/none'"),
    "a password": ("s3://key:hidden@photos/pets", "has a password in it"),
    "a query": ("s3://photos/pets?token=hidden", "more in it than a bucket and a path"),
    "a chain": ("zip://a::s3://photos/pets.zip", "more in it than a bucket and a path"),
    "no bucket named": ("s3://", "names no bucket"),
    "an unknown store": ("shop://photos/pets", "Nothing here knows addresses of shop://"),
    "another client": ("gs://photos/pets", "needs a package that is not installed"),
}


@pytest.mark.parametrize("kind", BAD)
def test_an_address_where_nothing_can_be_read_is_a_sentence_and_a_hint(store, kind):
    store.put("s3://photos/pets/cat/1.jpg", b"photo")
    address, sentence = BAD[kind]
    with pytest.raises(UserError, match=sentence.replace("(", r"\(")) as refusal:
        read(address)
    assert refusal.value.hint
    assert "hidden" not in str(refusal.value)


def test_problems_of_a_data_set_are_told_of_its_address(store):
    store.put(f"{PETS}/cat/1.jpg", b"photo")
    with pytest.raises(UserError, match="'pets' has only one class, 'cat'"):
        read(PETS)
    store.put(f"{PETS}/images/1.jpg", b"photo")
    store.put(f"{PETS}/cat - Copy/1.jpg", b"photo")
    with pytest.raises(UserError, match=f"The folder 'cat - Copy' of '{PETS}'"):
        read(PETS)


def ask(address: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`whatsit info` in a process of its own: clients read the environment when they begin."""
    command = [sys.executable, "-m", "whatsit", "info", address, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=os.environ | environment)


def test_a_store_that_refuses_does_not_answer_or_is_not_there_is_a_sentence(store, folder):
    store.put_folder(PETS, folder)
    denied = b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
    store.spoil = lambda *_: ("403 Forbidden", [("Content-Type", "application/xml")], denied)
    refused = ask(PETS)
    assert refused.returncode == 1
    assert f"The store refuses '{PETS}'" in refused.stderr
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        late = ask(PETS, AWS_ENDPOINT_URL=f"http://127.0.0.1:{silent.getsockname()[1]}", FSSPEC_S3=QUICK)
        port = silent.getsockname()[1]
    assert (late.returncode, "did not answer in time" in late.stderr) == (1, True)
    away = ask(PETS, AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}", FSSPEC_S3=QUICK)
    assert (away.returncode, "cannot be reached" in away.stderr) == (1, True)
    no_keys = ask(
        PETS, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", HOME="/nowhere", AWS_EC2_METADATA_DISABLED="1"
    )
    assert (no_keys.returncode, "There are no keys" in no_keys.stderr) == (1, True)
    for one in (refused, late, away, no_keys):
        assert "Traceback" not in one.stderr
        assert not any(secret in one.stderr for secret in KEYS.values())


def test_info_prints_the_same_of_an_address(store, folder):
    store.put_folder(PETS, folder)
    there = json.loads(ask(PETS, "--json").stdout)
    here = json.loads(ask(str(folder), "--json").stdout)
    assert {name for name in here if here[name] != there[name]} == set()


def test_without_the_extra_there_is_a_hint(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(UserError, match="needs fsspec, which is not installed") as refusal:
        read(PETS)
    assert "whatsit[stores]" in refusal.value.hint


def test_the_memory_of_this_process_is_a_store_too(monkeypatch, tmp_path, folder):
    fsspec = pytest.importorskip("fsspec")
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    memory = fsspec.filesystem("memory")
    for file in folder.rglob("*.jpg"):
        memory.pipe(f"/pets/{file.relative_to(folder).as_posix()}", file.read_bytes())
    data = read("memory://pets")
    assert data.counts().tolist() == [6, 6]
    assert len(decode_photos(data, (16, 16))[0]) == 12
    memory.pipe("/pets/cat/0.jpg", b"another")
    remove(cache_dir() / OBJECTS)
    with pytest.raises(OSError, match="another object"):
        data.photos.read(0)


def test_half_of_a_table_is_not_read_and_the_whole_is_at_the_next_command(store, folder):
    store.put_folder(PETS, folder)
    store.put(f"{PETS}/metadata.csv", b"file_name,label\ncat/0.jpg,a\ndog/0.jpg,b\ndog/1.jpg,b\n")

    def spoil(environ: Any, status: str, headers: Any, body: bytes) -> Any:
        if environ["PATH_INFO"].endswith(".csv") and environ["REQUEST_METHOD"] == "GET":
            body = body[:42]
            headers = resize(headers, body)
        return status, headers, body

    store.spoil = spoil
    with pytest.raises(UserError, match=f"Of '{PETS}/metadata.csv' the store gave 42 bytes that are not the 52"):
        read(PETS)
    store.spoil = None
    assert read(PETS).counts().tolist() == [1, 2]

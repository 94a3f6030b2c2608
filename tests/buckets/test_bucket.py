"""Objects of a store, read whole and in pieces, and only as they were listed; the store is one in memory."""

from __future__ import annotations

import io
import pickle
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from whatsit.buckets.address import parse_address
from whatsit.buckets.bucket import BLOCK, CHANGED, Bucket, read_block
from whatsit.buckets.client import list_objects
from whatsit.errors import UserError

fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed: pip install 'whatsit[stores]'")
LARGE = bytes(range(251)) * (2 * BLOCK // 251 + 3)  # two blocks and a little


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A place in the store that no other test has, with a cache of its own."""
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    read_block.cache_clear()
    name = secrets.token_hex(6)
    put(name, "pets/cat/1.jpg", b"0123456789")
    put(name, "pets/dog/1.jpg", b"abc")
    yield name
    fsspec.filesystem("memory").rm(f"/{name}", recursive=True)


def put(place: str, name: str, content: bytes) -> None:
    fsspec.filesystem("memory").pipe(f"/{place}/{name}", content)


def take_away(place: str, name: str) -> None:
    fsspec.filesystem("memory").rm(f"/{place}/{name}")


def bucket_at(place: str, is_listed: bool = True) -> Bucket:
    address = parse_address(f"memory://{place}")
    return Bucket(address, list_objects(address)) if is_listed else Bucket(address)


def test_an_object_is_stamped_as_it_was_listed_or_as_it_is_now(place):
    listed, asked = bucket_at(place), bucket_at(place, is_listed=False)
    stamp = listed.stamp("pets/cat/1.jpg")
    assert stamp == asked.stamp("pets/cat/1.jpg")
    assert stamp.split(" ")[0] == "10"
    put(place, "pets/cat/1.jpg", b"longer than it was")
    assert listed.stamp("pets/cat/1.jpg") == stamp
    assert asked.stamp("pets/cat/1.jpg") != stamp
    with pytest.raises(OSError):
        asked.stamp("none.jpg")
    listed.check(["none.jpg"], ["nothing"])  # which is seen when it is read


def test_a_folder_of_a_bucket_is_one_with_the_names_below_it(place):
    whole = bucket_at(place)
    pets = whole.below("pets")
    assert str(pets.address) == pets.place == f"memory://{place}/pets"
    assert set(pets.listed) == {"cat/1.jpg", "dog/1.jpg"}
    assert set(pets.below("cat").listed) == {"1.jpg"}
    assert whole.below("pet").listed == {}
    assert whole.below(".") is whole
    assert pets.read_whole("dog/1.jpg", pets.stamp("dog/1.jpg")) == b"abc"


def test_a_bucket_travels_as_its_address(place):
    bucket = bucket_at(place)
    sent = pickle.dumps(bucket)
    assert b"cat" not in sent
    there = pickle.loads(sent)
    assert there == bucket
    assert there.listed == {}
    assert there.read_whole("pets/dog/1.jpg", bucket.stamp("pets/dog/1.jpg")) == b"abc"


@pytest.mark.parametrize("is_whole", [True, False])
def test_what_was_read_is_kept_and_read_again_where_the_store_has_lost_it(place, is_whole):
    bucket = bucket_at(place)
    stamp = bucket.stamp("pets/cat/1.jpg")

    def read() -> bytes:
        if is_whole:
            return bucket.read_whole("pets/cat/1.jpg", stamp)
        return bucket.read("pets/cat/1.jpg", 0, 10, stamp)

    assert read() == b"0123456789"
    take_away(place, "pets/cat/1.jpg")
    read_block.cache_clear()
    assert read() == b"0123456789"


def test_an_object_that_has_changed_is_not_read(place):
    bucket = bucket_at(place)
    stamp = bucket.stamp("pets/cat/1.jpg")
    for content in (b"longer than it was", b"short"):
        put(place, "pets/cat/1.jpg", content)
        for read in (
            lambda: bucket.read_whole("pets/cat/1.jpg", stamp),
            lambda: bucket.read("pets/cat/1.jpg", 2, 3, stamp),
            lambda: bucket.open("pets/cat/1.jpg", stamp).read(),
        ):
            with pytest.raises(OSError, match=CHANGED):
                read()
    take_away(place, "pets/cat/1.jpg")
    with pytest.raises(OSError):
        bucket.read_whole("pets/cat/1.jpg", stamp)


@pytest.mark.parametrize(("start", "length"), [(0, 10), (3, 4), (9, 1), (0, 0), (10, 0)])
def test_a_piece_of_an_object_is_its_bytes(place, start, length):
    bucket = bucket_at(place)
    stamp = bucket.stamp("pets/cat/1.jpg")
    assert bucket.read("pets/cat/1.jpg", start, length, stamp) == b"0123456789"[start : start + length]


def test_a_piece_beyond_the_end_is_an_error_that_says_how_long_it_is(place):
    bucket = bucket_at(place)
    with pytest.raises(OSError, match="has only 10 bytes"):
        bucket.read("pets/cat/1.jpg", 8, 3, bucket.stamp("pets/cat/1.jpg"))


@pytest.mark.parametrize(
    ("start", "length"),
    [(BLOCK - 2, 4), (BLOCK, 5), (BLOCK - 3, 3), (0, len(LARGE)), (len(LARGE) - 7, 7), (5, 2 * BLOCK)],
)
def test_a_piece_may_reach_over_blocks(place, start, length):
    put(place, "large.bin", LARGE)
    bucket = bucket_at(place)
    assert bucket.read("large.bin", start, length, bucket.stamp("large.bin")) == LARGE[start : start + length]


def test_an_object_is_a_file_that_can_be_gone_about_in(place):
    bucket = bucket_at(place)
    with bucket.open("pets/cat/1.jpg", bucket.stamp("pets/cat/1.jpg")) as file:
        assert file.name == "pets/cat/1.jpg"
        assert file.readable()
        assert file.seekable()
        assert file.read(3) == b"012"
        assert file.tell() == 3
        assert file.seek(2, io.SEEK_CUR) == 5
        assert file.read(2) == b"56"
        assert file.seek(-2, io.SEEK_END) == 8
        assert file.read() == b"89"
        assert file.read() == b""
        assert file.seek(1) == 1
        assert file.read() == b"123456789"
        assert file.seek(99) == 99
        assert file.read() == b""


def test_an_address_that_names_an_object_is_read_by_no_name(place):
    bucket = Bucket(parse_address(f"memory://{place}/pets/dog/1.jpg"))
    stamp = bucket_at(place).stamp("pets/dog/1.jpg")
    assert bucket.read_whole("", stamp) == b"abc"


def test_a_store_that_nothing_knows_is_one_sentence():
    with pytest.raises(UserError, match="knows addresses of nosuch"):
        Bucket(parse_address("nosuch://b")).stamp("a")

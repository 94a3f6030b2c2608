"""The photos of a shard, each with what stands beside it, and why the rest is none."""

from __future__ import annotations

import io
import tarfile

from hypothesis import given
from hypothesis import strategies as st

from whatsit.data.readers.sharded.samples import (
    ANOTHER,
    MOST_SAID,
    NO_PHOTO,
    TWICE,
    Sample,
    Samples,
    decode_samples,
    read_samples,
    split_name,
)

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=9)


def shard(*members: tuple[str, bytes]) -> tuple[Samples, bytes]:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    out.seek(0)
    return read_samples(out), out.getvalue()


def test_what_shares_a_name_with_a_photo_is_said_of_it_in_any_order():
    found, content = shard(
        ("a/1.cls", b"3"),
        ("a/1.jpg", b"photo 1"),
        ("a/1.JSON", b'{"x": 1}'),
        ("2.png", b"photo 2"),
        ("2.txt", b"\xffcat"),
    )
    first, second = found.photos
    assert (first.name, first.said) == ("a/1.jpg", {"cls": "3", "json": '{"x": 1}'})
    assert (second.name, second.said) == ("2.png", {"txt": "\\xffcat"})
    assert content[first.start : first.start + first.length] == b"photo 1"
    assert content[second.start : second.start + second.length] == b"photo 2"
    assert found.left == []


def test_photos_stand_in_the_order_of_the_first_word_of_each():
    found, _ = shard(("2.cls", b""), ("1.jpg", b"1"), ("2.jpg", b"2"))
    assert [one.name for one in found.photos] == ["2.jpg", "1.jpg"]


def test_what_belongs_to_no_photo_is_left_with_its_reason():
    found, _ = shard(
        ("1.jpg", b"1"),
        ("1.png", b"again"),
        ("1.jpg", b"twice"),
        ("2.cls", b"3"),
        ("3.seg.png", b"mask"),
        ("._1.jpg", b"hidden"),
        ("notes.md", b"words"),
        ("1.txt", bytes(MOST_SAID + 1)),
    )
    assert [one.name for one in found.photos] == ["1.jpg"]
    reasons = dict(found.left)
    assert reasons["1.png"] == ANOTHER
    assert reasons["1.jpg"] == TWICE
    assert reasons["2.cls"] == NO_PHOTO
    assert reasons["3.seg.png"] == "a second photo of one name, by its name (.seg.png)"
    assert reasons["1.txt"] == "longer than 64 kB"
    assert {"._1.jpg", "notes.md"} <= set(reasons)
    assert len(found.left) == 7
    assert found.photos[0].said == {}


def test_a_text_of_just_the_most_is_read():
    found, _ = shard(("1.jpg", b"1"), ("1.txt", b"x" * MOST_SAID))
    assert len(found.photos[0].said["txt"]) == MOST_SAID


@given(
    st.lists(st.tuples(TEXTS, st.integers(0, 2**60), st.dictionaries(TEXTS, TEXTS)), max_size=3),
    st.lists(st.tuples(TEXTS, TEXTS)),
)
def test_samples_are_kept_as_they_are(photos, left):
    samples = Samples([Sample(name, at, at + 1, said) for name, at, said in photos], left)
    assert decode_samples(samples.encode()) == samples


def test_a_name_is_parted_at_its_first_dot():
    assert split_name("a.b/1.Seg.PNG") == ("a.b/1", "seg.png")
    assert split_name("1") == ("1", "")
    assert split_name("a/.hidden") == ("a/", "hidden")

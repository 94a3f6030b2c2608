"""Takedown: what is meant by a photo, a creator or a host, and what never comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from whatsit.data.catalog import Catalog, KnownPhoto, Proven, Sighting, open_catalog

pytestmark = pytest.mark.usefixtures("each_database")

ADDRESSES = (
    "https://photos.example.org/1.jpg",
    "https://cdn.photos.example.org/2.jpg",
    "https://notphotos.example.org/3.jpg",
    "https://other.net/4.jpg",
)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """Four candidates of one class: the first two by Ann, the first and the last with the same bytes."""
    with open_catalog(tmp_path) as catalog:
        for rank, address in enumerate(ADDRESSES, 1):
            catalog.add_candidate("cat", address, rank, "commons", None)
            catalog.add_sighting("cat", "commons", "cat", Sighting(address, author="Ann" if rank < 3 else "Bob"))
        first, _, _, last = catalog.next_candidates("cat", 0, 9)
        photo = KnownPhoto("cat/x.jpg", "x", 9, 80, 60, "JPEG", 1)
        catalog.put_proof(first, Proven("x", photo), ADDRESSES[0])
        catalog.put_state(first.id, "kept", photo.path)
        catalog.put_proof(last, Proven("x", photo), "https://mirror.example.com/moved.jpg")
        catalog.put_state(last.id, "duplicate", photo.path)
        catalog.put_photos([photo])
        yield catalog


@pytest.mark.parametrize(
    ("kind", "value", "ranks"),
    [
        ("photo", "cat/x.jpg", [1, 4]),
        ("photo", ADDRESSES[1], [2]),
        ("photo", "https://mirror.example.com/moved.jpg", [1, 4]),
        ("creator", "Ann", [1, 2, 4]),
        ("host", "Photos.Example.org", [1, 2, 4]),
        ("host", "example.org", [1, 2, 3, 4]),
        ("host", "mirror.example.com", [1, 4]),
        ("host", "example.net", []),
        ("creator", "An", []),
    ],
)
def test_all_that_is_meant_is_found_with_its_copies(
    catalog: Catalog, kind: str, value: str, ranks: list[int]
) -> None:
    assert [number for number, _sha256 in catalog.candidates_meant(kind, value)] == ranks


def test_what_was_forgotten_is_barred_by_address_content_and_name(catalog: Catalog) -> None:
    meant = catalog.candidates_meant("creator", "Ann")
    catalog.forget((number for number, _sha256 in meant), [("creator", "Ann"), ("sha256", "x")])
    gone = {("address", ADDRESSES[place]) for place in (0, 1, 3)}
    assert catalog.forgotten() == gone | {("creator", "Ann"), ("sha256", "x")}
    assert catalog.is_forgotten("sha256", "x")
    assert not catalog.is_forgotten("sha256", "y")
    fates = [(fate.state, fate.reason, fate.photo) for fate in catalog.address_fates(["cat"])]
    assert fates == [("skipped", "taken down", None)] * 2 + [("found", "", None), ("skipped", "taken down", None)]


def test_to_forget_twice_is_to_forget_once(catalog: Catalog) -> None:
    catalog.forget([2], [])
    before = list(catalog.rows("SELECT * FROM forgotten"))
    catalog.forget([2], [])
    assert list(catalog.rows("SELECT * FROM forgotten")) == before


def test_examples_are_of_what_is_known(catalog: Catalog) -> None:
    assert catalog.names_to_forget("photo") == ["cat/x.jpg"]
    assert set(catalog.names_to_forget("creator")) == {"Ann", "Bob"}
    assert len(catalog.names_to_forget("host")) == 3

"""The photos that are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from whatsit.data.catalog import Decision, Face, Finding, KnownPhoto, open_catalog
from whatsit.image import Box

pytestmark = pytest.mark.usefixtures("each_database")

PHOTO = KnownPhoto("cat/a.jpg", "00ff", 1234, 80, 60, "JPEG", 17)


def test_photos_are_remembered_by_their_path(tmp_path: Path) -> None:
    with open_catalog(tmp_path) as known:
        known.put_photos([PHOTO])
    with open_catalog(tmp_path) as known:
        assert known.photos() == {"cat/a.jpg": PHOTO}
        known.drop_photos(["cat/a.jpg"])
        assert known.photos() == {}


def test_photos_that_are_gone_take_what_was_found_with_them_and_leave_decisions(tmp_path: Path) -> None:
    photos = [KnownPhoto(name, "00", 1, 2, 3, "JPEG", 4) for name in ("cat/a.jpg", "cat/b.jpg", "cats/c.jpg")]
    with open_catalog(tmp_path) as catalog:
        catalog.put_photos(photos)
        catalog.put_findings(["dark"], [Finding(one.path, "dark", "hint", 1, 2, "why") for one in photos])
        catalog.put_faces([], [Face("cat/a.jpg", Box(0, 0, 1, 1), 0.5)])
        catalog.put_groups("duplicates", {one.path: 1 for one in photos})
        catalog.decide(Decision("cat/a.jpg", "keep"))
        catalog.drop_photos(["cat/a.jpg"])
        assert catalog.photos_of("cat") == ["cat/b.jpg"]
        assert catalog.photos_with("00") == ["cat/b.jpg", "cats/c.jpg"]
        assert dict(catalog.each_fingerprint()) == {one.path: ("00", 1, 4) for one in photos[1:]}
        assert (catalog.findings_of(["cat/a.jpg"]), catalog.faces_of(["cat/a.jpg"])) == ([], [])
        assert catalog.groups("duplicates").keys() == {"cat/b.jpg", "cats/c.jpg"}
        assert catalog.decisions().keys() == {"cat/a.jpg"}


def test_a_photo_that_is_known_is_not_added_again(tmp_path: Path) -> None:
    photo = KnownPhoto("cat/a.jpg", "00", 1, 2, 3, "JPEG", 4)
    with open_catalog(tmp_path) as catalog:
        assert catalog.add_photo(photo)
        assert not catalog.add_photo(photo)

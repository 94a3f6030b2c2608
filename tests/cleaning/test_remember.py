"""What a survey saw, in the catalog: renamed photos keep their decisions, groups have two photos or more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from whatsit.cleaning.looks import look_at_all
from whatsit.cleaning.remember import remember_groups, remember_photos
from whatsit.data.catalog import Catalog, Decision, open_catalog
from whatsit.data.readers import read


@pytest.fixture
def catalog(folder: Path) -> Iterator[Catalog]:
    with open_catalog(folder) as catalog:
        remember_photos(catalog, look_at_all(read(folder)))
        yield catalog


def test_photos_are_remembered_as_they_are_on_disk(catalog: Catalog, folder: Path) -> None:
    found = catalog.photos()
    assert len(found) == 12
    one = found["cat/0.jpg"]
    assert (one.bytes, one.width, one.height, one.format) == ((folder / one.path).stat().st_size, 160, 120, "JPEG")


def test_a_photo_under_another_name_takes_its_decisions_along(catalog: Catalog, folder: Path) -> None:
    catalog.decide(Decision("cat/0.jpg", "keep"))
    (folder / "cat" / "0.jpg").rename(folder / "dog" / "tom.jpg")
    assert remember_photos(catalog, look_at_all(read(folder))) == 1
    assert catalog.decisions().keys() == {"dog/tom.jpg"}
    assert "cat/0.jpg" not in catalog.photos()


def test_a_photo_that_is_gone_is_forgotten_and_what_was_decided_stays(catalog: Catalog, folder: Path) -> None:
    catalog.decide(Decision("cat/0.jpg", "keep"))
    (folder / "cat" / "0.jpg").unlink()
    assert remember_photos(catalog, look_at_all(read(folder))) == 0
    assert catalog.decisions().keys() == {"cat/0.jpg"}
    assert len(catalog.photos()) == 11


def test_a_group_has_two_photos_or_more(catalog: Catalog) -> None:
    assert remember_groups(catalog, ["a", "b", "c", "d", "e"], "parts", np.array([0, 1, 0, 2, 1])) == 2
    assert catalog.groups("parts") == {"a": 0, "c": 0, "b": 1, "e": 1}
    assert remember_groups(catalog, ["a", "b"], "parts", np.array([0, 1])) == 0
    assert catalog.groups("parts") == {}

"""Openverse: as deep as it goes, and by licence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sources import ITEMS, KITES, found
from web.server import Web, status
from web.services import (
    Item,
    Shelf,
    openverse,
)
from whatsit.collecting.search.found import SourceError


def test_openverse_is_asked_for_twenty_and_no_deeper_than_240(web: Web) -> None:
    shelf = Shelf({"red kite": ITEMS * 5})
    openverse(web, shelf)
    found(web, "openverse", KITES)
    assert len(shelf.asked) == 12
    assert {fields["page_size"] for fields in shelf.asked} == {"20"}


def test_openverse_filters_by_licence_before_we_do(web: Web) -> None:
    items = [Item(f"http://a.example/{licence}.jpg", licence=licence) for licence in ("by", "by-nc", "cc0")]
    openverse(web, Shelf({"red kite": items}))
    for wish, count in (("any", 3), ("commercial", 2), ("public", 1)):
        assert len(found(web, "openverse", replace(KITES, licence=wish))) == count


def test_openverse_says_no_deeper_with_401_too(web: Web) -> None:
    web.serves("api.openverse.org", "/v1/images/", status(401))
    assert found(web, "openverse", replace(KITES, cursor="2")) == []
    with pytest.raises(SourceError, match="Openverse answered 401"):
        found(web, "openverse", KITES)

"""Wikimedia Commons: its lag, its manners, its copies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sources import ITEMS, KITES, found
from web.server import Web
from web.services import (
    Shelf,
    commons,
)
from whatsit.collecting.search.found import SourceError
from whatsit.fetch.errors import FetchError


def test_commons_waits_where_it_lags(web: Web) -> None:
    commons(web, Shelf({"red kite": ITEMS[:3]}), lagging=1)
    with pytest.raises(FetchError, match="lagged") as busy:
        found(web, "commons", KITES)
    assert busy.value.retry_after_s == 1.0
    assert len(found(web, "commons", KITES)) == 3


def test_commons_says_who_it_wants_to_hear_from(web: Web) -> None:
    commons(web, Shelf({"red kite": ITEMS}))
    with pytest.raises(SourceError, match="answered 403: Please set a user-agent"):
        found(web, "commons", KITES, contact="")


def test_commons_asks_for_copies_unless_originals_are_needed(web: Web) -> None:
    shelf = Shelf({"red kite": ITEMS[:1]})
    commons(web, shelf)
    found(web, "commons", KITES)
    found(web, "commons", replace(KITES, side_px=2000))
    assert ["iiurlwidth" in fields for fields in shelf.asked] == [True, False]


def test_commons_passes_on_what_else_binds_a_photo(web: Web) -> None:
    commons(web, Shelf({"red kite": [replace(ITEMS[0], restrictions="personality|trademarked")]}))
    assert found(web, "commons", KITES)[0].restrictions == "personality|trademarked"

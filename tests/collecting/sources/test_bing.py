"""Bing's pages, and those that are none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sources import ITEMS, KITES, found
from web.server import Web
from web.services import (
    Shelf,
    bing,
)
from whatsit.collecting.search.found import SourceError


@pytest.mark.parametrize("layout", ["a", "b"])
def test_bing_is_read_whatever_stands_around_its_pictures(web: Web, layout: str) -> None:
    bing(web, Shelf({"red kite": [replace(ITEMS[0], page=""), *ITEMS[1:]]}), layout)
    some = found(web, "bing", KITES)
    assert [one.address for one in some] == [item.address for item in ITEMS]
    assert (some[1].width, some[1].height) == ((160, 120) if layout == "a" else (None, None))
    assert some[0].page == ""
    assert {one.rights for one in some} == {"unknown"}


@pytest.mark.parametrize("layout", ["captcha", "changed"])
def test_bing_that_asks_for_a_person_or_has_changed_is_no_empty_answer(web: Web, layout: str) -> None:
    bing(web, Shelf({"red kite": ITEMS}), layout)
    with pytest.raises(SourceError, match="proof of a person, or has changed") as blocked:
        found(web, "bing", KITES)
    assert "--source openverse" in blocked.value.hint


def test_bing_passes_a_licence_on_as_a_hint(web: Web) -> None:
    shelf = Shelf({"red kite": ITEMS[:1]})
    bing(web, shelf)
    assert found(web, "bing", replace(KITES, licence="public"))[0].rights == "hint"
    assert shelf.asked[0]["qft"] == "+filterui:license-L1"

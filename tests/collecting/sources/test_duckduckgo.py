"""DuckDuckGo, which refuses in several ways."""

from __future__ import annotations

import pytest

from sources import ITEMS, KITES, found
from web.server import Web
from web.services import (
    Shelf,
    duckduckgo,
)
from whatsit.collecting.search.found import SourceError


@pytest.mark.parametrize("code", [403, 202, 200])
def test_duckduckgo_that_refuses_is_left_alone(web: Web, code: int) -> None:
    duckduckgo(web, Shelf({"red kite": ITEMS}), blocked=code)
    with pytest.raises(SourceError, match="refuses") as blocked:
        found(web, "duckduckgo", KITES)
    assert "an hour" in blocked.value.hint

"""Flickr and its key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sources import KITES, found
from web.server import Web
from web.services import (
    Shelf,
    flickr,
)
from whatsit.collecting.search.found import SourceError


def test_flickr_says_what_is_wrong_with_a_key(web: Web) -> None:
    flickr(web, Shelf({}))
    with pytest.raises(SourceError, match="Invalid API Key"):
        found(web, "flickr", replace(KITES, key="wrong"))

"""iNaturalist: larger than the small square."""

from __future__ import annotations

from sources import found
from web.server import Web
from web.services import (
    Item,
    Shelf,
    inaturalist,
)
from whatsit.collecting.search.found import Ask


def test_inaturalist_gives_more_than_the_small_square(web: Web) -> None:
    inaturalist(web, Shelf({"Milvus milvus": [Item("https://i.example/photos/1/medium.jpg")]}))
    [one] = found(web, "inaturalist", Ask("kite", "Milvus milvus"))
    assert one.address == "https://i.example/photos/1/medium.jpg"

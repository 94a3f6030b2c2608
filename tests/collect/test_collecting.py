"""From words to class folders, against a web on loopback."""

from __future__ import annotations

from pathlib import Path

from web.collection import names, options
from web.server import Web
from web.services import Shelf, hang
from whatsit.collect.collecting import collect, wanted_of
from whatsit.collect.options import World
from whatsit.data import catalog


def test_words_become_class_folders_of_photos(data: Path, web: Web, shelf: Shelf, world: World) -> None:
    for words in ("cat photo", "kite"):
        shelf.items[words] = hang(web, words, 30)
    done = collect(data, [wanted_of("cat=cat photo"), wanted_of("kite")], options(), world=world)
    assert [(one.class_name, one.photos) for one in done.classes] == [("cat", 10), ("kite", 10)]
    assert len(names(data)) == 20
    with catalog.opened(data) as known:
        assert set(known.photos()) == set(names(data))

"""A loopback web with its services, and manners that do not make tests wait."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from web.collection import QUICK
from web.server import Web
from web.services import Shelf, commons, openverse
from whatsit.collecting.options import World


@pytest.fixture
def web(certificates: Path) -> Iterator[Web]:
    with Web(certificates) as running:
        yield running


@pytest.fixture
def world(web: Web) -> World:
    return World(web.net(), manners=QUICK)


@pytest.fixture
def shelf(web: Web) -> Shelf:
    """What both free services find."""
    found = Shelf()
    openverse(web, found)
    commons(web, found)
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "photos"

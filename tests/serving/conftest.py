"""A running server with a tiny model, for every test here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from models import Tiny
from serving import Site, running


@pytest.fixture(scope="session")
def site(tiny: Tiny) -> Iterator[Site]:
    with running(tiny.run.folder) as running_site:
        yield running_site

"""A running server with a tiny model, for every test here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from models import Tiny, tiny_run
from serving import Site, running


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny_run(tmp_path_factory.mktemp("runs") / "colours")


@pytest.fixture(scope="session")
def site(tiny: Tiny) -> Iterator[Site]:
    with running(tiny.run.folder) as running_site:
        yield running_site

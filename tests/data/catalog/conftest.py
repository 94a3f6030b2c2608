"""The databases in which a catalog may lie."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def each_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """A module's tests with catalogs in files, and again with all of them in a database of PostgreSQL."""
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("WHATSIT_CATALOG", raising=False)
        if request.param == "postgresql":
            patched.setenv("WHATSIT_CATALOG", request.getfixturevalue("postgres").database())
        yield

"""The S3 server that tests of addresses share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from s3 import Store, serving


@pytest.fixture(scope="package")
def server() -> Iterator[Store]:
    with serving() as store:
        yield store


@pytest.fixture
def store(server: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The server, empty, with a cache of this test's own."""
    from whatsit.buckets.bucket import read_block

    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    read_block.cache_clear()
    for found in server.client.list_buckets()["Buckets"]:
        for one in server.client.list_objects_v2(Bucket=found["Name"]).get("Contents", []):
            server.client.delete_object(Bucket=found["Name"], Key=one["Key"])
    server.spoil = None
    server.asked.clear()
    yield server
    server.spoil = None

"""An S3 server on loopback, moto's, and what goes wrong between it and us: a door that spoils its answers."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

KEYS = {"AWS_ACCESS_KEY_ID": "of-the-tests", "AWS_SECRET_ACCESS_KEY": "secret-of-the-tests"}
QUICK = '{"config_kwargs": {"connect_timeout": 1, "read_timeout": 1, "retries": {"total_max_attempts": 1}}}'


@dataclass
class Store:
    """A server's address, a client of it, and what it was asked."""

    endpoint: str
    client: Any
    asked: list[tuple[str, str, str]] = field(default_factory=list)  # method, path, range
    buckets: set[str] = field(default_factory=set)
    spoil: Any = None  # (environ, status, headers, body) -> (status, headers, body)

    def put(self, address: str, content: bytes) -> None:
        """Write an object; its bucket is made."""
        bucket, _, name = address.removeprefix("s3://").partition("/")
        if bucket not in self.buckets:
            self.client.create_bucket(Bucket=bucket)
            self.buckets.add(bucket)
        self.client.put_object(Bucket=bucket, Key=name, Body=content)

    def put_folder(self, address: str, folder: Path) -> str:
        """Write all files of a folder below an address."""
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                self.put(f"{address}/{file.relative_to(folder).as_posix()}", file.read_bytes())
        return address

    def list(self, address: str) -> dict[str, int]:
        """The objects below an address, with their bytes."""
        bucket, _, start = address.removeprefix("s3://").partition("/")
        found = self.client.list_objects_v2(Bucket=bucket, Prefix=f"{start}/").get("Contents", [])
        return {one["Key"][len(start) + 1 :]: one["Size"] for one in found}

    def get(self, address: str) -> bytes:
        """An object."""
        bucket, _, name = address.removeprefix("s3://").partition("/")
        return bytes(self.client.get_object(Bucket=bucket, Key=name)["Body"].read())

    def count(self, method: str, part: str = "") -> int:
        """How often objects with `part` in their path were asked for."""
        return sum(one[0] == method and part in one[1] for one in self.asked)


@contextmanager
def serving() -> Iterator[Store]:
    """The server, for as long as the block runs; the environment says where it is."""
    moto_server = pytest.importorskip(
        "moto.server", reason="moto, whose S3 server these tests ask, is not installed"
    )
    boto3 = pytest.importorskip("boto3")
    pytest.importorskip("s3fs", reason="s3fs is not installed: pip install 'whatsit[stores]'")
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    inner = moto_server.DomainDispatcherApplication(moto_server.create_backend_app)
    store = Store("", None)

    def door(environ: Mapping[str, Any], start_response: Any) -> Any:
        store.asked.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("HTTP_RANGE", "")))
        if store.spoil is None:
            return inner(environ, start_response)
        said: list[Any] = []
        body = b"".join(inner(environ, lambda status, headers, _exc=None: said.extend((status, headers))))
        status, headers, body = store.spoil(environ, *said, body)
        start_response(status, headers)
        return [body]

    server = make_server("127.0.0.1", 0, door, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    store.endpoint = f"http://127.0.0.1:{server.server_port}"
    before = {
        name: os.environ.get(name) for name in (*KEYS, "AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "FSSPEC_S3")
    }
    os.environ |= KEYS | {"AWS_ENDPOINT_URL": store.endpoint, "AWS_DEFAULT_REGION": "us-east-1"}
    store.client = boto3.client("s3")
    try:
        yield store
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value

"""A real server on loopback with a tiny real model, and a client without cleverness."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from whatsit.image import encode_jpeg
from whatsit.serving.door.gate import token_for
from whatsit.serving.door.listening import is_local, listen
from whatsit.serving.options import ServeOptions
from whatsit.serving.server import server_of
from whatsit.serving.work.models import open_shelf
from whatsit.serving.work.service import Service, open_service


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Site:
    """A running server."""

    host: str
    port: int
    service: Service

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}"

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Reply:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            kept = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, kept, response.read())
        finally:
            connection.close()

    def post(self, path: str, body: bytes, kind: str = "image/jpeg", **headers: str) -> Reply:
        return self.ask("POST", path, body, {"content-type": kind, **headers})

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask("GET", path, headers=headers)


@contextlib.contextmanager
def running(*runs: Path, parts: Mapping[str, Any] | None = None, **options: Any) -> Iterator[Site]:
    """A server in a thread for the block; `parts` of its service are other than usual."""
    chosen = ServeOptions(**{"port": 0, "log": "off", **options})
    listener = listen(chosen)
    token = token_for(chosen, is_local(listener))
    service = replace(open_service(open_shelf(runs), chosen, token), **(parts or {}))
    host, port = listener.getsockname()[:2]
    server = server_of(service)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield Site(host, port, service)
    finally:
        server.should_exit = True
        thread.join()
        service.lanes.close()


def photo(colour: tuple[int, int, int] = (200, 60, 60), height: int = 60, width: int = 80) -> bytes:
    """A JPEG of one colour with a little noise."""
    noise = np.random.default_rng(0).normal(0, 8, (height, width, 3))
    return encode_jpeg(np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8))


def form(*parts: tuple[str, str, bytes], **fields: str) -> tuple[bytes, str]:
    """A multipart body of (field, file name, content), and its content type."""
    out = b""
    for name, value in fields.items():
        out += f'--b0und\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    for name, file_name, content in parts:
        head = f'--b0und\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n\r\n'
        out += head.encode() + content + b"\r\n"
    return out + b"--b0und--\r\n", "multipart/form-data; boundary=b0und"

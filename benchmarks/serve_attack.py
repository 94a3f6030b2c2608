"""Strangers who mean harm, as a process of its own: python serve_attack.py PORT SECONDS CLIENTS [KIND…]

Each client sends one of the kinds after another, on a connection of its own, and does not wait for long.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import socket
import sys
import threading
import time
from collections import Counter

from PIL import Image

MEGABYTES = 10  # of a body: what a server takes by default, less a little
PATIENCE_S = 15.0


def clear_webp() -> bytes:
    """25 megapixels with alpha, some dozen bytes."""
    out = io.BytesIO()
    Image.new("RGBA", (5000, 5000), (1, 2, 3, 4)).save(out, "WEBP", lossless=True)
    return out.getvalue()


def clear_png() -> bytes:
    """The same as a PNG."""
    out = io.BytesIO()
    Image.new("RGBA", (5000, 5000), (1, 2, 3, 4)).save(out, "PNG")
    return out.getvalue()


def many_segments() -> bytes:
    """A JPEG of a million segments that hold nothing."""
    out = io.BytesIO()
    Image.new("RGB", (64, 64)).save(out, "JPEG")
    content = out.getvalue()
    segment = b"\xff\xe1\x00\x08Exif\0\0"
    return content[:2] + segment * ((MEGABYTES << 20) // len(segment) - 1000) + content[2:]


def request(body: bytes, kind: str) -> bytes:
    """A whole request with a body."""
    head = f"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}"
    return f"{head}\r\nConnection: close\r\n\r\n".encode() + body


def trailers() -> bytes:
    """A small body in chunks, and 20 MB behind it."""
    head = b"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
    return head + (b"X-More: " + b"x" * 8000 + b"\r\n") * 2500 + b"\r\n"


def lists() -> bytes:
    """Megabytes of JSON that are no photo."""
    body = b'{"inputs": "YQ==", "parameters": {"x": [' + b"[]," * ((MEGABYTES << 20) // 3 - 1000) + b"[]]}}"
    return request(body, "application/json")


def boundaries() -> bytes:
    """A form that is nearly a boundary everywhere."""
    piece = b"\r\n--b0undarx"
    body = b"--b0undary\r\n\r\n" + piece * ((MEGABYTES << 20) // len(piece) - 1000)
    return request(body, "multipart/form-data; boundary=b0undary")


KINDS = {
    "webp": lambda: request(clear_webp(), "image/webp"),
    "png": lambda: request(clear_png(), "image/png"),
    "segments": lambda: request(many_segments(), "image/jpeg"),
    "lists": lists,
    "trailers": trailers,
    "boundaries": boundaries,
    "readyz": lambda: b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
}


def attack(port: int, seconds: float, clients: int, kinds: list[str]) -> Counter[str]:
    """What came back, by kind and status."""
    made = [(kind, KINDS[kind]()) for kind in kinds or KINDS]
    ends, answers = time.monotonic() + seconds, Counter[str]()

    def send_on(first: int) -> None:
        for kind, content in itertools.islice(itertools.cycle(made), first, None):
            if time.monotonic() > ends:
                return
            status = b"cut"
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), PATIENCE_S) as line:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    line.sendall(content)
                status = line.recv(4096)[9:12] or b"cut"
            answers[f"{kind} {status.decode()}"] += 1

    threads = [threading.Thread(target=send_on, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


if __name__ == "__main__":
    found = attack(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
    print(json.dumps(dict(sorted(found.items()))))

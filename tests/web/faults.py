"""Every way a host can fail to give a photo, and what a collection has to make of it.

`FAULTS[name](photo)` is what a host does with a photo's bytes at hand, the state that the candidate comes to,
and the kinds of reason that are right.
"""

from __future__ import annotations

import asyncio
import gzip
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from web.server import Answer, Reply, Request, endless, in_turn, raw, redirect, status, whole
from web.services import drawn, jpeg, png
from whatsit.image import encode_jpeg

OK = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n"
HTML = b"<!doctype html><html><head><title>%s</title></head><body>no</body></html>"


@dataclass(frozen=True)
class Fault:
    """How a host answers, and what is to come of it: a state, for one of these kinds of reason."""

    answer: Answer
    state: str
    kinds: str = ""


def _length(count: int) -> bytes:
    return OK + f"Content-Length: {count}\r\n\r\n".encode()


def _png_chunks(width: int, height: int, *chunks: tuple[bytes, bytes], depth: int = 1) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + b"".join(chunk(*one) for one in chunks)
        + chunk(b"IEND", b"")
    )


def _gif(frames: int) -> bytes:
    """An animation of tiny frames on a large canvas."""
    screen = b"GIF89a" + struct.pack("<HHBBB", 200, 200, 0x80, 0, 0) + b"\x00\x00\x00\xff\xff\xff"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return screen + frame * frames + b"\x3b"


def _tiff_loop() -> bytes:
    """A TIFF whose directory leads back to itself."""
    return b"II*\x00" + struct.pack("<I", 8) + struct.pack("<H", 0) + struct.pack("<I", 8)


def _half(photo: bytes) -> bytes:
    return photo[: len(photo) // 2]


async def _hang(_request: Request, _reply: Reply) -> None:
    await asyncio.sleep(3600)


async def _reset_at_once(_request: Request, reply: Reply) -> None:
    reply.reset()


FAULTS: dict[str, Callable[[bytes], Fault]] = {
    "reset before the first byte": lambda _photo: Fault(_reset_at_once, "later", "broken connect"),
    "cut in the middle": lambda photo: Fault(raw(_length(len(photo)) + _half(photo)), "later", "broken"),
    "reset in the middle": lambda photo: Fault(
        raw(_length(len(photo)) + _half(photo), then="reset"), "later", "broken"
    ),
    "closed early, without a length": lambda photo: Fault(raw(OK + b"\r\n" + _half(photo)), "later", "broken"),
    "longer than it says": lambda photo: Fault(raw(_length(len(_half(photo))) + photo), "later", "broken"),
    "a length of 9e18": lambda photo: Fault(raw(_length(9 * 10**18) + photo, then="hold"), "bad", "too-big"),
    "two lengths": lambda photo: Fault(
        raw(OK + b"Content-Length: 5\r\n" + _length(9)[len(OK) :] + photo), "later", "broken"
    ),
    "length and chunks": lambda _photo: Fault(
        raw(OK + b"Transfer-Encoding: chunked\r\n" + _length(9)[len(OK) :] + b"0\r\n\r\n"), "later", "broken"
    ),
    "chunks without end": lambda _photo: Fault(
        endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"100000\r\n" + b"x" * 0x100000 + b"\r\n"),
        "bad",
        "too-big",
    ),
    "a chunk size that is none": lambda _photo: Fault(
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 5000 + b"\r\n"), "later", "broken"
    ),
    "no status line": lambda photo: Fault(raw(b"hello\r\n\r\n" + photo), "later", "broken"),
    "20,000 headers": lambda _photo: Fault(raw(OK + b"X-A: b\r\n" * 20_000 + b"\r\n"), "later", "broken"),
    "a header of 200 kB": lambda _photo: Fault(
        raw(OK + b"X-A: " + b"b" * 200_000 + b"\r\n\r\n"), "later", "broken"
    ),
    "gzip though plain was asked": lambda photo: Fault(
        whole(gzip.compress(photo), Content_Encoding="gzip"), "bad", "encoded"
    ),
    "brotli though plain was asked": lambda photo: Fault(whole(photo, Content_Encoding="br"), "bad", "encoded"),
    "a web page as a photo": lambda _photo: Fault(whole(HTML % b"Just a moment..."), "bad", "not-photo"),
    "a consent page": lambda _photo: Fault(whole(HTML % b"Before you continue", "text/html"), "bad", "not-photo"),
    "json as a photo": lambda _photo: Fault(whole(b'{"error": "nothing"}'), "bad", "not-photo"),
    "svg as a photo": lambda _photo: Fault(
        whole(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "bad", "not-photo"
    ),
    "a film as a photo": lambda _photo: Fault(whole(b"\0\0\0\x20ftypisom" + b"\0" * 500), "bad", "not-photo"),
    "nothing at all": lambda _photo: Fault(whole(b""), "bad", "not-photo"),
    "204": lambda _photo: Fault(raw(b"HTTP/1.1 204 No Content\r\n\r\n"), "bad", "status"),
    "206": lambda photo: Fault(whole(photo, code="206 Partial Content"), "bad", "status"),
    "304": lambda _photo: Fault(raw(b"HTTP/1.1 304 Not Modified\r\n\r\n"), "bad", "status"),
    "403": lambda _photo: Fault(status(403, b"no"), "bad", "status"),
    "404 with a photo": lambda photo: Fault(status(404, photo), "bad", "status"),
    "410": lambda _photo: Fault(status(410), "bad", "status"),
    "451": lambda _photo: Fault(status(451), "bad", "status"),
    "503 for ever": lambda _photo: Fault(status(503), "later", "status-later"),
    "429 for ever": lambda _photo: Fault(status(429), "later", "status-later"),
    "429 for a day": lambda _photo: Fault(status(429, Retry_After="86400"), "later", "status-later parked"),
    "redirect to itself": lambda _photo: Fault(redirect("#"), "bad", "redirect"),
    "redirect to nowhere": lambda _photo: Fault(redirect(None), "bad", "redirect"),
    "redirect to loopback": lambda _photo: Fault(redirect("http://127.0.0.1/secret.jpg"), "bad", "private"),
    "redirect to the metadata service": lambda _photo: Fault(
        redirect("http://169.254.169.254/x.jpg"), "bad", "private"
    ),
    "redirect to mapped loopback": lambda _photo: Fault(
        redirect("http://[::ffff:10.0.0.1]/x.jpg"), "bad", "private"
    ),
    "redirect to localhost.": lambda _photo: Fault(redirect("http://localhost./x.jpg"), "bad", "private"),
    "redirect to a private name": lambda _photo: Fault(
        redirect("http://inside.example.net/x.jpg"), "bad", "private"
    ),
    "redirect to a file": lambda _photo: Fault(redirect("file:///etc/passwd"), "bad", "address"),
    "redirect to ftp": lambda _photo: Fault(redirect("ftp://example.org/x.jpg"), "bad", "address"),
    "redirect to data": lambda _photo: Fault(redirect("data:image/png;base64,AAAA"), "bad", "address"),
    "redirect of 20 kB": lambda _photo: Fault(redirect("/" + "a" * 20_000), "later", "broken"),
    "noai": lambda photo: Fault(whole(photo, X_Robots_Tag="noai"), "bad", "opt-out"),
    "noimageai for all": lambda photo: Fault(
        whole(photo, X_Robots_Tag="*: noimageai, nofollow"), "bad", "opt-out"
    ),
    "text and data mining reserved": lambda photo: Fault(whole(photo, tdm_reservation="1"), "bad", "opt-out"),
    "content usage": lambda photo: Fault(whole(photo, Content_Usage="train-ai=n"), "bad", "opt-out"),
    "one pixel": lambda _photo: Fault(whole(png(1, width=1, height=1)), "bad", "too-small"),
    "an icon": lambda _photo: Fault(whole(png(2, width=32, height=32)), "bad", "too-small"),
    "one flat colour": lambda _photo: Fault(whole(encode_jpeg(drawn(3) * 0 + 200)), "bad", "blank"),
    "half a JPEG, whole answer": lambda photo: Fault(whole(_half(photo)), "later", "broken"),
    "half a PNG": lambda _photo: Fault(whole(png(4)[:2000]), "later", "broken not-photo"),
    "noise with a JPEG's start": lambda _photo: Fault(
        whole(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40), "bad", "not-photo"
    ),
    "a PNG of 30,000 by 30,000": lambda _photo: Fault(
        whole(_png_chunks(30_000, 30_000, (b"IDAT", zlib.compress(b"\0" * 100_000)))), "bad", "not-photo"
    ),
    "a PNG with 80 MB of text": lambda _photo: Fault(
        whole(_png_chunks(100, 100, (b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 80_000_000)))),
        "bad",
        "not-photo",
    ),
    "a GIF of 10,000 frames": lambda _photo: Fault(whole(_gif(10_000), "image/gif"), "bad", "not-photo blank"),
    "a TIFF that leads to itself": lambda _photo: Fault(whole(_tiff_loop(), "image/tiff"), "bad", "not-photo"),
    "not there": lambda _photo: Fault(status(404), "bad", "status"),
    # what gives a photo all the same
    "busy once": lambda photo: Fault(in_turn(status(503), whole(photo)), "kept"),
    "asks for a second": lambda photo: Fault(in_turn(status(429, Retry_After="1"), whole(photo)), "kept"),
    "cut once": lambda photo: Fault(in_turn(raw(_length(len(photo)) + _half(photo)), whole(photo)), "kept"),
    "named PNG": lambda photo: Fault(whole(photo, "image/png"), "kept"),
    "as text": lambda photo: Fault(whole(photo, "text/html"), "kept"),
    "without a length": lambda photo: Fault(raw(OK + b"\r\n" + photo), "kept"),
    "in chunks": lambda photo: Fault(
        raw(
            OK + b"Transfer-Encoding: chunked\r\n\r\n" + f"{len(photo):x}\r\n".encode() + photo + b"\r\n0\r\n\r\n"
        ),
        "kept",
    ),
    "noai for another agent": lambda photo: Fault(whole(photo, X_Robots_Tag="otherbot: noai"), "kept"),
    "a relative redirect": lambda photo: Fault(in_turn(redirect("?again"), whole(photo)), "kept"),
    "five redirects": lambda photo: Fault(in_turn(*[redirect("?again")] * 5, whole(photo)), "kept"),
    "a garbled Retry-After": lambda photo: Fault(in_turn(status(503, Retry_After="soon"), whole(photo)), "kept"),
    "a Retry-After in the past": lambda photo: Fault(
        in_turn(status(503, Retry_After="Fri, 31 Dec 1999 23:59:59 GMT"), whole(photo)), "kept"
    ),
}


# only found out by waiting
SLOW_FAULTS: dict[str, Callable[[bytes], Fault]] = {
    "never an answer": lambda _photo: Fault(_hang, "later", "timeout"),
    "never the rest": lambda photo: Fault(
        raw(_length(len(photo)) + _half(photo), then="hold"), "later", "timeout"
    ),
    "a byte now and then": lambda photo: Fault(raw(OK + b"\r\n" + photo, 0.05, 1), "later", "timeout"),
    "headers a byte at a time": lambda _photo: Fault(
        raw(OK + b"X-Long: " + b"a" * 500, 0.05, 1), "later", "timeout"
    ),
}


def photo_of(name: str) -> bytes:
    """The photo that a fault's host has, another for each fault."""
    return jpeg(1000 + sum(map(ord, name)))

"""One object of a store as a file in the cache."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

from whatsit.buckets.address import parse_address
from whatsit.buckets.bucket import Bucket
from whatsit.errors import UserError
from whatsit.files import cache_dir, writing

FOLDER = "fetched"


def fetch_file(text: str) -> Path:
    """Where the object at an address lies in the cache, as it is now. Raises UserError where it cannot be had."""
    address = parse_address(text)
    bucket = Bucket(address.parent)
    with _said_of(text):
        stamp = bucket.stamp(address.name)
    digest = hashlib.blake2b(f"{address}\0{stamp}".encode(), digest_size=10).hexdigest()
    file = cache_dir() / FOLDER / digest / address.name
    if not file.exists():
        pieces = bucket.read_on(address.name, stamp)
        with writing(file) as out:
            while piece := _next_of(pieces, text):
                out.write(piece)
    return file


def _next_of(pieces: Iterator[bytes], text: str) -> bytes:
    """The next piece; empty at the end. What the store says is told as such, and not as of the disk."""
    with _said_of(text):
        return next(pieces, b"")


@contextlib.contextmanager
def _said_of(text: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(f"{text!r} cannot be had: {error.strerror}.", hint="Is the name right?") from None

"""One object of a store as a file in the cache."""

from __future__ import annotations

import hashlib
from pathlib import Path

from whatsit.buckets.address import parse_address
from whatsit.buckets.bucket import Bucket
from whatsit.errors import UserError
from whatsit.files import cache_dir, write_bytes

FOLDER = "fetched"


def fetch_file(text: str) -> Path:
    """Where the object at an address lies in the cache, as it is now. Raises UserError where it cannot be had."""
    address = parse_address(text)
    bucket = Bucket(address.parent)
    try:
        stamp = bucket.stamp(address.name)
        digest = hashlib.blake2b(f"{address}\0{stamp}".encode(), digest_size=10).hexdigest()
        file = cache_dir() / FOLDER / digest / address.name
        if not file.exists():
            write_bytes(file, bucket.read_whole(address.name, stamp))
    except OSError as error:
        raise UserError(f"{text!r} cannot be had: {error.strerror}.", hint="Is the name right?") from None
    return file

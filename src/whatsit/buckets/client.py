"""The clients of object stores, by fsspec: the only place that imports it.

Where a store lies and who asks are the clients' own affair: AWS_ENDPOINT_URL, AWS_PROFILE, ~/.aws, FSSPEC_S3_…
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from whatsit.buckets.address import Address
from whatsit.buckets.errors import as_photos, explain, is_no_bucket
from whatsit.errors import UserError, missing_extra

PATIENCE_S = {"connect_timeout": 5, "read_timeout": 15}
ATTEMPTS = 2  # of ours, each with as many of the client's own
_OURS: dict[str, dict[str, Any]] = {
    "s3": {"config_kwargs": {**PATIENCE_S, "retries": {"mode": "standard", "total_max_attempts": ATTEMPTS}}}
}
_TAGS = ("ETag", "etag", "md5Hash", "content_md5")
_TIMES = ("LastModified", "last_modified", "updated", "mtime", "modified", "created")
_MD5 = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Entry:
    """An object as the store lists it: its bytes, what changes when it changes, and when it was written to."""

    size: int
    tag: str
    changed_ns: int = 0

    @property
    def stamp(self) -> str:
        """Both as one text."""
        return f"{self.size} {self.tag}"


def connect(address: Address) -> Any:
    """The client for an address. Raises UserError where its package is not installed, or nothing knows it."""
    try:
        from fsspec import config, get_filesystem_class
    except ImportError:
        raise missing_extra("fsspec", "stores", f"Reading {str(address)!r}") from None
    protocol = "s3" if address.protocol == "s3a" else address.protocol
    try:
        kind = get_filesystem_class(protocol)
        named = kind._get_kwargs_from_urls(str(address))  # of sftp:// and its like, the host
        chosen = config.conf.get(protocol, {})
        options = {**_OURS.get(protocol, {}), **named, **chosen, "use_listings_cache": False}
        client = kind(**options)
    except ImportError as error:
        if protocol == "s3":
            raise missing_extra("s3fs", "stores", f"Reading {str(address)!r}") from None
        raise UserError(
            f"Reading {str(address)!r} needs a package that is not installed.", hint=str(error)[:200]
        ) from None
    except ValueError:
        raise UserError(
            f"Nothing here knows addresses of {protocol}://.",
            hint="Known are s3://, gs://, az://, sftp:// and others.",
        ) from None
    except Exception as error:
        raise explain(address, error) from None
    client.retries = ATTEMPTS
    return client


def list_objects(address: Address) -> dict[str, Entry]:
    """All objects below an address by their names relative to it; of an object alone "" is its name.

    Raises UserError where there is nothing, or the store does not say.
    """
    client = connect(address)
    try:
        found: Mapping[str, Mapping[str, Any]] = client.find(address.path, detail=True)
        if not found:
            client.ls(address.path)  # a bucket that is not there, or may not be listed, is told here
            raise FileNotFoundError(address.path)
    except Exception as error:
        raise explain(address, error) from None
    start = client._strip_protocol(str(address))
    return {
        name[len(start) :].removeprefix("/"): entry_of(facts)
        for name, facts in found.items()
        if facts.get("type") == "file" and not name.endswith("/")
    }


def entry_of(facts: Mapping[str, Any]) -> Entry:
    """What a client says of an object, in one form."""
    tag = next((str(facts[key]).strip('"') for key in _TAGS if facts.get(key)), "")
    seconds = _seconds(next((facts[key] for key in _TIMES if facts.get(key)), 0))
    return Entry(int(facts.get("size") or 0), tag or str(seconds), seconds * 1_000_000_000)


def _seconds(time: object) -> int:
    """A time as Unix has it, in whole seconds: some stores list finer than they tell of one object."""
    if isinstance(time, str):
        with contextlib.suppress(ValueError):
            time = datetime.fromisoformat(time)
    if isinstance(time, datetime):
        return int(time.timestamp())
    return int(time) if isinstance(time, int | float) else 0


def look_at(address: Address) -> Entry:
    """An object as it is now. Raises OSError, and UserError where it is about the whole store."""
    client = connect(address)
    try:
        return entry_of(client.info(address.path))
    except Exception as error:
        raise as_photos(address, error) from None


def read_range(address: Address, start: int, end: int) -> bytes:
    """Some bytes of an object, fewer where it has fewer. Raises OSError, and UserError about the whole store."""
    client = connect(address)
    try:
        return bytes(client.cat_file(address.path, start=start, end=end)) if end > start else b""
    except Exception as error:
        raise as_photos(address, error) from None


def fetch(address: Address, names: list[str], into: Path) -> None:
    """Put some objects below an address into a folder, under their names. Raises UserError."""
    client = connect(address)
    try:
        client.get([f"{address.path}/{name}" for name in names], [str(into / name) for name in names])
    except Exception as error:
        raise explain(address, error) from None


def is_content(content: bytes, tag: str) -> bool:
    """Whether a tag is the MD5 of these bytes, as it is of S3's objects that came in one piece."""
    return is_file_content(io.BytesIO(content), tag)


def is_file_content(file: IO[bytes], tag: str) -> bool:
    """The same of an open file."""
    if not _MD5.fullmatch(tag):
        return False
    return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest() == tag  # type: ignore[arg-type]


def list_top(address: Address) -> set[str]:
    """The names directly below an address; none where there is nothing yet. Raises UserError."""
    client = connect(address)
    try:
        return {str(name).rstrip("/").rpartition("/")[2] for name in client.ls(address.path, detail=False)}
    except FileNotFoundError as error:
        if is_no_bucket(error):
            raise explain(address, error) from None
        return set()
    except Exception as error:
        raise explain(address, error) from None


def put_file(address: Address, file: Path) -> None:
    """Write an object from a file. Raises UserError."""
    client = connect(address)
    try:
        client.put_file(str(file), address.path)
    except Exception as error:
        raise explain(address, error, "write to") from None


def put_bytes(address: Address, content: bytes) -> None:
    """Write an object. Raises UserError."""
    client = connect(address)
    try:
        client.pipe_file(address.path, content)
    except Exception as error:
        raise explain(address, error, "write to") from None


def remove_object(address: Address) -> None:
    """Remove an object. Raises UserError."""
    client = connect(address)
    try:
        client.rm_file(address.path)
    except Exception as error:
        raise explain(address, error, "write to") from None

"""Published files: where they are, and the checksum they must have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Archive:
    """A published file.

    addresses: where it can be had, best first
    digest:    `sha256:…` or `md5:…`, as its makers or those who keep mirrors of it publish
    """

    addresses: tuple[str, ...]
    digest: str

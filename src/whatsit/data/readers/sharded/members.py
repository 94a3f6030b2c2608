"""The members of a tar file: what each is called and where its content begins, found by its headers alone."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

_BLOCK = tarfile.BLOCKSIZE
NO_FILE = "a link or a device, no file"
SPARSE = "a file with holes, which does not lie in one piece"


@dataclass(frozen=True)
class Member:
    """A file within an archive; `reason` says why its bytes are not those from `start` on."""

    name: str
    start: int
    length: int
    reason: str = ""


class Broken(Exception):
    """The archive is damaged, or ends before its end."""


def list_members(file: IO[bytes]) -> Iterator[Member]:
    """Every member but folders, in order. Raises Broken, and OSError.

    Python's own reader takes a header that is cut or damaged for the end, so the end is looked at here: it is a
    block of zeros.
    """
    try:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            last = -1
            for entry in archive:
                if entry.size < 0 or archive.offset <= last:  # a header that leads backwards would never end
                    raise Broken(f"the header of {entry.name[:100]!r} is damaged")
                last = archive.offset
                if not entry.isdir():
                    yield _member(entry)
                archive.members.clear()  # type: ignore[attr-defined]  # a shard may have a million
            file.seek(archive.offset)
            end = file.read(_BLOCK)
    except (tarfile.TarError, ValueError, OverflowError) as error:
        raise Broken(str(error)) from None
    if len(end) < _BLOCK:
        raise Broken("it is cut short")
    if any(end):
        raise Broken("a header is damaged")


def _member(entry: tarfile.TarInfo) -> Member:
    reason = SPARSE if entry.issparse() else "" if entry.isreg() else NO_FILE
    return Member(entry.name, entry.offset_data, entry.size, reason)

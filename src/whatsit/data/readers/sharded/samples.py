"""The photos of a shard, each with what stands beside it: 0001.jpg with 0001.cls, .json or .txt."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO

from whatsit.data.listing.walk import HIDDEN, why_no_photo
from whatsit.data.readers.sharded.members import Member, list_members
from whatsit.files import readable
from whatsit.records import decode_json

SAYS = ("cls", "json", "txt")  # the suffixes of what says something of a photo
MOST_SAID = 1 << 16  # bytes of one of them
NO_PHOTO = "no photo beside it"
ANOTHER = "a second photo of one name"
TWICE = "its name stands twice in the shard"


@dataclass
class Sample:
    """A photo, where it lies in its shard, and the texts that stand beside it by their suffix."""

    name: str = ""
    start: int = 0
    length: int = 0
    said: dict[str, str] = field(default_factory=dict)


@dataclass
class Samples:
    """What lies in a shard: photos in their order, and the rest by name with its reason."""

    photos: list[Sample] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)

    def encode(self) -> bytes:
        """As a row of a store."""
        photos = [[one.name, one.start, one.length, one.said] for one in self.photos]
        return json.dumps([photos, self.left], ensure_ascii=True).encode()


def decode_samples(row: bytes) -> Samples:
    """What `encode` gave."""
    photos, left = decode_json(row)
    return Samples([Sample(*one) for one in photos], [(name, reason) for name, reason in left])


def read_samples(file: IO[bytes]) -> Samples:
    """The photos of an open shard. Raises Broken, and OSError."""
    found = Samples()
    by_key: dict[str, Sample] = {}
    seen: set[str] = set()
    for member in list_members(file):
        reason = _sort_in(member, file, by_key, seen)
        if reason:
            found.left.append((readable(member.name), reason))
        seen.add(member.name)
    for key, sample in by_key.items():
        if sample.name:
            found.photos.append(sample)
        else:
            found.left += [(readable(f"{key}.{suffix}"), NO_PHOTO) for suffix in sample.said]
    return found


def _sort_in(member: Member, file: IO[bytes], by_key: dict[str, Sample], seen: Iterable[str]) -> str:
    """Put a member to its sample; why it belongs to none."""
    if member.reason or member.name in seen:
        return member.reason or TWICE
    key, suffix = split_name(member.name)
    if PurePosixPath(member.name).name.startswith("."):
        return HIDDEN
    if suffix in SAYS:
        if member.length > MOST_SAID:
            return f"longer than {MOST_SAID >> 10} kB"
        file.seek(member.start)
        content = file.read(member.length)
        by_key.setdefault(key, Sample()).said[suffix] = content.decode("utf-8", "backslashreplace")
        return ""
    if reason := why_no_photo(f"photo.{suffix}"):
        return reason
    if "." in suffix:
        return f"a second photo of one name, by its name (.{suffix})"
    if readable(member.name) != member.name:
        return why_no_photo(member.name)
    sample = by_key.setdefault(key, Sample())
    if sample.name:
        return ANOTHER
    sample.name, sample.start, sample.length = member.name, member.start, member.length
    return ""


def split_name(name: str) -> tuple[str, str]:
    """What the files of one photo share, and the suffix in small letters: all behind the first dot of the name, as
    WebDataset has it."""
    folder, slash, last = name.rpartition("/")
    key, _, suffix = last.partition(".")
    return folder + slash + key, suffix.casefold()

"""Tar shards for tests, written member by member."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from photos import scene
from whatsit.image import encode_jpeg


def write_shard(file: Path, members: Mapping[str, bytes]) -> Path:
    """A tar file of these members, in their order."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file, "w") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return file


def members_of(first: int, count: int, suffix: str = "cls") -> dict[str, bytes]:
    """Photos with what says their class, cat and dog in turn: 000000.jpg, 000000.cls, …"""
    found = {}
    for number in range(first, first + count):
        found[f"{number:06}.jpg"] = encode_jpeg(scene(seed=number))
        found[f"{number:06}.{suffix}"] = SAID[suffix](number % 2)
    return found


SAID = {
    "cls": lambda label: str(label).encode(),
    "txt": lambda label: ("cat", "dog")[label].encode() + b"\n",
    "json": lambda label: b'{"label": "%s"}' % ("cat", "dog")[label].encode(),
}


def write_shards(folder: Path, photos: int = 24, parts: tuple[str, ...] = ("train", "val", "test")) -> Path:
    """A folder of shards, one a part, with the names of the classes beside them."""
    each = photos // len(parts)
    for place, part in enumerate(parts):
        write_shard(folder / f"{part}-00000.tar", members_of(place * each, each))
    (folder / "classes.txt").write_text("cat\ndog\n")
    return folder

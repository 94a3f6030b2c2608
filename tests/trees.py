"""Folders as they should not be: links, loops, pipes, sockets, closed folders, odd names."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

NOBODY = 65534
NAMES = (b"a.jpg", b"B.PNG", b"x y.jpeg", b"notes.txt", b"clip.mov", b"caf\xe9.jpg", "é.gif".encode(), b"-r.png")
NAMES += (
    b"new\nline.jpg",
    b"\xe2\x80\xa8.png",
    b"back\\slash.tif",
    b".hidden.jpg",
    b"Thumbs.db",
    b"no suffix",
    b"'.bmp",
)
FOLDERS = (b"sub", b"2020", b"caf\xe9", b".cache", b"__MACOSX", b"a.jpg", b"with blank ", b"\xf0\x9f\x90\xb1")


@contextlib.contextmanager
def open_to_all() -> Iterator[Path]:
    """A folder that any user may look into; gone afterwards, whatever rights are in it."""
    place = Path(tempfile.mkdtemp(prefix="trees-"))
    place.chmod(0o755)
    try:
        yield place
    finally:
        for folder, names, _ in os.walk(place):
            for name in names:
                path = Path(folder, name)
                if not path.is_symlink():
                    path.chmod(0o755)
        shutil.rmtree(place)


@contextlib.contextmanager
def without_rights() -> Iterator[None]:
    """The block is run as somebody whom closed folders stop: root gives up its rights for it."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def grow(folder: Path, draw: random.Random, content: bytes, depth: int = 0) -> None:
    """Fill a class folder with anything that can lie in one."""
    raw = os.fsencode(folder)
    for name in draw.sample(NAMES, draw.randint(0, 5)):
        _put(raw + b"/" + name, draw, content)
    for name in draw.sample(FOLDERS, draw.randint(0, 3) if depth < 3 else 0):
        path = Path(os.fsdecode(raw + b"/" + name))
        if os.path.lexists(path):
            continue
        if draw.random() < 0.3:
            path.symlink_to(
                draw.choice([".", "..", "../..", "nowhere", "/nonexistent/x", name.decode("latin-1"), "sub"])
            )
            continue
        path.mkdir()
        grow(path, draw, content, depth + 1)
        if draw.random() < 0.15:
            path.chmod(draw.choice([0o000, 0o644]))


def _put(path: bytes, draw: random.Random, content: bytes) -> None:
    match draw.randint(0, 9):
        case 0:
            os.mkfifo(path)
        case 1:
            target = draw.choice([b"a.jpg", b"nowhere.jpg", path, b"/dev/zero"])
            Path(os.fsdecode(path)).symlink_to(os.fsdecode(target))
        case 2:
            with socket.socket(socket.AF_UNIX) as one, contextlib.suppress(OSError):  # a path that is too long
                one.bind(path)
        case _:
            with open(path, "wb") as file:  # noqa: PTH123 - the name is bytes
                file.write(content)


def count_entries(folder: Path, seen: set[str] | None = None) -> int:
    """What lies below a folder: files, links not followed, pipes and so on, folders not looked into."""
    seen = set(map(str, folder.resolve().parents)) if seen is None else seen
    seen.add(os.path.realpath(folder))
    total = 0
    for path in folder.iterdir():
        left = path.name.startswith(".") or path.name in ("__MACOSX", "Thumbs.db")
        if left or not _is_open(path) or os.path.realpath(path) in seen:
            total += 1
        else:
            total += count_entries(path, seen)
    return total


def _is_open(path: Path) -> bool:
    try:
        return path.is_dir() and os.access(path, os.R_OK, effective_ids=True)
    except OSError:
        return False

"""Which photos are meant: files, folders, lists, addresses, and what comes through a pipe."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

from whatsit.errors import UserError
from whatsit.files import NAMES
from whatsit.image import SUFFIXES, which_kind
from whatsit.model.given import Photo, is_address, read_file

LIST_SUFFIX = ".txt"
PIPE = "-"
# how the formats we read begin; what comes through a pipe and begins otherwise is a list of names
MAGIC = (
    *(b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"BM", b"II*\0", b"MM\0*", b"\0\0\0\x0cjP", b"\0\0\1\0"),
    *(b"P1", b"P2", b"P3", b"P4", b"P5", b"P6"),
)
Fetch = Callable[[str], bytes]


@dataclass(frozen=True)
class NamedPhoto:
    """A photo by the name it was given, and how to get its bytes (or itself, where it has no file).

    `read` raises UserError, or FetchError.
    """

    name: str
    read: Callable[[], Any]


def resolve_names(names: Iterable[str | Photo], fetch: Fetch, pipe: IO[bytes]) -> Iterator[NamedPhoto]:
    """The photos that `names` stand for, each once, in order.

    A folder stands for all photos in it by name, a .txt file for the names in it, a line each, `-` for the
    photo or the list of names that comes through `pipe`, and http(s)://… for what `fetch` gives for it. What is no
    name (pixels, pictures, bytes, open files) is a photo itself, and called by its place: "photo 3".
    Raises UserError where a name stands for nothing.
    """
    seen: set[str] = set()
    for one in _all(names, fetch, pipe):
        if one.name not in seen:
            seen.add(one.name)
            yield one


def _all(names: Iterable[str | Photo], fetch: Fetch, pipe: IO[bytes]) -> Iterator[NamedPhoto]:
    for number, given in enumerate(names, 1):
        if not isinstance(given, str | os.PathLike):
            yield NamedPhoto(f"photo {number}", partial(_same, given))
            continue
        name = os.fspath(given)
        if name == PIPE:
            content = pipe.read()
            if content.startswith(MAGIC) or which_kind(content):
                yield NamedPhoto(PIPE, partial(bytes, content))
            else:
                yield from _all(_lines(content), fetch, io.BytesIO())
        elif is_address(name):
            yield NamedPhoto(name, partial(fetch, name))
        elif Path(name).is_dir():
            yield from _in_folder(name)
        elif name.casefold().endswith(LIST_SUFFIX):
            yield from _all(_lines(read_file(Path(name))), fetch, io.BytesIO())
        else:
            yield _file(name)


def _same(given: Photo) -> Photo:
    return given


def _in_folder(folder: str) -> Iterator[NamedPhoto]:
    found = False
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for file in sorted(files):
            if not file.startswith(".") and os.path.splitext(file)[1].casefold() in SUFFIXES:  # noqa: PTH122
                found = True
                yield _file(str(Path(place, file)))
    if not found:
        raise UserError(f"There are no photos in the folder {folder!r}.", hint="Name one with JPEGs, PNGs, …")


def _file(name: str) -> NamedPhoto:
    return NamedPhoto(name, partial(read_file, Path(name)))


def _lines(content: bytes) -> list[str]:
    lines = content.decode("utf-8-sig", NAMES).splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]

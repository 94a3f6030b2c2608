"""Which photos are meant: files, folders, lists, addresses, and what comes through a pipe."""

from __future__ import annotations

import contextlib
import io
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

from whatsit import words
from whatsit.buckets import Bucket, Mirror, address_of, open_mirror
from whatsit.data.dataset import Skipped
from whatsit.data.listing.lines import decode_list, split_lines
from whatsit.data.listing.skipped import say_groups
from whatsit.data.listing.walk import NO_TEXT, is_other_file, name_kind, walk
from whatsit.errors import UserError, not_the_same_here
from whatsit.events import note
from whatsit.files import readable
from whatsit.image import FORMAT_NAMES, which_kind
from whatsit.model.given import (
    NO_FILE,
    Photo,
    is_address,
    is_data_address,
    name_data_address,
    path_of,
    read_data_address,
    shorten,
)

LIST_SUFFIX = ".txt"
NAME_ANOTHER = f"Name one in which photos lie, as {FORMAT_NAMES}."
PIPE = "-"
# how the formats we read begin; what comes through a pipe and begins otherwise is a list of names
MAGIC = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n|GIF8[79]a|RIFF....WEBP|BM....\x00|II[*+]\x00|MM\x00[*+]|\x00\x00\x00\x0cjP"
    rb"|\xff\x4f\xff\x51|\x00\x00\x01\x00|\x00\x00..ftyp"
    rb"|P[1-6]\s+(#[^\n]*\n\s*)*\d+\s+(#[^\n]*\n\s*)*\d+\s",
    re.DOTALL,
)
_OPEN_FILES = re.compile(r"/dev/(fd/\d+|stdin)|/proc/(self|\d+)/fd/\d+")  # how shells hand over a pipe: <(command)
_COMMENT = re.compile(r"#(\s|$)")
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
        name = path_of(os.fspath(given))
        if name == PIPE:
            content = pipe.read()
            if MAGIC.match(content) or which_kind(content):
                yield NamedPhoto(PIPE, partial(bytes, content))
            else:
                yield from _listed(content, "what comes through the pipe", fetch)
        elif is_data_address(name):
            yield NamedPhoto(name_data_address(name), partial(read_data_address, name))
        elif is_address(name):
            yield NamedPhoto(name, partial(fetch, name))
        elif address := address_of(given):
            yield from _in_store(address)
        elif _is_folder(name):
            yield from _in_folder(name)
        elif name.casefold().endswith(LIST_SUFFIX):
            yield from _listed(_content(name), repr(readable(name)), fetch)
        else:
            yield _file(name)


def is_missing(given: str) -> bool:
    """Whether a name is neither that of a file or folder that is there, nor a pipe, nor an address."""
    name = path_of(given)
    if name == PIPE or is_data_address(name) or is_address(name) or address_of(given):
        return False
    try:
        return not Path(name).exists()
    except (OSError, ValueError):  # a name that the system refuses: reading it says so
        return False


def _listed(content: bytes, where: str, fetch: Fetch) -> Iterator[NamedPhoto]:
    """The photos that a list names, and a word that it was read as one: a text may have been meant otherwise."""
    names = _lines(content, where)
    note(f"{where[:1].upper()}{where[1:]} is read as a list of photos: {words.count(len(names), 'name')}.")
    yield from _all(names, fetch, io.BytesIO())


def _same(given: Photo) -> Photo:
    return given


def _is_folder(name: str) -> bool:
    try:
        return Path(name).is_dir()
    except OSError:  # a name that the system refuses: reading it will say so
        return False


def _in_folder(folder: str) -> Iterator[NamedPhoto]:
    """The photos below a folder, and what may be some and cannot be read; the rest is counted and said."""
    root, count = Path(folder), 0
    others: list[Skipped] = []
    try:
        for entry in walk(root):
            if not entry.reason or entry.reason == NO_TEXT:
                yield _file(str(root / entry.name))
            elif entry.name.startswith(".") or "/." in entry.name or is_other_file(entry.reason):
                others.append(Skipped(readable(entry.name), entry.reason))
                continue
            else:
                yield NamedPhoto(str(root / entry.name), partial(_refuse, f"Left out: {entry.reason}."))
            count += 1
    except OSError as error:
        raise UserError(
            f"The folder {readable(folder)!r} cannot be opened ({error.strerror}).", hint="May you read it?"
        ) from None
    for line in say_groups(others):
        note(f"{readable(folder)}: {line}")
    if not count:
        raise UserError(f"There are no photos in the folder {folder!r}.", hint=NAME_ANOTHER)


def _in_store(address: str) -> Iterator[NamedPhoto]:
    """The photos at an address, or the one that it is; the rest is counted and said."""
    mirror = open_mirror(address)
    if mirror.path.is_file():
        yield _object(mirror, mirror.path.name)
        return
    entries = list(walk(mirror.path))
    skipped = [Skipped(entry.name, entry.reason) for entry in entries if entry.reason]
    for line in say_groups([*skipped, *(Skipped(*one) for one in mirror.left)]):
        note(f"{address}: {line}")
    photos = [entry.name for entry in entries if not entry.reason]
    if not photos:
        raise UserError(f"There are no photos at {address!r}.", hint=NAME_ANOTHER)
    for name in photos:
        yield _object(mirror, name)


def _object(mirror: Mirror, name: str) -> NamedPhoto:
    bucket = mirror.bucket
    return NamedPhoto(str(bucket.address.below(name)), partial(_read_object, bucket, name, bucket.stamp(name)))


def _read_object(bucket: Bucket, name: str, stamp: str) -> bytes:
    """An object of a store. Raises UserError where it cannot be had."""
    try:
        return bucket.read_whole(name, stamp)
    except OSError as error:
        raise UserError(f"{bucket.address.below(name)} could not be opened ({error.strerror}).") from None


def _refuse(sentence: str) -> bytes:
    raise UserError(sentence)


@dataclass(frozen=True)
class _File:
    """What reads a file. It travels to other machines as its place, size and time; what is no file of a disk, as
    its content."""

    name: str
    place: Path

    def __call__(self) -> bytes:
        return _content(self.name, self.place)

    def __reduce__(self) -> Any:
        known = _know(self.place)
        if known is not None:
            return _find_again, (self.name, self.place.absolute(), known)
        try:
            return partial, (bytes, self())
        except UserError as error:
            return partial, (_refuse, error.sentence)


def _find_again(name: str, place: Path, known: tuple[int, int]) -> _File:
    """A file where it was sent to. Raises UserError where the same one is not seen there."""
    if _know(place) != known:
        raise not_the_same_here(f"the photo {shorten(readable(str(place)))!r}")
    return _File(name, place)


def _know(place: Path) -> tuple[int, int] | None:
    """Size and time of a file; None of what is none."""
    try:
        facts = place.stat()
    except (OSError, ValueError):
        return None
    return (facts.st_size, facts.st_mtime_ns) if stat.S_ISREG(facts.st_mode) else None


def _file(name: str) -> NamedPhoto:
    return NamedPhoto(name, _File(name, Path(name)))


def _content(name: str, place: Path | None = None) -> bytes:
    """The bytes of a file that goes by a name, and lies there or at `place`. Raises UserError."""
    place = place or Path(name)
    try:
        kind = place.stat().st_mode
        if not stat.S_ISREG(kind) and not _OPEN_FILES.fullmatch(name):
            raise UserError(f"{readable(name)!r} is {name_kind(kind)}.")
        return place.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{NO_FILE} {readable(name)!r}.") from None
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
        why = error.strerror if isinstance(error, OSError) else "its name has a NUL in it"
        raise UserError(f"{shorten(readable(name))!r} cannot be opened ({why}).") from None


def _lines(content: bytes, where: str) -> list[str]:
    """The names in a list, a line each; NUL may end them too, as `find -print0` has it.

    A line is a name as it stands where there is such a file; else blanks around it are dropped, and what begins
    with `# ` is a comment.
    """
    text = decode_list(content)
    if text is None:
        raise UserError(
            f"{where[:1].upper()}{where[1:]} is neither a photo of a format we read nor a list of names; it "
            f"begins with {content[:16]!r}.",
            hint="A list is a text file with a name a line.",
        )
    lines = text.split("\0") if "\0" in text else split_lines(text)
    return [name for line in lines if (name := _name_in(line))]


def _name_in(line: str) -> str:
    """The name that a line of a list stands for; empty where it is none."""
    if not line.strip():
        return ""
    if line != line.strip() or line.startswith("#"):
        with contextlib.suppress(OSError, ValueError):
            if Path(line).exists():
                return line
    return "" if _COMMENT.match(line.strip()) else line.strip()

"""A folder's entries, each of them accounted for: a file that may be a photo, or something else with the reason.

Links to folders are followed, and no folder is looked into twice. Nothing is opened but folders, so a named pipe
or a device holds nobody up.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from whatsit.files import readable
from whatsit.image import SUFFIXES

OWN = ".whatsit"  # the catalog's folder: no entry of a data set
ATTRIBUTION = "ATTRIBUTION.md"  # nor is what collecting writes for people beside it
LEFT_BEHIND = frozenset(
    {"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "$recycle.bin", "lost+found"}
    | {"system volume information"}
)
_KINDS = {
    stat.S_IFIFO: "a named pipe, no file",
    stat.S_IFSOCK: "a socket, no file",
    stat.S_IFCHR: "a device, no file",
    stat.S_IFBLK: "a device, no file",
}
HIDDEN = "hidden, as its name begins with a dot"
LEFT = "left behind by another program"
NOWHERE = "a link that leads nowhere"
CIRCLE = "a link to a folder that it lies in"
NO_TEXT = "its name is not valid UTF-8"
IN_NO_CLASS = "in no class folder"
EMPTY = "a class folder without photos"
SAME_FOLDER = "the same folder as"
CLOSED = "the folder cannot be opened"
Identity = tuple[int, int]  # device and number of a folder


class Entry(NamedTuple):  # a million of them are made three times as fast as of a frozen dataclass
    """What lies at `name`, relative to the folder walked over, with forward slashes.

    reason: why it is no photo; empty for a file that may be one
    """

    name: str
    reason: str = ""


@dataclass
class Listing:
    """What lies directly in one folder, by name: files, folders, and what is neither, with the reason."""

    files: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    others: list[Entry] = field(default_factory=list)


def walk(root: Path, folder: str = "", seen: dict[Identity, str] | None = None) -> Iterator[Entry]:
    """Every entry below `root`/`folder`: files of a folder first, then its folders, by name.

    seen: the folders that were looked into before, by identity, with their names; added to
    Raises OSError where the folder itself cannot be opened.
    """
    seen = {} if seen is None else seen
    waiting = [(folder, _ancestors(root, folder))]
    while waiting:
        place, above = waiting.pop()
        try:
            here = identify(root / place)
            if here in above:
                yield Entry(place, CIRCLE)
                continue
            if here in seen:
                yield Entry(place, f"{SAME_FOLDER} {readable(seen[here] or '.')!r}")
                continue
            found = list_folder(root / place)
        except OSError as error:
            if place == folder:
                raise
            yield Entry(place, f"{CLOSED} ({error.strerror})")
            continue
        seen[here] = place
        start = f"{place}/" if place else ""
        below = "" if readable(start) == start else NO_TEXT
        for name, reason in _in_order(found):
            yield Entry(start + name, reason or below)
        waiting += [(start + name, above | {here}) for name in reversed(found.folders)]


def list_folder(path: Path) -> Listing:
    """What lies directly in a folder; what is hidden or left behind by other programs is neither file nor folder.

    Raises OSError where it cannot be opened.
    """
    found = Listing()
    with os.scandir(path) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            if entry.name in (OWN, ATTRIBUTION):
                continue
            try:
                _sort_in(found, entry)
            except OSError as error:  # a link that leads to itself, or into a folder that is closed
                found.others.append(Entry(entry.name, f"it cannot be looked at ({error.strerror})"))
    return found


def list_folders(path: Path) -> list[str]:
    """The folders of `list_folder` alone, by name: of a folder of a million photos in a tenth of the time."""
    with os.scandir(path) as entries:
        return sorted(entry.name for entry in entries if _is_folder(entry))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        is_folder = entry.is_dir()
    except OSError:  # a link that leads to itself
        return False
    return is_folder and not entry.name.startswith(".") and entry.name.casefold() not in LEFT_BEHIND


def identify(folder: Path) -> Identity:
    """What tells a folder from every other, whichever way it is reached. Raises OSError."""
    facts = folder.stat()
    return facts.st_dev, facts.st_ino


def why_no_photo(name: str) -> str:
    """Why a file is no photo, judged by its name; empty where it may be one."""
    suffix = os.path.splitext(name)[1]  # noqa: PTH122 - a Path for each of a million names is slow
    if suffix not in SUFFIXES and suffix.casefold() not in SUFFIXES:
        return f"not a photo by its name ({readable(suffix.casefold()) or 'no suffix'})"
    return "" if name.isascii() or readable(name) == name else NO_TEXT


def is_other_file(reason: str) -> bool:
    """Whether a reason of `walk` says of an entry that it was never meant as a photo."""
    return reason.startswith("not a photo by its name") or reason in (HIDDEN, LEFT)


def is_folder(reason: str) -> bool:
    """Whether what is left out for a reason of `walk`, or for want of photos, is a whole folder."""
    return reason in (CIRCLE, EMPTY) or reason.startswith((SAME_FOLDER, CLOSED))


def _sort_in(found: Listing, entry: os.DirEntry[str]) -> None:
    name = entry.name
    if name.casefold() in LEFT_BEHIND:
        found.others.append(Entry(name, LEFT))
    elif name[0] == ".":
        found.others.append(Entry(name, HIDDEN))
    elif entry.is_file():
        found.files.append(name)
    elif entry.is_dir():
        found.folders.append(name)
    else:
        found.others.append(Entry(name, _kind(entry)))


def _kind(entry: os.DirEntry[str]) -> str:
    try:
        mode = entry.stat().st_mode
    except FileNotFoundError:
        return NOWHERE
    return name_kind(mode)


def name_kind(mode: int) -> str:
    """What something is that is neither a file nor a folder, by its mode."""
    return "a folder" if stat.S_ISDIR(mode) else _KINDS.get(stat.S_IFMT(mode), "no file")


def _in_order(found: Listing) -> Iterable[tuple[str, str]]:
    """Files and what is neither file nor folder, by name, each with the reason why it is no photo."""
    files = ((name, why_no_photo(name)) for name in found.files)
    return sorted([*files, *found.others], key=lambda entry: entry[0]) if found.others else files


def _ancestors(root: Path, folder: str) -> frozenset[Identity]:
    """The folders that `folder` lies in, up to the top: by the names that lead there, and by where it is."""
    names = folder.split("/")[:-1]
    named = [root, *(root / "/".join(names[:count]) for count in range(1, len(names) + 1))] if folder else []
    places = {*named, *root.resolve().parents}
    return frozenset(identity for place in places if (identity := _try_identify(place)))


def _try_identify(folder: Path) -> Identity | None:
    try:
        return identify(folder)
    except OSError:  # a closed folder far above
        return None

"""Photos on their way in: looked at, copied whole, and only then shown.

A photo is written elsewhere and renamed into its place, so a kill leaves a photo or nothing. What cannot be read
is refused with its reason before anything is kept of it.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from whatsit.errors import DiskFull, UserError
from whatsit.image import GIVE_ONE, SUFFIXES, UnreadablePhoto, decode, fit_within, read_header
from whatsit.languages.speaking import gettext
from whatsit.studio.photos.album import Album
from whatsit.studio.photos.listed import RECORDING
from whatsit.studio.places import LONGEST

MOST_BYTES = 100_000_000  # of a photo: a camera's largest JPEG has a third of it
LEAST_FREE = 200_000_000  # bytes that are left on the disk, for the training that follows
LOOKED_AT = 64  # pixels of the side that a photo is decoded at to see that it can be
_BATCHES_KEPT = 100
_SUFFIX_OF = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif", "TIFF": ".tif"}
_NO_NAME = re.compile(r'[\x00-\x1f\x7f/\\<>:"|?*]+')


@dataclass(frozen=True)
class Given:
    """A photo that somebody gives.

    label:     the class that it goes to, or several as the name of a folder has them; or the `unsorted_place` of
               the project
    batch:     what was given in one go has one name, and is undone in one go
    recording: the number of the camera's recording it is a frame of; empty where it is none
    """

    content: bytes
    name: str
    label: str
    batch: str = ""
    recording: str = ""


class Intake:
    """Takes photos into an album."""

    def __init__(self, album: Album) -> None:
        self._album = album
        self._taken: Counter[str] = Counter()  # photos by batch

    def take(self, given: Given) -> str:
        """Keep a photo; its path below the project's photos, empty where the same one lies there already.

        Raises UserError where there is no such class, it cannot be read, or the disk is full.
        """
        check_readable(given.content)
        photos = self._album.project.photos
        check_room(photos, len(given.content))
        with self._album.turn:
            if given.label != self._album.project.unsorted_place:
                given = replace(given, label=self._album.place_of(given.label))
            wanted = _place(given)
            if _is_same(photos / wanted, given.content):
                return ""
            before = self._taken[given.batch] if given.batch else 0
            name = self._album.add(given.content, wanted, given.batch, before)
            self._taken[given.batch] += 1
            if len(self._taken) > _BATCHES_KEPT:
                del self._taken[next(iter(self._taken))]
            return name


def check_readable(content: bytes) -> None:
    """Raise a UserError with the reason where this is no photo that is read."""
    if len(content) > MOST_BYTES:
        raise UserError(
            gettext("It is too large for a photo."),
            hint=gettext("Photos of up to {megabytes} MB are read.", megabytes=MOST_BYTES // 10**6),
        )
    try:
        header = read_header(content)
        decode(content, fit_within(header.height, header.width, LOOKED_AT))
    except UnreadablePhoto as error:
        raise UserError(gettext("It cannot be read: {reason}.", reason=error.reason), hint=GIVE_ONE) from None


def check_room(folder: Path, more: int) -> None:
    """Raise a UserError where so many more bytes would leave the disk too full."""
    if shutil.disk_usage(folder).free - more < LEAST_FREE:
        raise DiskFull(
            gettext("The disk is nearly full, so no more photos are taken in."),
            hint=gettext("Make room, then try again."),
        )


def _place(given: Given) -> str:
    """Where a photo belongs: its own name, as far as a file may have it, in the folder of its class."""
    path = PurePosixPath(given.name.replace("\\", "/"))
    suffix = path.suffix if path.suffix.casefold() in SUFFIXES else _suffix_of(given.content)
    stem = _NO_NAME.sub("-", path.stem).strip(" .-")[:LONGEST] or "photo"
    folder = f"{given.label}/{RECORDING}{given.recording}" if given.recording else given.label
    return f"{folder}/{stem}{suffix}"


def _suffix_of(content: bytes) -> str:
    kind = read_header(content).format
    return _SUFFIX_OF.get(kind, f".{kind.casefold()}")


def _is_same(file: Path, content: bytes) -> bool:
    try:
        return file.stat().st_size == len(content) and file.read_bytes() == content
    except OSError:
        return False

"""A photo of each class, where the owner shows one: small, without anything but its pixels, and from memory."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from whatsit import events
from whatsit.data.dataset import Skipped
from whatsit.data.listing.skipped import say_groups
from whatsit.data.listing.walk import walk
from whatsit.errors import UserError
from whatsit.files import readable
from whatsit.image import UnreadablePhoto, decode, encode_jpeg
from whatsit.web.prefix import at

SIDE = 96  # pixels, twice what the page shows, for screens with two to one
MOST_TRIED = 20  # photos of a class, until one can be read


@dataclass(frozen=True)
class Samples:
    """Small JPEGs by class. Addresses change with the photo, so a browser may keep them."""

    photos: Mapping[str, bytes] = field(default_factory=dict)

    def addresses(self, classes: tuple[str, ...]) -> dict[str, str]:
        """Where the page finds the photo of each of these classes that has one."""
        return {label: at(f"/samples/{_name(self.photos[label])}") for label in classes if label in self.photos}

    def photo(self, name: str) -> bytes | None:
        """The photo of that name, if there is one."""
        return self._by_name.get(name)

    @functools.cached_property
    def _by_name(self) -> dict[str, bytes]:
        return {_name(photo): photo for photo in self.photos.values()}


def _name(photo: bytes) -> str:
    return hashlib.sha256(photo).hexdigest()[:16] + ".jpg"


def read_samples(folder: Path | None, classes: Iterable[str]) -> Samples:
    """A photo of each class that has a folder of its name in `folder`: its first by name; none without a folder.

    Raises UserError where no class has one.
    """
    if folder is None:
        return Samples()
    if not folder.is_dir():
        raise UserError(f"There is no folder {str(folder)!r}.", hint="Name a folder with one folder a class.")
    names = list(dict.fromkeys(classes))
    left: list[Skipped] = []
    found = {label: sample for label in names if (sample := _first_readable(folder, label, left))}
    for line in say_groups(left):
        events.note(f"Samples in {readable(str(folder))!r}: {line}")
    if not found:
        raise UserError(
            f"No class of the model has photos in {str(folder)!r}.",
            hint=f"It needs folders of these names: {', '.join(names[:5])}.",
        )
    return Samples(found)


def _first_readable(folder: Path, label: str, left: list[Skipped]) -> bytes:
    """The first photo of a class, small; what comes before it and is none is added to `left`."""
    tried = 0
    try:
        for entry in walk(folder / label):
            name = readable(f"{label}/{entry.name}")
            if entry.reason:
                left.append(Skipped(name, entry.reason))
                continue
            try:
                return encode_jpeg(decode((folder / label / entry.name).read_bytes(), (SIDE, SIDE), "crop"))
            except (UnreadablePhoto, OSError) as error:
                why = (
                    error.reason if isinstance(error, UnreadablePhoto) else f"cannot be opened ({error.strerror})"
                )
                left.append(Skipped(name, why))
            tried += 1
            if tried == MOST_TRIED:
                break
    except FileNotFoundError:  # a class without a folder shows none
        pass
    except OSError as error:
        left.append(Skipped(readable(label), f"the folder cannot be opened ({error.strerror})"))
    return b""

"""An archive of photos, unpacked within limits and read as the data set that it holds.

What it says of its sizes is not believed: a file is read up to a limit, and all of it together up to another.
Nothing of it gets a path of its own choosing, and an archive within it stays one.
"""

from __future__ import annotations

import contextlib
import shutil
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from whatsit.data.dataset import Dataset
from whatsit.data.listing.walk import LEFT_BEHIND, list_folder, why_no_photo
from whatsit.data.readers import read
from whatsit.data.readers.folders import BETWEEN, NO_LABEL
from whatsit.data.readers.piles import read_pile
from whatsit.errors import UserError
from whatsit.files import explain_disk_errors, fits_in_a_folder
from whatsit.image import as_rgb, encode_png
from whatsit.languages.speaking import gettext
from whatsit.studio.photos.intake import LEAST_FREE, MOST_BYTES

MOST_FILES = 300_000
MOST_RATIO = 100  # unpacked bytes for one packed: photos hardly pack at all, tables and plain arrays tenfold
FREELY = 50_000_000  # bytes that may be unpacked whatever the ratio
PIECE = 1 << 20
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar", ".xz", ".bz2", ".zst")


@dataclass
class Unpacked:
    """What became of an archive: its photos, (name, class, content) a piece, and what was left out with the
    reason.

    A class is empty where the archive says none; of several labels a photo it is called as their folder would be.
    """

    dataset: Dataset
    skipped: list[tuple[str, str]] = field(default_factory=list)

    def photos(self) -> Iterator[tuple[str, str, bytes]]:
        """Each photo with its name and class; what cannot be opened is noted among the skipped."""
        for row, name in enumerate(self.dataset.photos.names):
            try:
                content = self.dataset.photos.read(row)
            except OSError as error:
                self.skipped.append((name, gettext("it cannot be opened ({reason})", reason=error.strerror)))
                continue
            label = self._label(row)
            if isinstance(content, bytes):
                yield name, label, content
            else:
                yield f"{name}.png", label, encode_png(as_rgb(content))

    def _label(self, row: int) -> str:
        target, classes = self.dataset.target, self.dataset.classes
        if not target.says_any_number:
            return self.dataset.written(row)
        return BETWEEN.join(target.names(self.dataset.labels[row], classes)) or NO_LABEL


def unpack(archive: Path, folder: Path) -> Unpacked:
    """Unpack a .zip into a new folder and read what is in it. Raises UserError where it costs too much, is
    damaged, or holds no photos."""
    skipped: list[tuple[str, str]] = []
    try:
        with zipfile.ZipFile(archive) as opened, explain_disk_errors(folder):
            _unpack_all(opened, archive.stat().st_size, folder, skipped)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise UserError(
            gettext("The archive cannot be opened ({reason}).", reason=str(error)[:100]),
            hint=gettext("Is it a whole .zip without a password?"),
        ) from None
    return Unpacked(_read(folder), skipped)


def _unpack_all(opened: zipfile.ZipFile, packed: int, folder: Path, skipped: list[tuple[str, str]]) -> None:
    entries = [entry for entry in opened.infolist() if not entry.is_dir()]
    if len(entries) > MOST_FILES:
        raise UserError(
            gettext("The archive has {count} files.", count=len(entries)),
            hint=gettext("At most {most} are read.", most=MOST_FILES),
        )
    left = _most(packed, folder)
    for entry in entries:
        place = _place(entry)
        reason = _why_left_out(entry, place)
        if reason:
            skipped.append((entry.filename, reason))
            continue
        target = folder / place
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            left -= _copy(opened, entry, target, left)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):  # also where the other is its folder
            skipped.append((entry.filename, gettext("another file of the archive has the same name")))


def _most(packed: int, folder: Path) -> int:
    """How many bytes an archive may unpack to."""
    return min(max(FREELY, MOST_RATIO * packed), shutil.disk_usage(folder).free - LEAST_FREE)


def _copy(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int) -> int:
    """Copy a file of the archive, as long as there is room for it; its bytes."""
    size = 0
    with opened.open(entry) as source, target.open("xb") as file:
        while piece := _read_on(source):
            size += len(piece)
            if size > left:
                raise UserError(
                    gettext("The archive unpacks to far more than it says, or than the disk has room for."),
                    hint=gettext("Unpack it yourself and drop the folder."),
                )
            file.write(piece)
    return size


def _read_on(source: IO[bytes]) -> bytes:
    try:
        return source.read(PIECE)
    except Exception as error:  # each way of packing has errors of its own for damage: zlib's, lzma's, OSError
        raise zipfile.BadZipFile(str(error)) from error


def _place(entry: zipfile.ZipInfo) -> PurePosixPath:
    parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
    return PurePosixPath(*(part for part in parts if part not in ("..", "/", ".") and ":" not in part))


def _why_left_out(entry: zipfile.ZipInfo, place: PurePosixPath) -> str:
    if not place.parts or any(part.startswith(".") or part.casefold() in LEFT_BEHIND for part in place.parts):
        return gettext("hidden, or left behind by another program")
    if not all(map(fits_in_a_folder, place.parts)):
        return gettext("no file can have this name")
    if stat.S_ISLNK(entry.external_attr >> 16):
        return gettext("a link, no file")
    if place.suffix.casefold() in _ARCHIVES:
        return gettext("an archive within the archive")
    if place.suffix.casefold() != ".npz" and entry.file_size > 10 * MOST_BYTES:
        return gettext("too large")
    return ""


def _read(folder: Path) -> Dataset:
    """The data set in a folder, or in the one folder that wraps it, or in a table or arrays there; else all of its
    photos, of no class."""
    while len((here := list_folder(folder)).folders) == 1 and not here.files:
        inner = folder / here.folders[0]
        if not list_folder(inner).folders:
            break  # photos of one class
        folder = inner
    for place in (folder, *(folder / name for name in here.files if why_no_photo(name))):
        with contextlib.suppress(UserError):
            return read(place)
    pile = read_pile(folder)
    if not len(pile):
        raise UserError(
            gettext("There are no photos in the archive."),
            hint=gettext("Pack photos, or folders of photos, as a .zip."),
        )
    return pile

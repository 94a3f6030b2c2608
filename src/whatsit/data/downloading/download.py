"""Published files: downloaded whole, with the checksum they must have, going on where a download was cut."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from whatsit import events
from whatsit.data.downloading.offline import refuse_download
from whatsit.errors import UserError
from whatsit.files import explain_disk_errors, hold_lock, make_folder, remove

if TYPE_CHECKING:
    from whatsit.fetch.errors import FetchError
    from whatsit.fetch.net import NetAccess

MB = 1_000_000
REQUEST_S = 120.0  # then the rest is asked for anew: a host that fell silent costs two minutes
IDLE_TRIES = 4  # requests in a row that brought nothing


@dataclass(frozen=True)
class Archive:
    """A published file.

    addresses: where it can be had, best first
    digest:    `sha256:…` or `md5:…`, as its makers or those who keep mirrors of it publish
    megabytes: about how large it is
    """

    addresses: tuple[str, ...]
    digest: str
    megabytes: int

    @property
    def name(self) -> str:
        """What it is called."""
        return self.addresses[0].rpartition("/")[2]


def download(
    archives: Sequence[Archive], folder: Path, net: NetAccess | None = None, pause_s: float = 1.0
) -> None:
    """Make `folder`: all archives downloaded and checked, tar and zip files unpacked. It appears when whole.

    pause_s: before a request that failed is made again; doubled each time
    Raises UserError where an address fails, or gives another file than the published one. What has come by
    then is kept beside `folder`, and the next call goes on from there.
    """
    if not folder.exists():
        for archive in archives:
            refuse_download(archive.name, archive.addresses[0], f"{archive.megabytes} MB")
    part = folder.with_name(f"{folder.name}.part")
    lock = folder.with_name(f"{folder.name}.lock")  # beside `part`, which goes while others wait for the lock
    with (
        explain_disk_errors(folder),
        hold_lock(lock, f"Another whatsit is downloading {folder.name}.", wait=True),
    ):
        if not folder.exists():  # else the other one has finished meanwhile
            make_folder(part)
            for archive in archives:
                _unpack(_whole(archive, part, net, pause_s), part)
            part.rename(folder)
        lock.unlink(missing_ok=True)


def _whole(archive: Archive, part: Path, net: NetAccess | None, pause_s: float) -> Path:
    """A downloaded file with the right checksum."""
    target, partial = part / archive.name, part / f"{archive.name}.partial"
    while not target.exists():
        was_begun = partial.exists()
        _fetch_all(archive, partial, net, pause_s)
        if _agrees(partial, archive.digest):
            partial.rename(target)
        else:
            remove(partial)  # begun from another file, perhaps: once more from its first byte
            if not was_begun:
                raise UserError(
                    f"{archive.addresses[0]!r} is not the published file: its checksum is another.",
                    hint="Try again later; the place may be in repair, or the file was replaced.",
                )
    return target


def _fetch_all(archive: Archive, partial: Path, net: NetAccess | None, pause_s: float) -> None:
    from whatsit.fetch.errors import FetchError

    failures: list[FetchError] = []
    with events.progress(f"Downloading {archive.name}", archive.megabytes, "MB") as step:
        for address in archive.addresses:
            try:
                with partial.open("ab") as file:
                    asyncio.run(_fetch(address, _Growing(file, step), net, pause_s))
                return
            except FetchError as failure:
                failures.append(failure)
    where = archive.addresses[0].split("/")[2]
    raise UserError(
        f"{archive.name!r} could not be downloaded from {where}: {failures[0].reason}.",
        hint="Check the connection, and give the same command again: it goes on where it stopped.",
    )


class _Growing:
    """A file that a download is appended to, or begun anew where the host does not go on."""

    def __init__(self, file: IO[bytes], step: events.Advance) -> None:
        self._file = file
        self._step = step
        self.length = file.tell()
        step(self.length // MB)

    def welcome(self, headers: Mapping[str, str]) -> None:
        """Told how an answer begins: with the part that was asked for, or with the whole file."""
        part = headers.get("Content-Range", "")
        if part and not part.startswith(f"bytes {self.length}-"):
            from whatsit.fetch.errors import FetchError

            raise FetchError("broken", "the host sent another part than it was asked for")
        if not part:
            self._file.truncate(0)
            self._file.seek(0)
            self._step(-(self.length // MB))
            self.length = 0

    def write(self, piece: bytes) -> None:
        """Append a piece."""
        self._file.write(piece)
        self._step((self.length + len(piece)) // MB - self.length // MB)
        self.length += len(piece)


async def _fetch(address: str, into: _Growing, net: NetAccess | None, pause_s: float) -> None:
    """Ask for what is missing until all is there. Raises FetchError where several requests bring nothing."""
    from whatsit.fetch.client import Client, FetchLimits
    from whatsit.fetch.errors import FetchError

    idle = 0
    async with Client(FetchLimits(deadline_s=REQUEST_S, least_bytes_s=0, max_bytes=10_000 * MB), net) as client:
        while True:
            before = into.length
            try:
                wanted = {"Range": f"bytes={into.length}-"} if into.length else {}
                got = await client.get(address, wanted, sink=into.write, welcome=into.welcome)
                if got.status == 200 or (wanted and got.status in (206, 416)):  # 416: there is no more
                    return
                raise FetchError("status-later" if got.status >= 500 else "status", f"it answered {got.status}")
            except FetchError as error:
                idle = 0 if into.length > before else idle + 1
                if not error.is_passing or idle >= IDLE_TRIES:
                    raise
            await asyncio.sleep(pause_s * 2**idle)


def _agrees(file: Path, digest: str) -> bool:
    kind, _, wanted = digest.partition(":")
    with file.open("rb") as content:
        return hashlib.file_digest(content, kind).hexdigest() == wanted


def _take_out(tar: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> None:
    """Write one file of an archive below `place`; its rights, owner and time stay behind, and so do links.

    `TarFile.extract` can be told to be as careful from Python 3.11.4 on only.
    """
    into = place / member.name
    if not into.is_relative_to(place) or ".." in into.parts:  # `place / "/etc"` is /etc
        raise UserError(
            f"An archive wants to write outside its folder: {member.name!r}.", hint="Do not trust its origin."
        )
    if member.isdir():
        make_folder(into)
    elif member.isfile():
        make_folder(into.parent)
        content = tar.extractfile(member)
        assert content is not None
        with content, into.open("wb") as out:
            shutil.copyfileobj(content, out)


def _unpack(file: Path, part: Path) -> None:
    """Unpack a tar or zip file and remove it; others (a gzipped IDX file) stay as they are."""
    place = part / "unpacking"
    remove(place)
    if file.name.endswith((".tar.gz", ".tgz")):
        with tarfile.open(file) as tar, events.progress(f"Unpacking {file.name}", None, "files") as step:
            for member in tar:
                _take_out(tar, member, place)
                step(1)
    elif file.suffix == ".zip":
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            with events.progress(f"Unpacking {file.name}", len(names), "files") as step:
                for name in names:
                    archive.extract(name, place)
                    step(1)
    else:
        return
    for entry in place.iterdir():
        remove(part / entry.name)
        entry.rename(part / entry.name)
    place.rmdir()
    file.unlink()

"""What the verbs share: the ways of naming a run, where runs lie, and what does the work."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from whatsit.errors import UserError

if TYPE_CHECKING:
    from whatsit.model.run import Run

    AnyRun = str | Path | Run  # a finished run, or its folder

RUNS = Path("runs")
THREADS = "threads"
Started = Callable[[str], None]


def ignore(_told: object) -> None:
    """For callers who do not want to be told."""


def as_folder(path: str | Path) -> Path:
    """A path that is written to. Raises UserError where it is the address of a store."""
    from whatsit.buckets import address_of

    if address := address_of(path):
        raise UserError(
            f"{address!r} is the address of a store, and this is written to folders and files.",
            hint=f"Name a folder, then copy it: aws s3 cp --recursive FOLDER {address}. pack writes to addresses.",
        )
    return Path(path)


@contextlib.contextmanager
def writing_to(path: str | Path) -> Iterator[Path]:
    """The file that the block writes; for an address one in the cache, which is sent at a good end.

    It is the same one at the next call, so what goes on where it stopped does so there, too.
    """
    from whatsit.buckets import address_of, check_place, send_file
    from whatsit.files import cache_dir, make_folder, remove

    address = address_of(path)
    if not address:
        yield Path(path)
        return
    check_place(address)
    aside = cache_dir() / "sending" / hashlib.blake2b(address.encode(), digest_size=10).hexdigest()
    make_folder(aside)
    file = aside / Path(path).name
    yield file
    send_file(file, address)
    remove(aside)


@contextlib.contextmanager
def opened_to_write(run: AnyRun) -> Iterator[Run]:
    """A run into which the block writes; what it wrote is sent where the run is one at an address."""
    from whatsit import events
    from whatsit.buckets import address_of, look_at_files, open_mirror, send_changes
    from whatsit.model.run_names import RUN_FILE

    address = address_of(run)
    if not address:
        yield open_any(run)
        return
    mirror = open_mirror(address, whole=RUN_FILE)
    mirror.doubt()
    before = look_at_files(mirror.folder)
    yield open_any(mirror.folder)
    names = send_changes(mirror.folder, mirror.bucket.address, before)
    events.note(f"Written to {address}: {', '.join(names)}")


def open_any(run: AnyRun) -> Run:
    """A run that is given as such or as its folder."""
    from whatsit.model.run import open_run

    return open_run(run) if isinstance(run, str | Path) else run

"""What the verbs share: the ways of naming a run, where runs lie, and what does the work."""

from __future__ import annotations

import contextlib
import hashlib
import os
import reprlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from whatsit.errors import UserError
from whatsit.words import typed

if TYPE_CHECKING:
    from whatsit.model.run import Run

    AnyRun = str | Path | Run  # a finished run, or its folder

RUNS = Path("runs")
THREADS = "threads"
Started = Callable[[str], None]
Data = TypeVar("Data")


def ignore(_told: object) -> None:
    """For callers who do not want to be told."""


def as_folder(path: str | Path) -> Path:
    """A path that is written to. Raises UserError where it is none, or the address of a store."""
    from whatsit.buckets import address_of

    if not isinstance(path, str | os.PathLike):
        raise UserError(
            f"What is written to is {_show(path)}, and has to be a path.", hint='Give it as a text: "FOLDER".'
        )
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
    from whatsit.model.run import Run, open_run

    return run if isinstance(run, Run) else open_run(place_of(run))


def place_of(run: object) -> str | Path:
    """Where a run lies that is given as such or as its folder. Raises UserError where it is neither."""
    if isinstance(run, str | Path):
        return run
    from whatsit.model.run import Run  # which reads photos, too: a server has no need of it

    if isinstance(run, Run):
        return run.folder
    several = isinstance(run, Sequence | set)
    raise UserError(
        f"The run is {_show(run)}, and has to be a path, or what `whatsit.train` gave.",
        hint="Give one; compare takes several one after another: compare(one, other)."
        if several
        else 'Give its folder: "runs/NAME".',
    )


def check_data(data: Data, instead: str, kinds: tuple[type, ...] = ()) -> Data:
    """The data set that a verb was given, if it may be one.

    instead: what to type where it is a run, with DATA and RUN for the two
    kinds:   what it may be beside a path or a name
    Raises UserError where it is of another kind, or the folder of a run.
    """
    if isinstance(data, kinds):
        return data
    if not isinstance(data, str | os.PathLike):
        besides = ", or what `whatsit.read` gave" if kinds else ""
        raise UserError(
            f"The data is {_show(data)}, and has to be a path or a name{besides}.",
            hint='Give a folder with one folder of photos a class: "FOLDER".',
        )
    refuse_run(data, instead)
    return data


def refuse_run(data: str | os.PathLike[str], instead: str) -> None:
    """Raise UserError where data is the folder of a run; `instead` as for `check_data`."""
    from whatsit.buckets import address_of
    from whatsit.files import mode_of
    from whatsit.model.run_names import RUN_FILE

    folder = Path(data)
    if address_of(data) or not mode_of(folder / RUN_FILE):
        return
    from whatsit.model.run import read_beginning

    try:
        source = read_beginning(folder).source
    except UserError:  # a run.json of somebody else: photos may lie beside it
        return
    names = {"DATA": typed(source or "DATA"), "RUN": typed(folder)}
    command = " ".join(names.get(word, word) for word in instead.split())
    raise UserError(f"{str(folder)!r} is a run, and this looks at photos.", hint=f"Give the photos: {command}")


def _show(value: Any) -> str:
    """A value of a wrong kind within a sentence: short, and on one line."""
    return " ".join(reprlib.repr(value).split())

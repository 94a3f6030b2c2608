"""A folder written to an address: every file of it, or a mark that some are missing.

A store cannot rename, so nothing there appears whole at once. A mark is written first and removed last: who reads
the address in between is told, and the same command may write there again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from whatsit import events, words
from whatsit.buckets.address import Address, parse_address
from whatsit.buckets.client import list_top, look_at, put_bytes, put_file, remove_object
from whatsit.errors import UserError

UNFINISHED = ".whatsit-unfinished"


def begin_sending(text: str) -> Address:
    """The address, with a mark that it is not whole; nothing else may lie there. Raises UserError."""
    address = parse_address(text)
    there = list_top(address)
    if there and UNFINISHED not in there:
        raise UserError(f"{str(address)!r} is there already.", hint="Name a new address with --into.")
    put_bytes(address.below(UNFINISHED), b"This is being written, or writing it was broken off.\n")
    return address


def send_folder(folder: Path, address: Address) -> None:
    """Write all files of a folder below an address that `begin_sending` gave, and take its mark away."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    with events.progress(f"Writing to {address}", len(files), "files") as step:
        for file in files:
            _send(file, address.below(file.relative_to(folder).as_posix()))
            step(1)
    remove_object(address.below(UNFINISHED))


def check_place(text: str) -> None:
    """Raise a UserError where there is no bucket for an address, or it may not be looked at."""
    list_top(parse_address(text).parent)


def send_file(file: Path, text: str) -> None:
    """Write one file to an address. Raises UserError."""
    _send(file, parse_address(text))


def send_changes(folder: Path, address: Address, before: Mapping[Path, tuple[int, int]]) -> list[str]:
    """Write the files of a folder that are others than they were to an address; their names."""
    changed = [file for file, facts in look_at_files(folder).items() if before.get(file) != facts]
    names = [file.relative_to(folder).as_posix() for file in changed]
    for file, name in zip(changed, names, strict=True):
        _send(file, address.below(name))
    return names


def look_at_files(folder: Path) -> dict[Path, tuple[int, int]]:
    """Size and time of all files of a folder."""
    facts = {file: file.stat() for file in sorted(folder.rglob("*")) if file.is_file()}
    return {file: (one.st_size, one.st_mtime_ns) for file, one in facts.items()}


def _send(file: Path, address: Address) -> None:
    """One file. Raises UserError where the store has not all of it then."""
    put_file(address, file)
    try:
        length = look_at(address).size
    except OSError as error:
        raise UserError(f"{str(address)!r} was written, and {error.strerror}.", hint=_AGAIN) from None
    if length != file.stat().st_size:
        raise UserError(
            f"{str(address)!r} has {words.human_bytes(length)}, and {words.human_bytes(file.stat().st_size)} were "
            "written.",
            hint=_AGAIN,
        )


_AGAIN = "Give the same command again."

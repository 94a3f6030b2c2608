"""The names of a store's objects as a folder in the cache, so that whoever reads folders reads addresses.

A photo or a shard is there as an empty file of its size, which takes no room: its bytes are asked of the store.
Tables, lists, annotations and arrays, which readers open themselves, are fetched whole. What cleaning and
reviewing note lies in that folder, as for a DATA that cannot be written to.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from whatsit import events, words
from whatsit.buckets.address import Address, parse_address
from whatsit.buckets.bucket import Bucket
from whatsit.buckets.client import Entry, fetch, is_file_content, list_objects, look_at
from whatsit.buckets.sending import UNFINISHED
from whatsit.errors import UserError
from whatsit.files import (
    cache_dir,
    explain_disk_errors,
    fits_in_a_folder,
    hold_lock,
    make_folder,
    read_json,
    write_json,
)

FOLDER = "buckets"
OWN = ".whatsit"
FETCHED = "fetched.json"
# What readers open: tables, lists, annotations, arrays; of the files of MNIST and CIFAR the names.
_TEXTS = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".txt", ".xml", ".yaml", ".yml", ".names")
_OPENED = (*_TEXTS, ".parquet", ".npz", ".npy", "-ubyte", "-ubyte.gz", ".meta")
_BATCHES = ("data_batch_", "test_batch")
_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".json")  # whose photos lie beside them
NO_PATH = "its name in the store is no path"
_AT_ONCE = 256  # objects that are fetched by one call


@dataclass(frozen=True)
class Mirror:
    """An address as a folder, or a file in one.

    given:  what was asked for, by the address; `path` is it in the cache
    folder: the folder of names, and `bucket` what it stands for
    left:   objects that have no place there, with the reason
    """

    given: Address
    path: Path
    folder: Path
    bucket: Bucket
    left: tuple[tuple[str, str], ...] = ()

    def doubt(self) -> None:
        """Have all be fetched anew the next time: files here are about to be changed."""
        (self.folder.parent / FETCHED).unlink(missing_ok=True)

    @contextlib.contextmanager
    def naming(self) -> Iterator[None]:
        """Have what is said of the folder in the cache said of the address."""
        try:
            yield
        except UserError as error:
            texts = [text.replace(str(self.folder), self.bucket.place) for text in (error.sentence, error.hint)]
            raise type(error)(*texts) from None


_opened: dict[Path, Mirror] = {}  # by their folders: what this process has listed


def find_mirror(folder: Path) -> Mirror | None:
    """The mirror that a folder is, or lies in; None where it is only a folder."""
    for place in (folder, *folder.parents):
        if place in _opened:
            return _opened[place]
    return None


def open_mirror(text: str, whole: str = "") -> Mirror:
    """The names below an address, as they are now. Raises UserError where the store does not give them.

    whole: an object by which it is known for something to be fetched whole, as a run by its run.json
    """
    given = parse_address(text)
    with events.working(f"Listing {given}"):
        listed = list_objects(given)
        is_file = set(listed) == {""}
        address = given.parent if is_file else given
        if is_file:
            beside = list_objects(address) if given.name.casefold().endswith(_TABLES) else {}
            listed = {**beside, given.name: listed[""]}
    if UNFINISHED in listed:
        raise UserError(
            f"What lies at {str(given)!r} is not whole: it is being written, or writing it was broken off.",
            hint="Give the command that wrote it again, or wait until it has ended.",
        )
    if whole and whole not in listed:
        raise UserError(f"There is no {whole} at {str(given)!r}.", hint="Is the address right?")
    digest = hashlib.blake2b(str(given).encode(), digest_size=10).hexdigest()
    folder = cache_dir() / FOLDER / digest / (address.name or address.path)
    kept, left = _sort(listed)
    with hold_lock(folder.parent / "lock", f"Another whatsit is listing {given}.", wait=True):
        with explain_disk_errors(folder):
            made, cannot = _match(folder, kept)
        opened = set(kept) if whole else {name for name in kept if _is_opened(name)}
        _fetch_opened(address, folder, {name: kept[name] for name in opened}, made)
    path = folder / given.name if is_file else folder
    mirror = Mirror(given, path, folder, Bucket(address, kept), (*left, *((name, NO_PATH) for name in cannot)))
    _opened[folder] = mirror
    return mirror


def _sort(listed: Mapping[str, Entry]) -> tuple[dict[str, Entry], list[tuple[str, str]]]:
    """The objects whose names are paths, and those whose are not: they could lead out of the folder."""
    kept: dict[str, Entry] = {}
    left = []
    for name, entry in listed.items():
        pieces = name.split("/")
        if pieces[0] == OWN:
            continue
        if all(map(fits_in_a_folder, pieces)):
            kept[name] = entry
        else:
            left.append((name, NO_PATH))
    return kept, left


def _match(folder: Path, listed: Mapping[str, Entry]) -> tuple[set[str], list[str]]:
    """Make the folder hold these names, and no others: those that are new or of another size, and those that it
    cannot hold."""
    make_folder(folder)
    there = dict(_walk(folder))
    for name in there.keys() - listed.keys():
        (folder / name).unlink()
    _remove_empty(folder)
    made, cannot, parents = set(), [], {""}
    for name, entry in listed.items():
        if there.get(name) == entry.size:
            continue
        parent = name.rpartition("/")[0]
        try:
            if parent not in parents:
                (folder / parent).mkdir(parents=True, exist_ok=True)
                parents.add(parent)
            with open(f"{folder}/{name}", "wb") as empty:  # noqa: PTH123 - a Path for each of a million is slow
                empty.truncate(entry.size)
            made.add(name)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):  # `a` and `a/b` are two objects
            cannot.append(name)
    return made, cannot


def _walk(folder: Path) -> Iterator[tuple[str, int]]:
    waiting = [""]
    while waiting:
        start = waiting.pop()
        with os.scandir(folder / start) as entries:
            for entry in entries:
                name = f"{start}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    if name != OWN:
                        waiting.append(f"{name}/")
                else:
                    yield name, entry.stat(follow_symlinks=False).st_size


def _remove_empty(folder: Path) -> None:
    for place, _, _ in os.walk(folder, topdown=False):
        if Path(place) != folder and OWN not in PurePosixPath(place).parts:
            with contextlib.suppress(OSError):  # something is in it
                Path(place).rmdir()


def _fetch_opened(address: Address, folder: Path, listed: Mapping[str, Entry], made: Set[str]) -> None:
    """Fetch objects that are not here as they are in the store: their name is new, or they have changed."""
    noted = folder.parent / FETCHED
    before: dict[str, str] = read_json(noted) if noted.exists() else {}
    before = {name: stamp for name, stamp in before.items() if name not in made}
    wanted = {name: entry.stamp for name, entry in listed.items()}
    missing = [name for name, stamp in wanted.items() if before.get(name) != stamp]
    if not missing:
        return
    needed = sum(listed[name].size for name in missing)
    if needed > (free := shutil.disk_usage(folder).free):
        raise UserError(
            f"Tables and arrays of {str(address)!r} take {words.human_bytes(needed)} of disk, and "
            f"{words.human_bytes(free)} are free where {str(cache_dir())!r} lies.",
            hint="$WHATSIT_CACHE names another place.",
        )
    here = {name: stamp for name, stamp in before.items() if wanted.get(name) == stamp}
    with events.progress(f"Fetching tables of {address}", len(missing)) as step:
        for start in range(0, len(missing), _AT_ONCE):
            some = missing[start : start + _AT_ONCE]
            fetch(address, some, folder)
            for name in some:
                _check(address.below(name), folder / name, listed[name])
            here |= {name: wanted[name] for name in some}
            write_json(noted, here)
            step(len(some))


def _check(address: Address, file: Path, entry: Entry) -> None:
    """Raise a UserError, and keep only the name, where what was fetched is not the object that was listed."""
    size = file.stat().st_size
    with file.open("rb") as content:
        if size == entry.size and is_file_content(content, entry.tag):
            return
    try:
        is_same = size == entry.size and look_at(address).stamp == entry.stamp
    except OSError:
        is_same = False
    if not is_same:
        with file.open("wb") as empty:
            empty.truncate(entry.size)
        raise UserError(
            f"Of {str(address)!r} the store gave {size:,} bytes that are not the {entry.size:,} that it listed.",
            hint="Is it being written just now? Try again when it is whole.",
        )


def _is_opened(name: str) -> bool:
    last = PurePosixPath(name).name.casefold()
    return last.endswith(_OPENED) or last.startswith(_BATCHES)

"""Files that appear whole or not at all, locks, and where caches lie."""

from __future__ import annotations

import atexit
import contextlib
import csv
import errno
import functools
import hashlib
import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from whatsit.errors import DiskFull, UserError
from whatsit.events import honour_stop, note, warn

if TYPE_CHECKING:
    from filelock import FileLock
from whatsit.records import parse_json

PART_SUFFIX = ".part"
LISTEN_S = 0.5  # how soon a wish to stop is noticed while another process is waited for
NAMES = "surrogateescape"  # how Python itself reads file names that are no UTF-8
LONGEST_NAME = 255  # bytes, in every common file system
_NOT_ON_WINDOWS = re.compile(
    r'[<>:"\\|?*\x01-\x1f]|[ .]$|^(con|prn|aux|nul|(com|lpt)[1-9¹²³])(\.|$)', re.IGNORECASE
)


def write_bytes(path: Path, content: bytes) -> None:
    """Write whole or not at all: a crash leaves the old file, a reader never sees half of one."""
    with writing(path) as file:
        file.write(content)


def write_text(path: Path, content: str) -> None:
    """`write_bytes` for text, in UTF-8; a file name that is no UTF-8 is written as the bytes it has on disk."""
    write_bytes(path, content.encode("utf-8", NAMES))


def readable(name: str) -> str:
    """A file name as text: each byte of it that is no UTF-8 as `\\xNN`."""
    if name.isascii():
        return name
    try:
        raw = name.encode("utf-8", NAMES)
    except UnicodeEncodeError:  # half a character, which no file system gives
        raw = name.encode("utf-8", "backslashreplace")
    return raw.decode("utf-8", "backslashreplace")


def fits_in_a_folder(name: str, system: str = os.name) -> bool:
    """Whether a file or folder can have this name, and then lies where it was put and nowhere else.

    system: whose rules, as `os.name` has it: on Windows (`nt`) a backslash leads away, and `nul` is a device
    """
    if name in ("", ".", "..") or "/" in name or "\0" in name or len(os.fsencode(name)) > LONGEST_NAME:
        return False
    return system != "nt" or not _NOT_ON_WINDOWS.search(name)


def write_json(path: Path, content: Any) -> None:
    """`write_text` for JSON a person can read, keys in the order given."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """`write_text` for a table with a header line; missing cells stay empty; text is no formula (`as_cell`)."""
    with _replacing(path, "w", encoding="utf-8", errors=NAMES, newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows({column: as_cell(value) for column, value in row.items()} for row in rows)


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a table that `write_csv` wrote. Raises FileNotFoundError, csv.Error."""
    with path.open(encoding="utf-8", errors=NAMES, newline="") as file:
        return [{column: from_cell(cell) for column, cell in row.items()} for row in csv.DictReader(file)]


def as_cell(value: Any) -> Any:
    """A value of a table as it is written: text that a spreadsheet would run as a formula (`=HYPERLINK(…)`, as a
    file may be called) begins with an apostrophe, which spreadsheets take for "this is text"."""
    if not isinstance(value, str) or not value.lstrip("'").startswith(_FORMULA):
        return value
    return value if _NUMBER.fullmatch(value) else f"'{value}"


def from_cell(cell: str) -> str:
    """The text that `as_cell` was given."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell


_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]\d+(\.\d+)?(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def read_json(path: Path) -> Any:
    """The content of a JSON file of ours; a `UserError` where it is not there or not whole."""
    try:
        text = path.read_text(encoding="utf-8", errors=NAMES)
    except FileNotFoundError:
        raise UserError(f"There is no file {str(path)!r}.") from None
    except OSError as error:
        raise UserError(f"{str(path)!r} cannot be opened ({error.strerror}).") from None
    return parse_json(text, str(path))


@contextlib.contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """A file that becomes `path` when the block ends well, and leaves nothing behind when it does not."""
    with _replacing(path, "wb") as file:
        yield file


@contextlib.contextmanager
def _replacing(path: Path, mode: str, **how: Any) -> Iterator[IO[Any]]:
    """A file beside `path` that takes its place when the block ends well, whole and on the disk."""
    with explain_disk_errors(path):
        make_folder(path.parent)
        part = path.with_name(
            f"{path.name}.{secrets.token_hex(8)}{PART_SUFFIX}"
        )  # in a folder that others write to
        try:
            with part.open(mode.replace("w", "x"), **how) as file:  # x: never through a link that lies there
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


@contextlib.contextmanager
def explain_disk_errors(path: Path) -> Iterator[None]:
    """Turn what a disk refuses (full, read-only, not ours) into a `UserError` that names the path, and what helps
    against that."""
    try:
        yield
    except OSError as error:
        sentence, hint = {
            errno.ENOSPC: (f"The disk is full: {str(path)!r} could not be written.", _MAKE_ROOM),
            errno.EDQUOT: (f"The disk quota is used up: {str(path)!r} could not be written.", _MAKE_ROOM),
            errno.EROFS: (f"{str(path)!r} lies on a read-only disk.", _CHANGE_RIGHTS),
            errno.EACCES: (f"No permission for {str(path)!r}.", _CHANGE_RIGHTS),
            errno.EPERM: (f"No permission for {str(path)!r}.", _CHANGE_RIGHTS),
        }.get(
            error.errno or 0,
            (f"{str(path)!r} could not be written: {error.strerror or error}.", "Name another folder."),
        )
        kind = DiskFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else UserError
        raise kind(sentence, hint=hint) from error


_MAKE_ROOM = "Free some space or name another folder."
_CHANGE_RIGHTS = "The folder does not take files: name another, or change its rights."


def expand_home(name: str) -> Path:
    """A path whose `~` is somebody's home. Raises UserError where there is no such home."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        raise UserError(
            f"Nobody knows the home folder that {readable(name)!r:.200} begins with.", hint="Write the whole path."
        ) from None


def cache_dir() -> Path:
    """Where caches lie: `$WHATSIT_CACHE`, else `$XDG_CACHE_HOME/whatsit`, else `~/.cache/whatsit`; where none of
    them can be written to, a temporary folder of this process and its children, said once.

    Everything below it can be deleted at any time; that loses time and nothing else.
    """
    named = os.environ.get("WHATSIT_CACHE")
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        folder = Path(named) if named else (Path(base) if base else Path.home() / ".cache") / "whatsit"
    except RuntimeError:  # no $HOME, and a user without a name (containers, services)
        return _temporary_cache(None, "There is no home folder to keep a cache in")
    problem = _why_not_written(folder)
    return _temporary_cache(folder, f"No cache can be kept in {str(folder)!r} ({problem})") if problem else folder


@functools.cache
def _why_not_written(folder: Path) -> str:
    """What the system says against files in a folder that may not be there yet; "" where it says nothing.

    A full disk is no reason: what is there may be read, and room may be made.
    """
    try:
        _try_writing(folder)
    except OSError as error:
        return "" if error.errno in (errno.ENOSPC, errno.EDQUOT) else error.strerror or str(error)
    return ""


def refuse_unwritable(folder: Path) -> None:
    """Raise UserError where nothing can be put into a folder, which may not be there yet; for before long work.

    Nothing is left behind.
    """
    with explain_disk_errors(folder):
        _try_writing(folder)


def _try_writing(folder: Path) -> None:
    """Make something in a folder, or in the nearest above it that is there, and take it away. Raises OSError."""
    place = next(one for one in (folder, *folder.absolute().parents) if one.exists() or one.is_symlink())
    Path(tempfile.mkdtemp(prefix=".whatsit-", dir=place)).rmdir()


def _temporary_cache(folder: Path | None, why: str) -> Path:
    """A new folder that goes when this process ends, with what can be read of the cache that `folder` is."""
    try:
        made = Path(tempfile.mkdtemp(prefix="whatsit-cache-"))
    except OSError:
        raise UserError(f"{why}, and there is no place for temporary files.", hint=_NAME_CACHE) from None
    atexit.register(_remove_own, made, os.getpid())
    os.environ["WHATSIT_CACHE"] = str(made)  # for the processes that this one starts, too
    warn(f"{why}: a temporary one is used, and removed at the end. {_NAME_CACHE}")
    if folder is not None:
        with contextlib.suppress(OSError):  # what may not be looked at is as good as not there
            _link_kept(folder, made)
    return made


def _remove_own(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # not a child that was forked
        shutil.rmtree(folder, ignore_errors=True)


_NAME_CACHE = "Name a folder for it: WHATSIT_CACHE=FOLDER"
_GROWING = ("stores", "catalogs")  # of a cache, what is appended to where it lies


def _link_kept(folder: Path, into: Path) -> None:
    """Networks, data sets and proofs of a cache that is only read, as links; new ones lie beside them."""
    for kind in folder.iterdir():
        if kind.is_dir() and kind.name not in _GROWING:
            (into / kind.name).mkdir()
            for kept in kind.iterdir():
                (into / kind.name / kept.name).symlink_to(kept.absolute())


def make_folder(folder: Path) -> None:
    """Make a folder with its parents, if it is not there. A new cache is its owner's alone: it holds people's
    photos, made small."""
    cache = cache_dir()
    if cache in (folder, *folder.parents):
        cache.parent.mkdir(parents=True, exist_ok=True)
        cache.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)


class Busy(UserError):
    """Another process holds a lock."""


@contextlib.contextmanager
def hold_lock(path: Path, busy: str, wait: bool = False) -> Iterator[None]:
    """Hold an exclusive lock on `path` for the block; `busy` is the sentence if another process has it.

    wait: say so and wait for it, instead of raising Busy

    The system holds it for the process, so it is free when the process has ended, however that was.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, thread_local=False)
    with explain_disk_errors(path):
        make_folder(path.parent)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if (
                not path.exists()
            ):  # in folders such as /proc, where nothing can be made, it gives up like this, too
                path.touch()
            if not wait:
                raise Busy(busy, hint="Wait until it has ended, or stop it.") from None
            note(f"{busy} Waiting for it.")
            _acquire_in_time(lock)
    try:
        yield
    finally:
        lock.release()


def _acquire_in_time(lock: FileLock) -> None:
    """Wait until the lock is free, or until who listens wants a stop."""
    from filelock import Timeout

    while True:
        honour_stop()
        with contextlib.suppress(Timeout):
            lock.acquire(timeout=LISTEN_S)
            return


def mode_of(path: Path) -> int:
    """What lies at a path, as `stat` has it; 0: nothing. Raises UserError where it may not be looked at."""
    try:
        return path.stat().st_mode
    except PermissionError as error:
        raise UserError(f"{str(path)!r} cannot be opened ({error.strerror}).") from None
    except (OSError, ValueError):  # ValueError: a name with a null character
        return 0


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_bytes(folder: Path) -> int:
    """The bytes a folder takes on disk (blocks where the system tells, so that holes in files do not count).

    What another process removes meanwhile does not count: in a cache files come and go.
    """
    found = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                found += _bytes_on_disk((Path(place) / name).lstat())
    return found


def _bytes_on_disk(facts: os.stat_result) -> int:
    return facts.st_blocks * 512 if hasattr(facts, "st_blocks") else facts.st_size  # Windows has no blocks


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it; nothing happens where there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)

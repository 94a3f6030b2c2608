"""Photos in folders by what a model says of them: copies or links, and never the photos themselves.

    OUT/sure/CLASS/…      one class alone could it be: class folders to train from, once somebody has looked;
                          of a model with an operating point, all that it answers
    OUT/unsure/CLASS/…    several it could be, or "not sure"; CLASS is the likeliest
                          (of several labels a copy lies in the folder of each that is said)
    OUT/unlike/…          unlike everything that the model knows
    OUT/sorted.jsonl      a line a photo, written before its copy: where it came from, where it went, and why

The same call goes on after a kill. Undoing removes what the lines name, as far as it is still what was put there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from whatsit.data.corrections import folder_of_class
from whatsit.errors import UserError
from whatsit.events import warn
from whatsit.fetch.errors import FetchError
from whatsit.files import NAMES, explain_disk_errors, hold_lock, readable, refuse_unwritable, sha256_of
from whatsit.model.answer import Answer
from whatsit.model.asking.batch import NOT_FETCHED, answer_photos
from whatsit.model.asking.photos import NamedPhoto
from whatsit.model.classifier import Classifier
from whatsit.records import decode_json
from whatsit.words import brief

JOURNAL = "sorted.jsonl"
SURE, UNSURE, UNLIKE = "sure", "unsure", "unlike"
_STEM = 120  # bytes that are kept of a photo's name


@dataclass(frozen=True)
class SortCounts:
    """What came of sorting: photos by group, and those that could not be read."""

    sure: int
    unsure: int
    unlike: int
    failed: int

    __repr__ = brief


def sort_photos(
    model: Classifier,
    photos: Iterable[NamedPhoto],
    out: Path,
    link: bool = False,
    step: Callable[[int], None] = lambda _count: None,
) -> SortCounts:
    """Put a copy of each photo into a folder of `out`, by its answer; how many went where.

    link: make links to the photos instead; those of the web are copied all the same
    Raises UserError where `out` holds other things, or what another model sorted.
    """
    refuse_unwritable(out)
    inside = out.resolve()
    wanted = [photo for photo in photos if not _lies_in(photo.name, inside)]  # all names, before the first copy
    with explain_disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        _refuse_other_things(out)  # before a lock is left there
    with hold_lock(out / ".lock", f"Another whatsit is sorting into {str(out)!r}."):
        done = _resume(out, model)
        taken = {place for row in done.values() for place in _places(row)}
        by_name = {photo.name: photo for photo in wanted}
        for name, row in done.items():
            if name in by_name:
                _complete(by_name[name], [out / place for place in _places(row)], link)
        step(len(done))
        with explain_disk_errors(out), (out / JOURNAL).open("a", encoding="utf-8", errors=NAMES) as journal:
            for answer in answer_photos(model, (photo for photo in wanted if photo.name not in done)):
                photo = by_name[answer.name]
                content, reason = (b"", answer.reason) if answer.reason else _read_again(photo)
                row = _failed(photo, reason) if reason else _row(answer, content, taken)
                journal.write(json.dumps(row, ensure_ascii=False) + "\n")
                journal.flush()
                done[answer.name] = row
                for place in _places(row):
                    _place(photo, content, out / place, link)
                step(1)
    (out / ".lock").unlink(missing_ok=True)
    groups = [row["group"] for row in done.values()]
    return SortCounts(*(groups.count(group) for group in (SURE, UNSURE, UNLIKE, "")))


def undo_sort(out: Path) -> tuple[int, int]:
    """Remove the copies and links in `out`: how many went, and how many stay as they were changed since.

    Raises UserError where nothing was sorted there.
    """
    rows = _read(out)
    gone = kept = 0
    placed = [(row, place) for row in rows.values() for place in _places(row)]
    for row, place in placed:
        file = out / place
        if not os.path.lexists(file):
            continue
        if file.is_symlink() or sha256_of(file) == row["sha256"]:
            file.unlink()
            gone += 1
        else:
            kept += 1
    for parent in sorted({(out / place).parent for _row_of, place in placed}, reverse=True):
        for folder in (parent, parent.parent):
            if folder != out:
                with contextlib.suppress(OSError):  # something else lies in it
                    folder.rmdir()
    if not kept:
        (out / JOURNAL).unlink()
        with contextlib.suppress(OSError):
            out.rmdir()
    return gone, kept


def _lies_in(name: str, folder: Path) -> bool:
    try:
        return Path(name).resolve().is_relative_to(folder)
    except (OSError, ValueError):
        return False


def _refuse_other_things(out: Path) -> None:
    if not (out / JOURNAL).exists():
        others = [entry.name for entry in out.iterdir() if entry.name != ".lock"]
        if others:
            raise UserError(
                f"{str(out)!r} holds other things, such as {readable(others[0])!r}.", hint="Name a new folder."
            )


def _resume(out: Path, model: Classifier) -> dict[str, dict[str, Any]]:
    """What was sorted before, by name of the photo; a line that was cut short by a kill is taken off."""
    journal = out / JOURNAL
    header = json.dumps({"format": 1, "model": model.digest})
    if not journal.exists():
        journal.write_text(header + "\n", encoding="utf-8")
        return {}
    with journal.open("r+b") as file:
        if file.readline().decode("utf-8", "replace").strip() != header:
            raise UserError(
                f"{str(out)!r} holds what another model sorted.", hint="Name another folder, or undo that: --undo"
            )
        whole = file.tell()
        for line in file:
            if not line.endswith(b"\n"):
                break
            whole += len(line)
        file.truncate(whole)
    return _read(out)


def _read(out: Path) -> dict[str, dict[str, Any]]:
    try:
        lines = (out / JOURNAL).read_text(encoding="utf-8", errors=NAMES).split("\n")[1:]
    except OSError:
        raise UserError(f"Nothing was sorted into {str(out)!r}.", hint=f"There is no {JOURNAL} in it.") from None
    rows = [decode_json(line) for line in lines if line.endswith("}")]
    return {row["photo"]: row for row in rows}


def _failed(photo: NamedPhoto, reason: str) -> dict[str, Any]:
    return {"photo": photo.name, "group": "", "to": "", "sha256": "", "reason": reason}


def _row(answer: Answer, content: bytes, taken: set[str]) -> dict[str, Any]:
    is_sure = answer.sure
    if is_sure is None:
        is_sure = bool(answer.said) and set(answer.could_be) <= set(answer.said) and bool(answer.could_be)
    group = UNLIKE if not answer.known else SURE if is_sure else UNSURE
    folders = [f"{group}/{folder_of_class(label)}" for label in answer.said if group != UNLIKE]
    to, *also = [_free(folder, answer.name, taken) for folder in folders or [group]]
    return {
        "photo": answer.name,
        "group": group,
        "to": to,
        **({"also": also} if also else {}),
        "sha256": hashlib.sha256(content).hexdigest(),
        "label": " + ".join(answer.said),
        "probability": max(answer.probabilities.values()),
        "could_be": list(answer.could_be),
    }


def _places(row: Mapping[str, Any]) -> list[str]:
    """Where copies of a photo lie: one, or of several labels one in the folder of each."""
    return [row["to"], *row.get("also", ())] if row["to"] else []


def _free(place: str, name: str, taken: set[str]) -> str:
    """A file name made from the photo's own; of two photos of one name the second gets a number."""
    plain = PurePosixPath(readable(name.partition("?")[0]).replace("\\", "/"))
    stem = plain.stem.lstrip(".").encode()[:_STEM].decode("utf-8", "ignore") or "photo"
    number, file = 1, f"{place}/{stem}{plain.suffix}"
    while file in taken:
        number += 1
        file = f"{place}/{stem}-{number}{plain.suffix}"
    taken.add(file)
    return file


def _read_again(photo: NamedPhoto) -> tuple[bytes, str]:
    """The bytes of a photo that was answered, for its copies; or why it cannot be had any more."""
    try:
        return photo.read(), ""
    except UserError as error:
        return b"", error.sentence
    except FetchError as error:
        return b"", f"{NOT_FETCHED}: {error.reason}."


def _complete(photo: NamedPhoto, files: Iterable[Path], link: bool) -> None:
    """Put copies in place that are missing, as after a kill between a line and them."""
    missing = [file for file in files if not os.path.lexists(file)]
    if not missing:
        return
    content, reason = _read_again(photo)
    if reason:
        warn(f"{readable(photo.name)} was sorted before and has no copy, as it is gone: {reason}")
        return
    for file in missing:
        _place(photo, content, file, link)


def _place(photo: NamedPhoto, content: bytes, file: Path, link: bool) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    original = Path(photo.name)
    if link and original.is_file():
        file.symlink_to(original.resolve())
        return
    part = file.with_name(file.name + ".part")
    part.write_bytes(content)
    part.replace(file)

"""Many photos asked, at full speed, into a table that is whole or not there, and that goes on after a kill.

What is kept of a photo until the table is whole is what the model said, not an answer made of it: of thousands of
classes an answer is a megabyte of Python, and its numbers as text take longer to read than the photo to ask about.
"""

from __future__ import annotations

import base64
import functools
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from whatsit import engine
from whatsit.data.faces.face import NO_FACE
from whatsit.engine import Workers
from whatsit.errors import UserError
from whatsit.fetch.errors import FetchError
from whatsit.files import NAMES, explain_disk_errors, hold_lock
from whatsit.image import GIVE_ONE
from whatsit.model.answer import Answer
from whatsit.model.asking.photos import NamedPhoto
from whatsit.model.asking.tables import Said, writer_of
from whatsit.model.classifier import Classifier
from whatsit.model.given import NO_FILE
from whatsit.records import decode_json
from whatsit.words import brief

FORMAT = 2  # of PART; in 1 probabilities were numbers as text
NOT_FETCHED = "It cannot be fetched"
EVERY = 64  # answers between two writes to the disk: a kill costs at most these


def answer_photos(
    model: Classifier, photos: Iterable[NamedPhoto], workers: Workers | None = None
) -> Iterator[Answer]:
    """The answers for photos, in their order, a few dozen photos in memory at a time.

    A photo that cannot be had or read is an answer whose `reason` says why.
    workers: who does it; None: who was chosen around the call
    """
    return engine.each(functools.partial(_ask, model), photos, workers or engine.chosen())


def answer_photos_on(name: str, model: Classifier, photos: Iterable[NamedPhoto]) -> Iterator[Answer]:
    """`answer_photos` by the engine of a name, which is opened for the first and closed after the last answer."""
    with engine.open_workers(name) as workers:
        yield from answer_photos(model, photos, workers)


def _ask(model: Classifier, photo: NamedPhoto) -> Answer:
    return _hear(model, photo).answer(model)


def _hear(model: Classifier, photo: NamedPhoto) -> Said:
    """One photo by itself: in a batch its last digits would depend on its neighbours, for no gain in speed."""
    try:
        shares, distances = model.run(model.pixels(photo.read())[None])
    except UserError as error:
        return Said(photo.name, error.sentence)
    except FetchError as error:
        return Said(photo.name, f"{NOT_FETCHED}: {error.reason}.")
    return Said(photo.name, "", float(distances[0]), shares[0])


NOT_THERE = "Is it written as on disk? Names begin in the folder that you are in."


def hint_of(reason: str) -> str:
    """What to do about a photo that has no answer for this reason."""
    if reason.startswith(NOT_FETCHED):
        return "Save the photo to a file, and name that."
    if reason.startswith(NO_FILE):
        return NOT_THERE
    if reason == NO_FACE:
        return "Give a photo of one face, from the front."
    return GIVE_ONE if "cannot be read" in reason else ""


@dataclass(frozen=True)
class AnswerCounts:
    """What came of a table: photos answered now, those answered by an earlier run of it, and those that failed."""

    photos: int
    earlier: int
    failed: int

    __repr__ = brief


def write_table(
    model: Classifier, photos: Iterable[NamedPhoto], path: Path, step: Callable[[int], None] = lambda _count: None
) -> AnswerCounts:
    """Write the answers for `photos` to `path`, a .csv, .jsonl or .parquet, whole or not at all.

    While it works the answers lie beside it, in PATH.part; the same call goes on from there. `step` is told how
    many more are answered. Raises UserError where the suffix is another one, or PATH.part is of another model.
    """
    write = writer_of(path)
    part = path.with_name(path.name + ".part")
    with hold_lock(path.with_name(path.name + ".lock"), f"{str(path)!r} is being written by another whatsit."):
        done = _resume(part, model)
        step(len(done))
        asked = 0
        with explain_disk_errors(part), part.open("a", encoding="utf-8", errors=NAMES) as progress:
            fresh = (photo for photo in photos if photo.name not in done)
            for said in engine.each(functools.partial(_hear, model), fresh, engine.chosen()):
                progress.write(_line(said) + "\n")
                asked += 1
                step(1)
                if asked % EVERY == 0:
                    progress.flush()
            progress.flush()
            os.fsync(progress.fileno())
        if not asked and not done:
            part.unlink()
            raise UserError("There are no photos to ask about.", hint="Name files, folders or a list.")
        failed = 0

        def count_failed() -> Iterator[Said]:
            nonlocal failed
            for said in _said_in(part):
                failed += said.shares is None
                yield said

        write(path, model, count_failed())
        part.unlink()
    path.with_name(path.name + ".lock").unlink(missing_ok=True)
    return AnswerCounts(asked, len(done), failed)


def _resume(part: Path, model: Classifier) -> set[str]:
    """The names of photos that PART has answers for; a line that was cut short by a kill is taken off."""
    headers = [json.dumps({"format": number, "model": model.digest}) for number in range(1, FORMAT + 1)]
    if not part.exists():
        with explain_disk_errors(part):
            part.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(headers[-1] + "\n", encoding="utf-8")
        return set()
    names: set[str] = set()
    with part.open("r+b") as file:
        first, whole = file.readline(), 0
        if first.decode("utf-8", "replace").strip() not in headers:
            raise UserError(
                f"{str(part)!r} has answers of another model.", hint="Remove it, or write to another file."
            )
        whole = file.tell()
        for line in file:
            if not line.endswith(b"\n"):
                break
            names.add(decode_json(line.decode("utf-8", NAMES))[0])
            whole += len(line)
        file.truncate(whole)
    return names


def _line(said: Said) -> str:
    """What was said as PART keeps it: name, reason, distance, and the float32 of every class in base64."""
    if said.shares is None:
        return json.dumps([said.name, said.reason, None], ensure_ascii=False)
    shares = base64.b64encode(said.shares.astype("<f4").tobytes()).decode()
    return json.dumps([said.name, "", said.distance, shares], ensure_ascii=False)


def _said_in(part: Path) -> Iterator[Said]:
    with part.open(encoding="utf-8", errors=NAMES) as file:
        next(file)
        for line in file:
            name, reason, distance, *kept = decode_json(line)
            if reason:
                yield Said(name, reason)
            elif isinstance(kept[0], str):
                shares = np.frombuffer(base64.b64decode(kept[0]), "<f4").astype(np.float32)
                yield Said(name, "", distance, shares)
            else:
                yield Said(name, "", distance, np.array(kept, np.float32))

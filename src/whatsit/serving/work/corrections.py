"""Keeping corrections: photos that were answered wrongly, with their class, for the next training.

They are proposals until the owner has looked; where they lie and who reads them: `data/corrections.py`. A photo is
kept decoded and encoded anew: no place, time, device or owner written into it survives, nor does anything that is
not a picture. Nothing is kept of who sent it.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from whatsit.data.corrections import FOLDER, JOURNAL, NONE, folder_of_class, photos_in, proposals_in
from whatsit.errors import UserError
from whatsit.files import write_bytes
from whatsit.image import decode, encode_jpeg, fit_within, read_header
from whatsit.serving.door.bodies.question import EncodedPhoto
from whatsit.serving.door.refusals import FULL, Refused

SIDE = 1024  # pixels of the longer side: more than any training looks at
QUALITY = 92  # of a JPEG: a second encoding at this one is not to be seen


@dataclass(frozen=True)
class Room:
    """What is kept at most, so that strangers cannot fill the disk: more than anybody looks through by hand."""

    photos: int = 5_000
    bytes: int = 1_000_000_000
    journal: int = 5_000_000  # bytes of its lines: some 20,000


@dataclass(frozen=True)
class Correction:
    """One "that was wrong": what it is, and what was answered.

    is_class: a class of the model, or "" for none of them
    model:    digest of the model's file
    """

    is_class: str
    answered: str
    probability: float
    known: bool
    model: str


RECOUNTED_S = 60.0  # between two looks at a folder that is full: its owner may have made room


class Corrections:
    """The proposals of one run. One process writes them; its threads take turns.

    What is there is counted once and then in memory: to list a folder of thousands at each correction would take
    longer than to answer.
    """

    def __init__(self, run: Path, room: Room) -> None:
        self.folder = run / FOLDER
        self._proposals = proposals_in(run)
        self._room = room
        self._turn = threading.Lock()
        self._kept: dict[str, str] = {}  # name → folder of its class
        self._bytes = self._journal = 0
        self._counted_at = float("-inf")

    def keep(self, sent: EncodedPhoto, correction: Correction) -> str:
        """Keep a photo under its class, and give the name it is kept by. Blocks.

        A photo kept before moves to its new class. Raises UnreadablePhoto; Refused where there is no more room.
        """
        photo = _encode_anew(sent)
        name = hashlib.sha256(photo).hexdigest()[:24] + ".jpg"
        try:
            with self._turn:
                self._put(name, photo, correction)
        except (OSError, UserError) as error:  # the disk will not take it
            raise Refused(FULL, reason=str(error)) from error
        return name

    def _put(self, name: str, photo: bytes, correction: Correction) -> None:
        if self._counted_at == float("-inf"):
            self._count()
        label = folder_of_class(correction.is_class) if correction.is_class else NONE
        earlier = self._kept.get(name, "")
        if earlier == label:
            return  # said before: neither the photo nor the journal grows
        line = self._line(name, correction)
        if not self._has_room(0 if earlier else len(photo), len(line)):
            raise Refused(FULL)
        write_bytes(self._proposals / label / name, photo)
        self._bytes += 0 if earlier else len(photo)
        self._kept[name] = label
        if earlier:
            (self._proposals / earlier / name).unlink(missing_ok=True)
        with (self.folder / JOURNAL).open("ab") as journal:
            journal.write(line)
            journal.flush()
            os.fsync(journal.fileno())
        self._journal += len(line)

    def _has_room(self, more: int, line: int) -> bool:
        """Whether so many bytes of a photo (0 where it is there already) and of a line fit; counts anew if not."""
        if self._would_fit(more, line):
            return True
        if time.monotonic() - self._counted_at < RECOUNTED_S:
            return False
        self._count()
        return self._would_fit(more, line)

    def _would_fit(self, more: int, line: int) -> bool:
        is_new = more > 0
        return self._journal + line <= self._room.journal and (
            not is_new or (len(self._kept) < self._room.photos and self._bytes + more <= self._room.bytes)
        )

    def _count(self) -> None:
        """Look at what is there: what earlier processes kept, and what the owner took out."""
        files, _ = photos_in(self._proposals)
        self._kept = {file.name: file.parent.name for file in files}
        self._bytes = sum(file.stat().st_size for file in files)
        journal = self.folder / JOURNAL
        self._journal = journal.stat().st_size if journal.is_file() else 0
        self._counted_at = time.monotonic()

    def _line(self, name: str, correction: Correction) -> bytes:
        said = {
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "photo": name,
            "class": correction.is_class,
            "answered": correction.answered,
            "probability": round(correction.probability, 4),
            "known": correction.known,
            "model": correction.model,
        }
        return (json.dumps(said, ensure_ascii=False) + "\n").encode()


def _encode_anew(photo: EncodedPhoto) -> bytes:
    """A photo as a JPEG of its pixels alone, at most SIDE high and wide."""
    header = read_header(photo.content, photo.limits)
    size = fit_within(header.height, header.width, SIDE)
    return encode_jpeg(decode(photo.content, size, "squish", photo.limits), QUALITY)

"""Keeping corrections: photos that were answered wrongly, with their class, for the next training.

Where they lie and who reads them: `data/corrections.py`. A photo is kept decoded and encoded anew: no place,
time, device or owner written into it survives, nor does anything that is not a picture. Nothing is kept of who
sent it.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from whatsit.data.corrections import FOLDER, JOURNAL, NONE, folder_of_class
from whatsit.errors import UserError
from whatsit.files import folder_bytes, write_bytes
from whatsit.image import decode, encode_jpeg, fit_within, read_header
from whatsit.serving.door.question import EncodedPhoto
from whatsit.serving.door.refusals import FULL, Refused

SIDE = 1024  # pixels of the longer side: more than any training looks at
QUALITY = 92  # of a JPEG: a second encoding at this one is not to be seen


@dataclass(frozen=True)
class Room:
    """What is kept at most, so that strangers cannot fill the disk: more than anybody looks through by hand."""

    photos: int = 5_000
    bytes: int = 1_000_000_000


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


_TURN = threading.Lock()  # one photo is kept at a time, whichever lane and model it comes from


class Corrections:
    """The folder of one run. One process writes it; its threads take turns."""

    def __init__(self, run: Path, room: Room) -> None:
        self.folder = run / FOLDER
        self._room = room

    def keep(self, sent: EncodedPhoto, correction: Correction) -> str:
        """Keep a photo under its class, and give the name it is kept by. Blocks.

        A photo kept before moves to its new class. Raises UnreadablePhoto; Refused where there is no more room.
        """
        photo = _encode_anew(sent)
        name = hashlib.sha256(photo).hexdigest()[:24] + ".jpg"
        try:
            self._put(name, photo, correction)
        except (OSError, UserError) as error:  # the disk will not take it
            raise Refused(FULL, reason=str(error)) from error
        return name

    def _put(self, name: str, photo: bytes, correction: Correction) -> None:
        with _TURN:
            place = self.folder / (folder_of_class(correction.is_class) if correction.is_class else NONE) / name
            earlier = [file for file in self.folder.glob(f"*/{name}") if file != place]
            if not earlier:
                self._check_room()
            write_bytes(place, photo)
            for file in earlier:
                file.unlink()
            self._note(name, correction)

    def _check_room(self) -> None:
        kept = sum(1 for _ in self.folder.glob("*/*.jpg"))
        if kept >= self._room.photos or folder_bytes(self.folder) >= self._room.bytes:
            raise Refused(FULL)

    def _note(self, name: str, correction: Correction) -> None:
        line = {
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "photo": name,
            "class": correction.is_class,
            "answered": correction.answered,
            "probability": round(correction.probability, 4),
            "known": correction.known,
            "model": correction.model,
        }
        with (self.folder / JOURNAL).open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(line, ensure_ascii=False) + "\n")
            journal.flush()
            os.fsync(journal.fileno())


def _encode_anew(photo: EncodedPhoto) -> bytes:
    """A photo as a JPEG of its pixels alone, at most SIDE high and wide."""
    header = read_header(photo.content, photo.limits)
    size = fit_within(header.height, header.width, SIDE)
    return encode_jpeg(decode(photo.content, size, "squish", photo.limits), QUALITY)

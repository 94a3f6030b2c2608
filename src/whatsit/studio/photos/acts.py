"""What was done with photos, written down before it is done: so a kill loses nothing, and all of it can be undone.

An act moves files: [from, to] relative to the project's photos. Classes that it makes go with its undo, where
nothing else lies in them by then. A line of acts.jsonl is an act, or says that one is undone. The last line may
not have been carried out when a process was killed: opening does it again, and a move that was made already is
passed over.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whatsit.data.listing.walk import OWN
from whatsit.files import explain_disk_errors, make_folder
from whatsit.languages.catalogues import ENGLISH
from whatsit.languages.speaking import Sentence, speaking
from whatsit.records import decode_json

Moves = list[tuple[str, str]]


@dataclass
class Act:
    """What was done in one go, in words, and the files that it moved."""

    number: int
    what: Sentence
    moves: Moves
    makes: list[str] = field(default_factory=list)


class Acts:
    """The acts of a project. Raises UserError where the disk takes no more."""

    def __init__(self, photos: Path, file: Path) -> None:
        self._photos = photos
        self._file = file
        self._held: list[Act] = []  # those that were not undone
        self._next = 1
        self._gathering = ""
        self._is_whole = not file.exists() or file.read_bytes()[-1:] in (b"", b"\n")
        self.repeated = self._read()  # what was done last, and is done again as far as it was not
        self._carry_out(self.repeated)

    @property
    def last(self) -> str:
        """What would be undone next, in words; empty where there is nothing."""
        return str(self._held[-1].what) if self._held else ""

    def __len__(self) -> int:
        return len(self._held)

    def do(self, what: Sentence, moves: Moves, makes: Sequence[str] = ()) -> Act:
        """Move files, of which none may be there already under its new name; `makes`: the classes that are new."""
        act = Act(self._next, what, moves, list(makes))
        self._write(
            {"act": act.number, **_write_sentence(what), "moves": moves} | ({"makes": act.makes} if makes else {})
        )
        self._hold(act)
        self._gathering = ""
        self._carry_out(moves)
        return act

    def gather(self, what: Sentence, moves: Moves, batch: str) -> None:
        """Move files as one act with those of the same batch, where nothing else was done since: all of them are
        undone together."""
        if batch and batch == self._gathering and self._held:
            act = self._held[-1]
            self._write({"more": act.number, **_write_sentence(what), "moves": moves})
            act.moves.extend(moves)
            act.what = what
            self._carry_out(moves)
        else:
            self.do(what, list(moves))
            self._gathering = batch

    def undo(self) -> Act | None:
        """Move the files of the last act back; that act."""
        if not self._held:
            return None
        act = self._held[-1]
        self._write({"undo": act.number})
        self._held.pop()
        self._gathering = ""
        self._carry_out(_back(act.moves))
        self._take_away(act.makes)
        return act

    def _hold(self, act: Act) -> None:
        self._held.append(act)
        self._next = act.number + 1

    def _read(self) -> Moves:
        """Read what was done; the moves of the last line, which may not have been carried out."""
        last: Moves = []
        for line in _lines(self._file):
            moves = [(str(one), str(other)) for one, other in line.get("moves", [])]
            number = next(line[kind] for kind in ("act", "more", "undo") if kind in line)
            is_of_last = bool(self._held) and self._held[-1].number == number
            if "undo" in line:  # of an act whose own line was lost nothing is known that could be moved back
                last = _back(self._held.pop().moves) if is_of_last else []
            elif "more" in line and is_of_last:
                self._held[-1].moves.extend(moves)
                self._held[-1].what = _read_sentence(line)
                last = moves
            else:
                self._hold(Act(number, _read_sentence(line), moves, line.get("makes", [])))
                last = list(moves)
        return last

    def _write(self, line: dict[str, Any]) -> None:
        with explain_disk_errors(self._file):
            make_folder(self._file.parent)
            with self._file.open("ab") as file:
                start = b"" if self._is_whole else b"\n"  # a line that was cut short stays a line of its own
                self._is_whole = False  # a disk that fills up takes a part of it
                file.write(start + json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
                self._is_whole = True

    def _carry_out(self, moves: Moves) -> None:
        for source, target in moves:
            here, there = self._photos / source, self._photos / target
            if here.exists() and not there.exists():
                with explain_disk_errors(there):
                    there.parent.mkdir(parents=True, exist_ok=True)
                    here.rename(there)
                _remove_empty(here.parent, self._photos / OWN)

    def _take_away(self, classes: Sequence[str]) -> None:
        for label in classes:
            with contextlib.suppress(OSError):  # something else lies in it, or it has gone
                (self._photos / label).rmdir()


def _remove_empty(folder: Path, above: Path) -> None:
    """Take away the folders between `above` and an empty one: what came from aside leaves nothing there."""
    while folder.is_relative_to(above) and folder != above:
        try:
            folder.rmdir()
        except OSError:  # something else lies in it
            return
        folder = folder.parent


def _write_sentence(what: Sentence) -> dict[str, Any]:
    """A sentence in English, for who reads the file, and as it can be said in other languages."""
    with speaking(ENGLISH):
        return {"what": str(what), "said": what.as_dict()}


def _read_sentence(line: dict[str, Any]) -> Sentence:
    return Sentence(**line["said"]) if "said" in line else Sentence(line["what"])  # else of an older version


def _back(moves: Moves) -> Moves:
    return [(target, source) for source, target in reversed(moves)]


def _lines(file: Path) -> list[dict[str, Any]]:
    """The lines of a journal; one that was cut short by a kill was never carried out."""
    if not file.exists():
        return []
    found = []
    for line in file.read_bytes().split(b"\n"):
        try:
            found.append(decode_json(line))
        except ValueError:
            continue
    return found

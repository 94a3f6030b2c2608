"""Whether an export answers as the model does: its own program is asked about the golden pictures.

What is run is the command that a person will type, in a process of its own: the network, how a photo is read and
what is said of it are proven at once, and a runtime that crashes takes nothing with it.
"""

from __future__ import annotations

import base64
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whatsit import words
from whatsit.errors import UserError
from whatsit.exporting.folder import PROGRAM
from whatsit.model.facts.file import ModelFacts
from whatsit.records import decode_json
from whatsit.words import brief

TOLERANCE = 1e-3  # of a probability; of a distance, of its size
PATIENCE_S = 600.0


@dataclass(frozen=True)
class Proof:
    """How far an export's answers on the golden pictures are from the trainer's, at most.

    probability: of any class; distance: as a share of its size
    """

    pictures: int
    probability: float
    distance: float

    __repr__ = brief


def prove(folder: Path, facts: ModelFacts) -> Proof:
    """Ask the export in a folder about the golden pictures. UserError where it answers otherwise, or not."""
    with tempfile.TemporaryDirectory() as place:
        photos = [Path(place) / f"{picture.kind}.png" for picture in facts.golden]
        for picture, photo in zip(facts.golden, photos, strict=True):
            photo.write_bytes(base64.b64decode(picture.pixels))
        answers = ask(folder, photos)
    if len(answers) != len(facts.golden):
        asked = words.count(len(facts.golden), "picture")
        raise UserError(f"The export gave {words.count(len(answers), 'answer')} for {asked}.")
    apart, farther = 0.0, 0.0
    for picture, answer in zip(facts.golden, answers, strict=True):
        shares = zip(facts.classes, picture.probabilities, strict=True)
        apart = max(apart, *(abs(answer["probabilities"][name] - share) for name, share in shares))
        farther = max(farther, abs(answer["distance"] - picture.distance) / (1 + abs(picture.distance)))
    if not (apart <= TOLERANCE and farther <= TOLERANCE):
        raise UserError(
            f"The export answers otherwise than the model: its probabilities are {apart:.4f} off on pictures that "
            f"it knows, its distances {farther:.2%}.",
            hint="Nothing was written. Update the runtime, or export to another.",
        )
    return Proof(len(answers), apart, farther)


def ask(folder: Path, photos: list[Path]) -> list[dict[str, Any]]:
    """What the program of an export says of photos. Raises UserError where it fails."""
    command = [sys.executable, str(folder / PROGRAM), *map(str, photos)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        raise UserError(f"The export did not answer within {PATIENCE_S:.0f} s.") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit status {done.returncode}"]
        raise UserError(f"The export does not answer ({said[-1]:.300}).", hint="Nothing was written.")
    lines = done.stdout.decode().splitlines()
    return [decode_json(line) for line in lines if line.startswith("{")]

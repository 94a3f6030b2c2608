"""No drawn input stops a service; and with a fix taken out, the drawing finds again what it was for."""

from __future__ import annotations

import contextlib
import io
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import fuzz
import judge
import pytest
import targets
from fuzz import FOUND, SIZES
from judge import Complaint, Target, try_input
from PIL import Image
from targets import TARGETS

from whatsit.fetch import guard, robots
from whatsit.image import decoding
from whatsit.image.walking import bmp, directory, gif, items, jpeg, png
from whatsit.model import container
from whatsit.serving.door import head
from whatsit.serving.door.bodies import forms, texts

INPUTS = 150  # of each target; half a million an hour by `make fuzz`
MOST_INPUTS = 3_000  # until what a fix is for is found again
SLOW_S = (
    0.15  # of processor time: a third of what fuzzing lets pass, since a machine may be so much faster than others
)
NEVER = 10**12


def inputs(seed: int, count: int) -> list[bytes]:
    chance = random.Random(seed)
    return [chance.randbytes(chance.choice(SIZES)) for _ in range(count)]


@pytest.mark.parametrize("name", TARGETS)
def test_no_drawn_input_ends_in_a_traceback_or_takes_long(name: str) -> None:
    for data in (b"", *inputs(0, INPUTS)):
        try_input(TARGETS[name], data)


@pytest.mark.parametrize("file", sorted(FOUND.glob("*/*")), ids=lambda file: f"{file.parent.name}-{file.name}")
def test_what_was_found_once_is_mended(file: Path) -> None:
    try_input(TARGETS[file.parent.name], file.read_bytes())


def _by_pillow(content: bytes) -> int:
    with contextlib.suppress(Exception), Image.open(io.BytesIO(content)) as photo:
        return int(getattr(photo, "n_frames", 1))
    return 1


# What a stranger could do, the target that must find it again, with which complaint, and what is taken out for it.
SLOW, LARGE = r"s of processor time|MB of memory", r"MB of memory"
FIXES: dict[str, tuple[str, str, tuple[tuple[ModuleType, str, object], ...]]] = {
    "JPEG: segments of Exif": ("jpeg", SLOW, ((jpeg, "MAX_MARKERS", NEVER), (jpeg, "MAX_EXIF_SEGMENTS", NEVER))),
    "JPEG: empty segments and comments": ("jpeg", SLOW, ((jpeg, "MAX_MARKERS", NEVER),)),
    "JPEG: fill": ("jpeg", SLOW, ((jpeg, "MAX_BETWEEN", NEVER),)),
    "PNG: unknown chunks, texts, times": ("png", SLOW, ((png, "MAX_OTHERS", NEVER),)),
    "PNG: empty pixels": ("png", SLOW, ((png, "MOST_PIXEL_CHUNKS", NEVER),)),
    "GIF: comments and control": ("gif", SLOW, ((gif, "MAX_EXTENSIONS", NEVER), (gif, "MOST_PIECES", NEVER))),
    "GIF: junk": ("gif", SLOW, ((gif, "MAX_JUNK", NEVER),)),
    "GIF: frames": ("gif", SLOW, ((decoding, "count_gif_frames", _by_pillow),)),
    "WebP: memory of few bytes": ("webp", LARGE, ((targets, "BUDGET", NEVER),)),
    "BMP: runs": ("bmp", SLOW, ((bmp, "MAX_RUNS", NEVER),)),
    "TIFF: tags": ("tiff", SLOW, ((directory, "MAX_ENTRIES", NEVER), (directory, "MAX_VALUES", NEVER))),
    "HEIF: items of Exif": ("heif", SLOW, ((items, "MAX_EXIF_ITEMS", NEVER),)),
    "JSON: lists of lists": ("json", SLOW, ((texts, "MOST_BESIDE", NEVER),)),
    "form: boundaries that are none": ("form", SLOW, ((forms, "MAX_FALSE", NEVER),)),
    "head: a length of 5,001 digits": ("head", "ValueError.*5001", ((head, "_LENGTH", re.compile(rb"[0-9]+")),)),
    "head: two hosts": ("head", "two readers", ((head, "_ONCE", frozenset()),)),
    "model: too many facts": ("model", SLOW, ((container, "MAX_VALUES", NEVER),)),
    "model: facts that contradict": (
        "model",
        "cannot be was let in",
        ((container, "find_contradictions", lambda _: ()),),
    ),
    "robots.txt: a delay without end": ("robots", "AssertionError", ((robots, "MOST_DELAY_S", NEVER),)),
    "address: within a network": ("address", "within a network", ((guard, "why_forbidden", lambda _: ""),)),
}


def complaints(target: Target, count: int) -> Iterator[str]:
    for data in inputs(0, count):
        try:
            try_input(target, data)
        except Complaint as complaint:
            yield str(complaint)


@pytest.mark.slow
@pytest.mark.parametrize("what", FIXES)
def test_without_a_fix_the_drawing_finds_what_it_was_for(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, complaint, taken_out = FIXES[what]
    for module, attribute, instead in taken_out:
        monkeypatch.setattr(module, attribute, instead)
    monkeypatch.setattr(judge, "MOST_S", SLOW_S)
    found = next(complaints(TARGETS[name], MOST_INPUTS), "")
    assert re.search(complaint, found), f"{MOST_INPUTS} inputs, and {found!r}"


@pytest.mark.slow
def test_it_is_run_by_command_and_says_how_much() -> None:
    words = [sys.executable, str(Path(fuzz.__file__)), "--minutes", "0.1", "--seed", "1", "address", "robots"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert re.search(r"address +[\d,]+ inputs, +\S+ places reached: fine", done.stdout), done.stdout + done.stderr
    assert done.returncode == 0
    total = int(done.stdout.splitlines()[-1].split()[0].replace(",", ""))
    assert total > 100

"""Write-up 1, from words to an answer by address: the commands of its page, on a loopback web."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest

from web.collection import command_on, environment, names
from web.server import Web, redirect, whole
from web.services import Shelf, hang, jpeg
from whatsit.data import catalog
from whatsit.model.run import open_run

PAGE = Path(__file__).parent.parent.parent / "docs" / "writeup-1.md"
CLASSES = {"pikachu": (220, 190, 40), "kanye west": (110, 70, 50), "cat": (90, 110, 130)}

pytestmark = pytest.mark.slow


def commands() -> list[list[str]]:
    """The commands of the page, word by word."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [shlex.split(line, comments=True) for block in blocks for line in block.splitlines() if line.strip()]


@pytest.fixture
def found(web: Web, shelf: Shelf) -> Web:
    """A web that has photos for the three words, and one more to ask about."""
    for words, colour in CLASSES.items():
        shelf.items[words] = hang(web, words, 60, hosts=12, colour=colour)
    web.serves("photos.example.org", "/pikachu.jpg", whole(jpeg(9, colour=CLASSES["pikachu"])))
    return web


def run(place: Path, words: list[str], **how: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command_on(place, *words[1:]), env=environment(), capture_output=True, text=True, timeout=280, **how
    )  # type: ignore[call-overload]
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_step_by_step_from_words_to_an_answer_by_address(found: Web, tmp_path: Path) -> None:
    place = found.place(tmp_path / "place.json")
    *steps, ask = [words for words in commands() if words[1] != "make"]
    for words in steps:
        done = run(place, words, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    photos = names(tmp_path / "photos")
    assert {name: sum(photo.startswith(f"{name}/") for photo in photos) for name in CLASSES} == dict.fromkeys(
        CLASSES, 40
    )
    assert (tmp_path / "runs" / "pikachu" / "report.html").exists()
    with catalog.open_catalog(tmp_path / "photos") as known:
        assert len(known.photos()) == 120
    answer = run(place, [*ask, "--json"], cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["label"] == "pikachu"

    found.serves("photos.example.org", "/inside.jpg", redirect("http://169.254.169.254/latest/"))
    refused = run(place, [*ask[:-1], "https://photos.example.org/inside.jpg"], cwd=tmp_path)
    assert refused.returncode == 1
    assert "private" in refused.stderr + refused.stdout
    assert all(number != "169.254.169.254" for number, _port in found.dialled)


def test_one_command_from_words_to_an_open_page(found: Web, tmp_path: Path) -> None:
    place = found.place(tmp_path / "place.json")
    [make] = [words for words in commands() if words[1] == "make"]
    command = command_on(place, *make[1:], "--per-class", "40")
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=tmp_path
    ) as child:
        page, lines = "", []
        ends = time.monotonic() + 250
        while not page and time.monotonic() < ends and child.stdout and (line := child.stdout.readline()):
            lines.append(line)
            page = next(iter(re.findall(r"http://(?:127\.0\.0\.1|localhost):\d+\S*", line)), "")
        answered = page and _asked(page, jpeg(10, colour=CLASSES["cat"]))
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=30)
    assert answered, "".join(lines)
    [folder] = (tmp_path / "runs").iterdir()
    assert open_run(folder).info.figures.accuracy > 0.5


def _asked(page: str, photo: bytes) -> str:
    """What the page's API answers for a photo."""
    import urllib.request

    request = urllib.request.Request(
        f"{page.rstrip('/').split('?')[0]}/api/predict", photo, {"Content-Type": "image/jpeg"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(answer.read().decode())

"""Write-up 3 as its page has it: trained, served, corrected in a browser, trained again, swapped under load."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import ask, free_port, serving

from browser import chromium
from whatsit.image import encode_jpeg

ROOT = Path(__file__).parents[2]
CATS, DOGS, STRANGE = (200, 120, 60), (60, 90, 190), (70, 190, 70)
CORRECTED = 8

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def photo(colour: tuple[int, int, int], seed: int) -> bytes:
    noise = np.random.default_rng(seed).normal(0, 30, (48, 64, 3))
    return encode_jpeg(np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Cats and dogs of a colour each, and strange dogs that no class folder has."""
    for label, colour in {"cats": CATS, "dogs": DOGS}.items():
        folder = tmp_path / "cats-vs-dogs" / label
        folder.mkdir(parents=True)
        for number in range(120):
            (folder / f"{number}.jpg").write_bytes(photo(colour, number + 1000 * len(colour) + colour[0]))
    for number in range(CORRECTED):
        (tmp_path / f"strange{number}.jpg").write_bytes(photo(STRANGE, 10_000 + number))
    return tmp_path


def blocks() -> list[list[list[str]]]:
    """The commands of the page's two blocks, word by word."""
    found = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "writeup-3.md").read_text(encoding="utf-8"), re.DOTALL)
    return [[shlex.split(line) for line in block.splitlines()] for block in found]


def run(words: list[str], place: Path) -> str:
    command = [sys.executable, "-m", *words] if words[0] == "whatsit" else words
    if "train" in words:
        command += ["--epochs", "6", "--size", "32"]  # drawn photos need no more
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


@contextmanager
def asked_all_the_while(port: int) -> Iterator[Counter[int]]:
    """Three clients that ask one request after another; the statuses they get."""
    statuses: Counter[int] = Counter()
    stop = threading.Event()

    def ask_on() -> None:
        while not stop.wait(0.05):
            statuses[ask(port, "/api/predict", photo(CATS, 0))[0]] += 1

    askers = [threading.Thread(target=ask_on) for _ in range(3)]
    for asker in askers:
        asker.start()
    try:
        yield statuses
    finally:
        stop.set()
        for asker in askers:
            asker.join()


def correct(tab: Any, number: int, label: str) -> None:
    tab.click(f"#strip tr:nth-child({number}) button")
    tab.click("#stage [data-part=wrong]")
    tab.select_option("#stage select", label)
    tab.click("#stage .correction [type=submit]")
    tab.wait_for_selector(f"#stage [data-part=wrong]:has-text('Kept as {label}')")


def test_a_wrong_answer_is_put_right_learnt_from_and_answered_rightly_without_a_stop(place: Path) -> None:
    (*before, serve), after = blocks()
    for words in before:
        run(words, place)
    port = free_port()
    served = [str(place / serve[2]), *serve[3:], "--port", str(port)]
    with serving(place / "log", *served) as process, asked_all_the_while(port) as statuses:
        answers = [ask(port, "/api/predict", photo(STRANGE, 10_000 + n))[1] for n in range(CORRECTED)]
        label = "dogs" if answers[0].startswith(b'{"label":"cats"') else "cats"  # whichever is wrong
        with chromium() as browser:
            tab = browser.new_page()
            tab.goto(f"http://127.0.0.1:{port}/")
            tab.set_input_files("#photo", [place / f"strange{number}.jpg" for number in range(CORRECTED)])
            tab.wait_for_function(
                "() => [...document.querySelectorAll('#strip .answer')].every(s => s.textContent != 'Looking …')"
            )
            for number in range(1, CORRECTED + 1):
                correct(tab, number, label)
            assert (
                len(list((place / "runs" / "first" / "corrections" / "%proposed" / label).iterdir())) == CORRECTED
            )
            said = [run(words, place) for words in after]
            process.wait_for("model taken")
            tab.reload()
            tab.set_input_files("#photo", place / "strange0.jpg")
            tab.wait_for_selector("#stage .result:not(.waiting)")
            assert label in tab.text_content("#stage .bars .best th")
        answered = [ask(port, "/api/predict", photo(STRANGE, 20_000 + n))[1] for n in range(5)]
    assert all(answer.startswith(b'{"label":"%s"' % label.encode()) for answer in answered)
    assert "second" in said[1]
    assert set(statuses) == {200}
    assert statuses[200] > 50

"""What a person at a terminal sees of a running verb."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

from whatsit import events
from whatsit.cli.terminal.listener import Terminal

WORK = """
import time
from whatsit import events
from whatsit.cli.terminal.listener import Terminal
with events.listening(Terminal()):
    with events.progress("Outer", 3000, "sheep") as outer:
        with events.progress("Inner", None, "goats") as inner:
            inner(7)
        with events.working("Thinking"):
            time.sleep(0.3)
        outer(3000)
        time.sleep(0.3)  # bars are drawn ten times a second
        events.warn("Odd")
    events.note("Done [b]as said[/b]")
"""


def test_notes_and_warnings_are_lines_on_stderr() -> None:
    done = subprocess.run([sys.executable, "-c", WORK], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert done.stderr == "! Odd\nDone [b]as said[/b]\n"  # no bars where nobody watches, and no markup


def test_a_terminal_shows_nested_work_as_bars_and_clears_them() -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    process = subprocess.Popen([sys.executable, "-c", WORK], stderr=theirs, stdout=theirs, env=environment)
    assert process.wait(30) == 0
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 65536):
            seen += chunk
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    assert b"Outer" in seen
    assert b"Inner" in seen
    assert b"3,000/3,000" in seen
    assert b"Thinking" in seen
    assert seen.rstrip().endswith(b"Done [b]as said[/b]")
    lines = re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode()))
    assert max(map(len, lines)) == 80 - len("^C")  # whose echo would begin another line


LINES = """
from whatsit.cli.terminal import console
console.note("This is a sentence of news that is longer than forty columns can hold in one line.")
console.warn("See /a/path/that/is/so/long/that/it/does/not/fit/into/a/line.html of the report")
"""


@pytest.mark.parametrize("is_watched", [True, False])
def test_a_terminal_gets_lines_broken_between_words_and_a_file_gets_them_whole(is_watched: bool) -> None:
    ours, theirs = pty.openpty() if is_watched else os.pipe()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "40"}
    subprocess.run([sys.executable, "-c", LINES], stderr=theirs, env=environment, check=True)
    os.close(theirs)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", os.read(ours, 65536).decode()).replace("\r", "").splitlines()
    os.close(ours)
    if is_watched:
        assert lines == [
            "This is a sentence of news that is",
            "longer than forty columns can hold in",
            "one line.",
            "! See",
            "/a/path/that/is/so/long/that/it/does/not/fit/into/a/line.html",
            "of the report",
        ]
    else:
        assert len(lines) == 2


def test_steps_of_work_that_nobody_began_are_ignored() -> None:
    Terminal()(events.Step(99, 1))
    Terminal()(events.End(99))

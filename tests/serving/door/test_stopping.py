"""Being told to stop."""

from __future__ import annotations

import contextlib
import http.client
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from commands import ask, free_port, listens

from models import Tiny
from serving import photo
from whatsit.serving.door.stopping import DRAIN_S, LANES_S, LAST_S

# `whatsit serve` with a model that never comes to an end, as a decoder or a network in C may not
ENDLESS = """
import sys, time
from pathlib import Path
from whatsit.model.classifier import Classifier
from whatsit.serving.options import ServeOptions
from whatsit.serving.server import serve
Classifier.answers = lambda *_: time.sleep(600)
serve([Path(sys.argv[1])], ServeOptions(port=int(sys.argv[2]), deadline=float(sys.argv[3]), log="off"))
print("ended by itself")
"""


def until_listening(port: int) -> None:
    gives_up = time.monotonic() + 30
    while not listens(port):
        assert time.monotonic() < gives_up
        time.sleep(0.02)


def ask_and_be_left(port: int) -> None:
    """Ask about a photo, of a server that may end before it answers."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        ask(port, "/api/predict", photo())


def test_it_ends_while_a_lane_is_held_for_ever(tiny: Tiny) -> None:
    port = free_port()
    command = [sys.executable, "-c", ENDLESS, str(tiny.run.folder), str(port), "0.3"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        until_listening(port)
        assert ask(port, "/api/predict", photo())[0] == 503
        asker = threading.Thread(target=ask_and_be_left, args=(port,))
        asker.start()
        process.send_signal(signal.SIGTERM)
        assert process.wait(LAST_S + 10) == 0
        asker.join()
    finally:
        process.kill()
    with process.stdout as said:  # type: ignore[union-attr]
        assert said.read() == b""


def test_the_clocks_of_the_end_are_within_those_of_who_would_kill() -> None:
    assert DRAIN_S + LANES_S < LAST_S < 10  # Docker's patience; systemd's is 20 in the kits
    unit = Path(__file__).parents[3] / "src" / "whatsit" / "deploying" / "files" / "ec2" / "whatsit.service"
    assert "TimeoutStopSec=20" in unit.read_text()

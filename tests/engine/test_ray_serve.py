"""The example of a model behind Ray Serve, started as its README says. Needs `ray[serve]`, which few have."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from models import Tiny
from serving import photo

pytest.importorskip("ray.serve", reason="needs ray[serve]")
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("answers")]
EXAMPLE = Path(__file__).parents[2] / "examples" / "ray-serve"
PORT = 8000  # the one that Ray Serve takes
BEGINS_S = 180


@pytest.fixture(scope="module")
def answers(tiny: Tiny) -> Iterator[None]:
    """Ray Serve with the example, asked when it answers."""
    command = [str(Path(sys.executable).with_name("serve")), "run", "answers:app"]
    environment = os.environ | {
        "MODEL": str(tiny.run.folder),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    with subprocess.Popen(command, cwd=EXAMPLE, env=environment, stderr=subprocess.DEVNULL) as started:
        try:
            until = time.monotonic() + BEGINS_S
            while not _answers():
                assert started.poll() is None
                assert time.monotonic() < until
                time.sleep(1)
            yield
        finally:
            started.terminate()


def _answers() -> bool:
    try:
        return ask(photo())[0] == 200
    except OSError:
        return False


def ask(body: bytes) -> tuple[int, dict[str, object]]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)) as line:
        line.request("POST", "/", body)
        reply = line.getresponse()
        content = reply.read()
    return reply.status, json.loads(content) if content.startswith(b"{") else {}


def test_it_answers_as_the_model_does(tiny: Tiny) -> None:
    status, said = ask(photo())
    assert status == 200
    assert said == json.loads(json.dumps(tiny.model.predict(photo()).as_dict()))


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [(b"junk", 422, "This photo cannot be read"), (b"\0" * 11_000_000, 413, "The photo is larger than 10 MB")],
)
def test_what_it_cannot_take_is_said(body: bytes, status: int, error: str) -> None:
    found, said = ask(body)
    assert found == status
    assert str(said["error"]).startswith(error)

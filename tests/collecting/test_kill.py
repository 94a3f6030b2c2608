"""Killed at any moment, the same command again ends with what an undisturbed run would have left."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from clusters import descendants
from web.collection import command_on, environment, left, names
from web.faults import FAULTS, photo_of
from web.server import Web
from web.services import Shelf, hang

COMMAND = ("collect", "kite", "cat=cat photo", "--per-class", "40", "--contact", "tests@example.org")
# what fails for good, always in the same way, whoever asks how often
STEADY = [name for name, fault in FAULTS.items() if fault(b"").state == "bad"]


def _start(place: Path, data: Path, workers: int = 0) -> subprocess.Popen[bytes]:
    command = command_on(place, COMMAND[0], str(data), *COMMAND[1:], "--workers", str(workers))
    return subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def _hang_with_faults(web: Web, shelf: Shelf) -> None:
    """Photos for two classes: a third of them faulty, some the same bytes, some wanted by both."""
    kites = hang(web, "kite", 100, hosts=8)
    for number, name in enumerate(STEADY[:40]):
        host, path = f"photos{(number * 3) % 8}.example.org", f"/kite/0/{number * 3}.jpg"
        web.serves(host, path, FAULTS[name](photo_of(name)).answer)
    cats = hang(web, "cat photo", 100, hosts=8)
    twins = [item for number, item in enumerate(hang(web, "kite", 60, hosts=8, seed=0)) if number % 3]
    shelf.items["kite"] = [*kites[:50], *twins[:20], *kites[50:]]
    shelf.items["cat photo"] = [*cats[:20], *kites[2:8:3], *cats[20:]]


def _photos(data: Path) -> int:
    return len(names(data))


def _killed(child: subprocess.Popen[bytes], progress: Callable[[], int], steps: int, then_s: float) -> bool:
    """Kill a run when its progress is some steps further, or a moment later; False where it ended before."""
    begun = progress()
    while child.poll() is None and progress() < begun + steps:
        time.sleep(0.0005)
    time.sleep(then_s)
    child.kill()
    return child.wait() == -signal.SIGKILL


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("kills", [2, pytest.param(50, marks=pytest.mark.slow)])
def test_a_run_killed_again_and_again_leaves_what_an_undisturbed_one_does(
    kills: int, workers: int, web: Web, shelf: Shelf, tmp_path: Path
) -> None:
    _hang_with_faults(web, shelf)
    place = web.place(tmp_path / "place.json")
    whole = _start(place, tmp_path / "whole")
    output = whole.communicate(timeout=120)[0].decode()
    assert whole.returncode == 0, output

    chance, data, done, halfway = random.Random(kills), tmp_path / "killed", 0, 0
    while done < kills:
        child = _start(place, data, workers)
        # one in five in the middle of asking, the others in the middle of putting photos in place
        by_requests = chance.random() < 0.2
        progress = partial(len, web.requests) if by_requests else partial(_photos, data)
        steps = chance.randint(1, 60) if by_requests else chance.randint(1, 1 + 200 // kills)
        was_killed = _killed(child, progress, steps, chance.uniform(0, 0.005))
        child.communicate()
        halfway += 0 < len(names(data)) < 80
        done += was_killed
        if not was_killed:  # it got to its end: see, and begin anew
            assert left(data) == left(tmp_path / "whole")
            data = tmp_path / f"killed-{done}"
    assert halfway >= kills // 2
    last = _start(place, data, workers)
    output = last.communicate(timeout=120)[0].decode()
    assert last.returncode == 0, output
    assert left(data) == left(tmp_path / "whole")
    assert len(names(data)) == 80


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_workers_killed_again_and_again_change_nothing(kills: int, web: Web, shelf: Shelf, tmp_path: Path) -> None:
    _hang_with_faults(web, shelf)
    place = web.place(tmp_path / "place.json")
    whole = _start(place, tmp_path / "whole")
    output = whole.communicate(timeout=120)[0].decode()
    assert whole.returncode == 0, output
    before = len(web.requests)

    chance, data = random.Random(kills), tmp_path / "killed"
    child = _start(place, data, workers=2)
    done = 0
    while done < kills and child.poll() is None:
        asked = len(web.requests)
        steps = chance.randint(1, 1 + 150 // kills)
        while child.poll() is None and len(web.requests) < asked + steps:
            time.sleep(0.0005)
        if workers := _workers(child.pid):
            os.kill(chance.choice(workers), signal.SIGKILL)
            done += 1
    output = child.communicate(timeout=120)[0].decode()
    assert child.returncode == 0, output
    assert done >= kills // 2  # where others work beside it, a new worker may come too late for all of them
    assert left(data) == left(tmp_path / "whole")
    assert list((data / ".whatsit" / "incoming").iterdir()) == []
    # nothing was asked for anew but what a killed worker had not given back: a host has four connections
    assert len(web.requests) - before <= before + kills * 8 * 4


def test_workers_end_with_the_one_that_leads(web: Web, shelf: Shelf, tmp_path: Path) -> None:
    _hang_with_faults(web, shelf)
    child = _start(web.place(tmp_path / "place.json"), tmp_path / "data", workers=3)
    while len(web.requests) < 30:
        time.sleep(0.001)
    workers = _workers(child.pid)
    child.kill()
    child.communicate()
    assert len(workers) == 3
    until = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert time.monotonic() < until
        time.sleep(0.01)


def _workers(pid: int) -> list[int]:
    """The workers of a run."""
    found = []
    for one in descendants(pid):
        with contextlib.suppress(OSError):
            if b"whatsit.engine.worker" in Path(f"/proc/{one}/cmdline").read_bytes():
                found.append(one)
    return found

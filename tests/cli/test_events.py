"""A command that another program started and follows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def typed(place: Path, events: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "whatsit", *words]
    environment = {**os.environ, "WHATSIT_EVENTS": str(events)}
    return subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)


def test_what_a_command_tells_is_written_as_lines_of_json(folder: Path, tmp_path: Path) -> None:
    (folder / "cat" / "broken.jpg").write_bytes(b"no photo")
    done = typed(tmp_path, tmp_path / "events.jsonl", "clean", str(folder))
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {"begin", "step", "end", "finding"} <= {one["event"] for one in told}
    assert next(one for one in told if one["event"] == "finding")["photo"] == "cat/broken.jpg"
    assert "Decided: 1 photo left out" in done.stderr  # the terminal is told as well


def test_a_place_that_cannot_be_written_is_a_sentence(folder: Path, tmp_path: Path) -> None:
    done = typed(tmp_path, tmp_path / "nowhere" / "events.jsonl", "info", str(folder))
    assert done.returncode == 1
    assert "could not be written" in done.stderr
    assert "Traceback" not in done.stderr

"""docs/predict.md: each of its commands does what the page says."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from drawing import put
from models import tiny_run

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "predict.md").read_text(encoding="utf-8")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the run and the photos that the page names."""
    tiny_run(tmp_path / "runs" / "pets")
    for number, name in enumerate(("photo.jpg", "other.png", "holiday/1.jpg", "holiday/beach/2.jpg")):
        put(tmp_path / name, seed=number)
    (tmp_path / "list.txt").write_text("photo.jpg\n")
    return tmp_path


def test_every_command_works(place: Path) -> None:
    lines = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
    assert len(lines) == 5
    said = []
    for line in lines:
        command = line.replace("whatsit", f"{sys.executable} -m whatsit")
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        done = subprocess.run(["bash", "-c", command], cwd=place, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        said.append(done.stdout)
    assert [json.loads(line)["name"] for line in said[1].splitlines()] == ["photo.jpg", "other.png"]
    with (place / "answers.csv").open() as table:
        rows = list(csv.DictReader(table))
    assert [row["name"] for row in rows] == ["holiday/1.jpg", "holiday/beach/2.jpg", "photo.jpg"]
    named = set(re.findall(r"`([\w_]+)`", re.search(r"\| column .*?\n\n", PAGE, re.DOTALL)[0]))  # type: ignore[index]
    assert {column for column in rows[0] if not column.startswith("p(")} <= named
    assert not (place / "answers.csv.part").exists()


def test_its_python_runs(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    monkeypatch.chdir(place)
    exec(code, {})
    assert capsys.readouterr().out.count("\n") == 3

"""`whatsit compare`, as it is typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from evaluating import measured
from models import Tiny


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return measured(tmp_path_factory.mktemp("runs") / "one")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return measured(tmp_path_factory.mktemp("runs") / "other")


def typed(place: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "whatsit", "compare", *words],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )


def test_two_runs_stand_in_a_table_and_a_sentence(one: Tiny, other: Tiny, tmp_path: Path) -> None:
    done = typed(tmp_path, one.run.folder, other.run.folder)
    assert done.returncode == 0, done.stderr
    assert "cannot be told apart" in done.stdout
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_a_page_is_written_where_it_is_asked_for(one: Tiny, other: Tiny, tmp_path: Path) -> None:
    done = typed(tmp_path, one.run.folder, other.run.folder, "--html", "both.html")
    assert done.stderr == "Page: both.html\n"
    assert "<html" in (tmp_path / "both.html").read_text(encoding="utf-8")


def test_a_program_gets_the_figures_as_json(one: Tiny, other: Tiny, tmp_path: Path) -> None:
    found = json.loads(typed(tmp_path, one.run.folder, other.run.folder, "--json").stdout)
    assert [run["name"] for run in found["runs"]] == ["one", "other"]
    assert found["differences"][0]["better"] is None

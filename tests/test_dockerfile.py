"""The image of the tool itself: linted, and made of files that are there. No container engine runs here."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_it_passes_hadolint() -> None:
    beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    lint = shutil.which("hadolint", path=beside)
    if not lint:  # its package has no program for this system
        pytest.skip("no hadolint on this machine")
    done = subprocess.run([lint, ROOT / "Dockerfile"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_what_it_copies_is_there_and_gets_in() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        name
        for line in re.findall(r"^COPY (?!--from)(.+)$", TEXT, re.MULTILINE)
        for name in shlex.split(line)[:-1]
    }
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)
    built = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'path = "tools/published.py"' in built  # what building needs beside the package


def test_it_runs_as_nobody_with_nothing_that_installs() -> None:
    last_stage = TEXT.split("\nFROM ")[-1]
    assert re.search(r"^USER 10001:10001$", last_stage, re.MULTILINE)
    assert last_stage.index("USER") > last_stage.index("RUN")
    assert "pip install" not in last_stage
    assert 'ENTRYPOINT ["whatsit"]' in last_stage


def test_its_base_can_be_named_by_digest() -> None:
    assert "ARG BASE=python:3.13-slim\n" in TEXT
    assert TEXT.count("FROM ${BASE}") == 2
    assert "BASE=python:3.13-slim@sha256:" in TEXT


def test_its_examples_are_commands_that_there_are() -> None:
    from whatsit.cli import COMMANDS

    used = re.findall(r"^#   docker run .* whatsit ([a-z]+)", TEXT, re.MULTILINE)
    assert len(used) >= 2
    assert set(used) <= set(COMMANDS)

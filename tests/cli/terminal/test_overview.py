"""`whatsit` alone: all commands on the smallest screen that people have."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from whatsit.cli import COMMANDS


def written(*words: str, columns: int = 80) -> str:
    env = {**os.environ, "COLUMNS": str(columns)}
    done = subprocess.run(
        [sys.executable, "-m", "whatsit", *words], capture_output=True, text=True, env=env, check=True
    )
    return done.stdout


@pytest.mark.parametrize("words", [(), ("--help",)])
def test_all_commands_are_on_one_screen_with_the_prompt_below(words: tuple[str, ...]) -> None:
    lines = written(*words).splitlines()
    assert len(lines) <= 23
    assert all(len(line) <= 80 for line in lines)


def test_every_command_is_there_with_what_it_is_for() -> None:
    text = written(columns=140)
    for name, said in COMMANDS.items():
        assert f" {name} " in text
        assert said in text


def test_a_narrow_terminal_keeps_every_word_whole() -> None:
    words = written(columns=40).split()
    assert all(word in words for said in COMMANDS.values() for word in said.split())


@pytest.mark.parametrize("name", [*COMMANDS, "--install-completion"])
def test_the_help_of_a_command_says_how_it_is_called(name: str) -> None:
    assert written(name, "--help").startswith(f"Usage: whatsit {name}")


def test_the_screen_reads_no_command_line_library() -> None:
    program = (
        "import sys; from whatsit import cli; sys.argv[1:] = ['--help']; cli.main(); "
        "print('cyclopts' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "False"
    assert done.stdout.startswith("From photos to a classifier")

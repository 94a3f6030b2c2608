"""The commands that do the same as what was done on the page, kept in a file that repeats it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from whatsit.files import write_text

_HEAD = """\
#!/bin/sh
# What was trained and chosen in `whatsit studio`, to be done again: in this folder, or in a copy of it with the
# photos and no runs. The photos are as they lie here now.
set -e
cd "$(dirname "$0")"
"""


def show(words: Sequence[str]) -> str:
    """A command as it is typed."""
    return shlex.join(words)


def add(recipe: Path, words: Sequence[str], above: str = "") -> None:
    """Add a command to the recipe of a project, where it is not there yet.

    above: the way from the recipe's folder to the one that commands are given in, where that is another
    """
    text = recipe.read_text(encoding="utf-8") if recipe.exists() else _HEAD + (f"cd {above}\n" if above else "")
    line = show(words)
    if line not in text.splitlines():
        write_text(recipe, f"{text}{line}\n")
        recipe.chmod(0o755)

"""The commands of docs/scale.md about collecting by many, for the tests that run them."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

from web.collection import command_on, environment, names
from web.server import Web
from web.services import Shelf, commons, hang, openverse


def page_commands() -> list[list[str]]:
    """The commands of the section of docs/scale.md, without `whatsit`."""
    page = Path(__file__).parents[1] / "docs" / "scale.md"
    section = page.read_text(encoding="utf-8").partition("## Collecting by many")[2].partition("\n## ")[0]
    lines = "".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL)).splitlines()
    assert all(line.startswith("whatsit collect ") for line in lines)
    return [shlex.split(line)[1:] for line in lines]


def run_as_written(web: Web, folder: Path, command: list[str], **environ: str) -> None:
    """Run a command of the page on a loopback web, and see that it fills its classes."""
    shelf = Shelf()
    openverse(web, shelf)
    commons(web, shelf)
    for words in ("cat", "dog"):
        shelf.items[words] = hang(web, words, 15)
    done = subprocess.run(
        command_on(web.place(folder / "place.json"), *command),
        env=environment() | environ,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    assert len(names(folder / "photos")) == 30

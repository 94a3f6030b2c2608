"""The documentation: made pages are up to date, links lead somewhere, commands exist."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from whatsit.cli import COMMANDS, app

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
MADE = {
    "docs/index.md",
    "docs/architecture.md",
    "docs/changelog.md",
    "docs/decisions/index.md",
    "docs/reference/index.md",
    "docs/speeds.md",
    "docs/troubles.md",
}  # written by `make docs`, not kept


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def test_the_pages_made_from_the_code_are_those_of_this_code() -> None:
    pytest.importorskip("torch", reason="the page of recipes names the nets")
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr + "run `make docs`"


@pytest.mark.parametrize("page", [page for page in PAGES if named(page) not in MADE], ids=named)
def test_links_between_pages_lead_to_pages(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    for link in links:
        if not link.startswith(("http:", "https:", "mailto:")):
            target = (page.parent / link).resolve()
            assert target.exists(), f"{named(page)} links to {link}"
            assert named(target) not in MADE, f"{named(page)}: {link} is only there once `make docs` ran"


@pytest.mark.parametrize("page", [page for page in PAGES if named(page) not in MADE], ids=named)
def test_commands_in_pages_are_commands(page: Path) -> None:
    for name in re.findall(
        r"^\s*(?:\$ )?whatsit ([a-z]+)|`whatsit ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE
    ):
        assert (name[0] or name[1]) in COMMANDS


def commands_of(text: str) -> list[str]:
    """Every command of a page that has words beyond its name: in blocks of code, in lines and in tables."""
    blocks = re.findall(r"^```(?:sh|console|bash)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [
        line.strip().removeprefix("$ ") for block in blocks for line in block.replace("\\\n", " ").splitlines()
    ]
    inline = re.findall(r"`(whatsit [^`]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    found = [line for line in lines if line.startswith("whatsit ")] + [one.replace("\n", " ") for one in inline]
    return [one for one in found if len(shlex.split(one, comments=True)) > 2]


NOW = [page for page in PAGES if named(page) not in {*MADE, "CHANGELOG.md"}]  # changes speak of what was, too


@pytest.mark.parametrize("page", NOW, ids=named)
def test_commands_in_pages_are_taken_by_the_command_line(page: Path) -> None:
    for command in commands_of(page.read_text(encoding="utf-8")):
        words = shlex.split(command, comments=True)[1:]
        ends = [place for place, word in enumerate(words) if word in {"|", ">", "&&", "&", ";"}]
        app().parse_args(words[: min(ends, default=None)], exit_on_error=False, print_error=False)


def test_every_page_is_in_the_menu() -> None:
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert menu.count("\nnav:") == 1  # of two, the second would hide what only the first has
    pages = {str(page.relative_to(ROOT / "docs")) for page in ROOT.glob("docs/*.md")}
    assert {page for page in pages if page not in menu} == set()


def test_each_decision_has_a_number_of_its_own() -> None:
    numbers = [page.name[:3] for page in ROOT.glob("docs/decisions/[0-9]*.md")]
    assert len(set(numbers)) == len(numbers)

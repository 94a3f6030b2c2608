"""Write the pages of the documentation that are made from the code: every command, every recipe and its options.

`python docs/generate.py` writes them; `python docs/generate.py --check` fails where they are not up to date.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

DOCS = Path(__file__).parent
MADE = "<!-- Made by docs/generate.py from the code; edit the code instead. -->\n\n"


def front_page() -> str:
    """The README, with its links as they are from here."""
    text = copied("README.md").replace("](docs/", "](")
    return text.replace("](ARCHITECTURE.md)", "](architecture.md)").replace("](CHANGELOG.md)", "](changelog.md)")


def copied(name: str) -> str:
    """A page that lies beside the code."""
    return MADE + (DOCS.parent / name).read_text(encoding="utf-8")


def decisions_page() -> str:
    """The decisions that shaped the code, a line each, in the order they were made."""
    parts = ["# Decisions\n\nWhy things are as they are: what was asked, what was measured, what was chosen.\n"]
    for page in sorted((DOCS / "decisions").glob("0*.md")):
        title = page.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
        parts.append(f"{int(page.name[:3])}. [{title}]({page.name})")
    return MADE + "\n".join(parts) + "\n"


def commands_page() -> str:
    """Every command with its help, as the terminal shows it."""
    from rich.console import Console

    from whatsit.cli import COMMANDS, app

    parts = ["# Commands\n\nEach command's `--help`. Options that take a value show its kind.\n"]
    for name, purpose in COMMANDS.items():
        out = io.StringIO()
        console = Console(file=out, width=100, color_system=None, force_terminal=False)
        app(name).help_print([name], console=console)
        text = "\n".join(line.rstrip() for line in out.getvalue().splitlines()).strip()
        parts.append(f"## whatsit {name}\n\n{purpose}\n\n```text\n{text}\n```\n")
    return MADE + "\n".join(parts)


def main(check: bool) -> int:
    """Write the pages, or compare those of the code, which are kept with it; the number that differ."""
    pages = {"commands.md": commands_page(), "recipes.md": recipes_page()}
    if not check:
        pages |= {
            "index.md": front_page(),
            "architecture.md": copied("ARCHITECTURE.md"),
            "changelog.md": copied("CHANGELOG.md"),
            "decisions/index.md": decisions_page(),
        }
    stale = 0
    for name, content in pages.items():
        file = DOCS / name
        if file.exists() and file.read_text(encoding="utf-8") == content:
            continue
        stale += 1
        if check:
            print(f"docs/{name} is not what docs/generate.py makes of the code")
        else:
            file.write_text(content, encoding="utf-8")
    return stale if check else 0


def recipes_page() -> str:
    """Every recipe and net with its purpose, and every training option with its default and meaning."""
    from whatsit.training.nets import NETS
    from whatsit.training.options import TrainOptions
    from whatsit.training.recipes import RECIPES

    parts = ["# Recipes, nets and options\n", "## Recipes\n"]
    parts += [f"- `--recipe {name}`: {recipe.purpose}" for name, recipe in RECIPES.items()]
    parts += ["\n## Nets of recipe cnn\n"]
    parts += [f"- `--net {name}`: {net.purpose}" for name, net in NETS.items()]
    parts += ["\n## Options\n", *_options(TrainOptions)]
    return MADE + "\n".join(parts) + "\n"


def _options(kind: type) -> list[str]:
    """The fields of an options class as tables, nested classes under their own heading."""
    from whatsit.options import fields_of, flag_of

    rows = ["| option | default | meaning |", "|---|---|---|"]
    nested: list[str] = []
    for option in fields_of(kind):
        if option.is_group:
            nested += [f"\n### {option.title}\n", *_options(option.kind)]
            continue
        default = "" if option.field.default is None else f"`{option.field.default}`"
        rows.append(f"| `{flag_of(option.name)}` | {default} | {option.text} |")
    return rows + nested


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))

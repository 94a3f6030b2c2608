"""Write the pages of the documentation that are made from the code: every command, every recipe and its options.

`python docs/generate.py` writes them; `python docs/generate.py --check` fails where they are not up to date.
"""

from __future__ import annotations

import dataclasses
import io
import itertools
import sys
import typing
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
    hints = typing.get_type_hints(kind)
    texts = _field_texts(kind)
    rows = ["| option | default | meaning |", "|---|---|---|"]
    nested: list[str] = []
    for field in dataclasses.fields(kind):
        inner = hints[field.name]
        if dataclasses.is_dataclass(inner):
            title = (inner.__doc__ or field.name).split("\n")[0].rstrip(".")
            nested += [f"\n### {title}\n", *_options(typing.cast(type, inner))]
            continue
        flag = "--" + field.name.rstrip("_").replace("_", "-")
        default = "" if field.default is None else f"`{field.default}`"
        rows.append(f"| `{flag}` | {default} | {texts.get(field.name, '')} |")
    return rows + nested


def _field_texts(kind: type) -> dict[str, str]:
    """The string under each field of a dataclass."""
    import ast
    import inspect
    import textwrap

    body = typing.cast(ast.ClassDef, ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]).body
    found = {}
    for field, text in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            value = text.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                found[field.target.id] = " ".join(value.value.split())
    return found


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))

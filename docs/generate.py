"""Write the pages of the documentation that are made from the code: every command, every recipe and its options.

`python docs/generate.py` writes them; `python docs/generate.py --check` fails where they are not up to date.
"""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path

from commands import commands_page
from reference import reference_page
from speeds import speeds_page
from troubles import troubles_page

DOCS = Path(__file__).parent
MADE = "<!-- Made by docs/generate.py from the code; edit the code instead. -->\n\n"
OPTIMISERS_MEASURED = """
Each learns about as much as it comes. From 200 photos of each MNIST digit, right of 4,000 test photos with seeds
0, 1 and 2 (`benchmarks/optimisers.py`): adam 95.5, 96.0 and 95.9 %, rmsprop 95.7, 96.5 and 96.0 %, sgd 95.9,
95.8 and 96.1 %. With the rate 0.01 that Keras has, and a gradient of any length, sgd came to 92.8 % (seed 0). By
the other schedules sgd comes to 95.1 % (constant) and 92.9 % (steps), with seed 0."""


def copied(name: str) -> str:
    """A page that lies beside the code, with its links as they are from here."""
    text = (DOCS.parent / name).read_text(encoding="utf-8")
    beside = re.sub(r"\]\((?=[A-Z]+\.md\)|src/)", "](../", text)
    return MADE + _narrowed(beside.replace("](docs/", "]("))


def _narrowed(text: str) -> str:
    """The text with the trees of its fences (name, gap, what it is) in lines that a page can show whole."""
    return re.sub(r"(?ms)^```\n(.*?)^```$", lambda fence: f"```\n{_wrapped(fence[1])}\n```", text)


def _wrapped(tree: str) -> str:
    entries: list[tuple[str, str]] = []
    for line in tree.splitlines():
        found = re.match(r"(\s*[\w./ ]*[\w./]\s{2,})(\S.*)", line)
        head, what = entries[-1] if entries else ("", "")
        if head and line.startswith(" " * len(head)):  # goes on with the line before
            entries[-1] = head, f"{what} {line.strip()}"
        else:
            entries.append((found[1], found[2]) if found else ("", line))
    return "\n".join(
        textwrap.fill(what, 80, initial_indent=head, subsequent_indent=" " * len(head)) if head else what
        for head, what in entries
    )


def decisions_page() -> str:
    """The decisions that shaped the code, a line each, in the order they were made."""
    parts = ["# Decisions\n\nWhy things are as they are: what was asked, what was measured, what was chosen.\n"]
    for page in sorted((DOCS / "decisions").glob("0*.md")):
        title = page.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
        parts.append(f"{int(page.name[:3])}. [{title}]({page.name})")
    return MADE + "\n".join(parts) + "\n"


def main(check: bool) -> int:
    """Write the pages, or compare those of the code, which are kept with it; the number that differ."""
    pages = {"commands.md": MADE + commands_page(), "recipes.md": recipes_page()}
    if not check:
        pages |= {
            "index.md": copied("README.md"),
            "architecture.md": copied("ARCHITECTURE.md"),
            "changelog.md": copied("CHANGELOG.md"),
            "decisions/index.md": decisions_page(),
            "reference/index.md": MADE + reference_page(),
            "speeds.md": MADE + speeds_page(),
            "troubles.md": MADE + troubles_page(),
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
            file.parent.mkdir(exist_ok=True)
            file.write_text(content, encoding="utf-8")
    return stale if check else 0


def recipes_page() -> str:
    """Every recipe and net with its purpose, and every training option with its default and meaning."""
    from whatsit.training.loop.optimise import OPTIMISERS
    from whatsit.training.loop.schedule import SCHEDULES
    from whatsit.training.nets import NETS
    from whatsit.training.options import TrainOptions
    from whatsit.training.recipes import RECIPES

    parts = ["# Recipes, nets and options\n", "## Recipes\n"]
    parts += [f"- `--recipe {name}`: {recipe.purpose}" for name, recipe in RECIPES.items()]
    parts += ["\n## Nets of recipe cnn\n"]
    parts += [f"- `--net {name}`: {net.purpose}" for name, net in NETS.items()]
    parts += ["\n## Optimisers and schedules of net simple\n"]
    parts += [
        f"- `--optimiser {name}`: {one.purpose} (learning rate {one.rate:g} where none is given)"
        for name, one in OPTIMISERS.items()
    ]
    parts += ["\n`--learning-rate` is the highest that a schedule has:\n"]
    parts += [f"- `--schedule {name}`: {one.purpose}" for name, one in SCHEDULES.items()]
    parts += [OPTIMISERS_MEASURED]
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

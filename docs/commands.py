"""The page of commands: what each command's `--help` says, in a form that fits a phone."""

from __future__ import annotations

import io
import re
from typing import Any


INTRODUCTION = """# Commands

What each command's `--help` says.

What a command writes goes to `--into FOLDER` where it can be told where (`pack`, `export`, `deploy`; `deploy RUN FOLDER` is an older
way to say the same), and `--to` says in which form. `predict` writes nothing unless asked, so its options name what is written: `--to
answers.csv` a table, `--explain FOLDER` pictures, `--sort FOLDER` copies of the photos. Runs lie in `--runs FOLDER`, wherever they
are written or looked for.
"""


def commands_page() -> str:
    """Every command with its options, as its `--help` has them."""
    from whatsit.cli import COMMANDS

    parts = [INTRODUCTION]
    parts += ["\n".join(_command(name)) for name in COMMANDS]
    return "\n".join(parts)


def _command(name: str) -> list[str]:
    from rich.console import Console

    from whatsit.cli import app

    page = _HelpPage()
    program = app(name)
    program[name].help_formatter = page
    program.help_print([name], console=Console(file=io.StringIO()))
    return [f"## whatsit {name}\n", *page.lines]


class _HelpPage:
    """Takes a command's help piece by piece, and keeps it as Markdown: a list of definitions for the options."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def render_usage(self, console: Any, options: Any, usage: Any) -> None:  # noqa: ARG002
        self.lines.append(f"```text\n{str(usage).strip()}\n```\n")

    def render_description(self, console: Any, options: Any, description: Any) -> None:  # noqa: ARG002
        text = re.sub(r"(?m)^Example: (.*)$", r"Example: `\1`", _markdown(description))
        self.lines.append(text + "\n")

    def __call__(self, console: Any, options: Any, panel: Any) -> None:  # noqa: ARG002
        if panel.format != "parameter" or not panel.entries:
            return
        if panel.title not in ("Arguments", "Parameters"):
            self.lines.append(f"**{panel.title}**\n")
        for entry in panel.entries:
            without = [name for name in entry.negative_names if name.startswith("--no-")]
            is_flag = bool(without) or entry.type is bool
            value = "" if is_flag or entry.positional_label else f" {entry.metavar or ''}".rstrip()
            names = [entry.positional_label] if entry.positional_label else []
            names += [*entry.positive_names, *without, *entry.positive_shorts]
            self.lines.append(", ".join(f"`{name}{value}`" for name in names))
            self.lines.append(f":   {_markdown(entry.description)}{_facts(entry)}\n")


def _facts(entry: Any) -> str:
    """What else the help says of an option: its choices, its default, whether it has to be given."""
    facts = [f"One of {', '.join(f'`{one}`' for one in entry.choices)}."] if entry.choices else []
    default = re.sub(r"[()'\",]", "", str(entry.default))  # several values stand as one gives them
    facts += [f"Default: `{default}`."] if default not in ("", "None", "False") else []
    facts += ["Has to be given."] if entry.required else []
    return "".join(" " + fact for fact in facts)


def _markdown(text: Any) -> str:
    """The text of a piece of help, which rich keeps as Markdown."""
    from rich.console import Console

    out = io.StringIO()
    Console(file=out, width=10_000, color_system=None).print(text)
    lines = (line.strip() for line in out.getvalue().strip().splitlines())
    return "\n".join(lines).replace("<", "&lt;").replace("*", "\\*")

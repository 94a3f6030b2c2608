"""What is said of a command line that cannot be taken."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from whatsit.errors import UserError

if TYPE_CHECKING:
    from cyclopts import CycloptsError
    from cyclopts.exceptions import CoercionError, MissingArgumentError


class WrongUsage(UserError):
    """A command line that a command itself cannot take; it ends as one that cannot be parsed does."""

    EXIT_CODE = 2


_EXAMPLE = re.compile(r"^\s*Example: `(.+)`$", re.MULTILINE)


def explain_usage(error: CycloptsError) -> Any:
    """The error in its frame; of words too many with what most often led to them: a name with blanks; of one that
    is missing with what it is, what there is to choose from, and an example."""
    from cyclopts.exceptions import CoercionError, ConsumeMultipleError, MissingArgumentError, UnusedCliTokensError
    from cyclopts.panel import CycloptsPanel
    from rich.console import Group

    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        over = ", ".join(map(repr, error.unused_tokens))
        return CycloptsPanel(f"Nothing takes {over} here. Is it part of a name with blanks? Put that in quotes.")
    if isinstance(error, MissingArgumentError) and not isinstance(error, ConsumeMultipleError):
        framed = CycloptsPanel(Group(_say_missing(error), *_list_choices(error)))
        return Group(framed, *_give_example(error))
    if isinstance(error, CoercionError):
        if listed := _list_choices(error):
            return CycloptsPanel(Group(error, *listed))
        if said := _say_no_number(error):
            return CycloptsPanel(said)
    return CycloptsPanel(error)


def _say_no_number(error: CoercionError) -> str:
    """`--epochs wants a whole number, which 'ten' is not.`; empty where no number is wanted."""
    wanted = {int: "a whole number", float: "a number"}.get(error.target_type or str)
    if wanted is None or error.token is None or error.msg is not None:
        return ""
    name = error.token.keyword or (error.argument.name.lstrip("-").upper() if error.argument else "This")
    return f"{name} wants {wanted}, which {error.token.value!r} is not."


def _say_missing(error: MissingArgumentError) -> Any:
    """`--to is missing. The runtime.`; what is meant by it stands in the help of the command."""
    from rich.text import Text

    assert error.argument is not None
    name = error.keyword or error.argument.name
    if not name.startswith("-"):
        name = name.upper()  # as the help of the command and its first line write it
    lacks = "wants a value" if error.keyword else "is missing"
    meant = error.argument.parameter.help or _explain_in_docstring(error)
    return Text(f"{name} {lacks}. {' '.join(meant.split())}".rstrip(), "default")


def _explain_in_docstring(error: MissingArgumentError) -> str:
    """What the docstring of a command says of a parameter."""
    assert error.argument is not None
    name = re.escape(error.argument.field_info.name)
    found = re.search(rf"^{name}\n((?:    .*\n?)+)", inspect.getdoc(error.target) or "", re.MULTILINE)
    return found[1] if found else ""


def _list_choices(error: CycloptsError) -> list[Any]:
    """A line a choice, where the command's module says what each of them is for."""
    from rich.table import Table
    from rich.text import Text

    module = sys.modules.get(getattr(error.target, "__module__", ""))
    listed: Mapping[str, Mapping[str, str]] = getattr(module, "CHOICES", {})
    choices = listed.get(error.argument.name.lstrip("-"), {}) if error.argument is not None else {}
    if not choices or error.argument is None:
        return []
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="cyan")
    grid.add_column(style="default")
    for name, purpose in choices.items():
        grid.add_row(f"{error.argument.name} {name}", Text(purpose))
    return [Text(), grid]


def _give_example(error: CycloptsError) -> list[Any]:
    """How the command is called, as its help has it; outside the frame, so that it can be copied."""
    from rich.text import Text

    found = _EXAMPLE.search(getattr(error.target, "__doc__", None) or "")
    return [Text(f"Example: {found[1]}", "default")] if found else []

"""Lines `name: what it is` of our docstrings as a list, for mkdocstrings, which else runs them together."""

from __future__ import annotations

import re
from typing import Any

import griffe

_PARAMETER = re.compile(r"^(\w+(?:, \w+)*): +(?=\S)")


class Parameters(griffe.Extension):
    """Rewrites each docstring when it is read."""

    def on_object(self, *, obj: griffe.Object, **_rest: Any) -> None:
        """Make list items of the lines that explain a parameter or a field."""
        if obj.docstring:
            obj.docstring.value = as_list(obj.docstring.value)


def as_list(text: str) -> str:
    """The text with its parameters as items of a list, each in one piece."""
    lines: list[str] = []
    for line in text.splitlines():
        found = _PARAMETER.match(line)
        if not found or found[1] in ("Raises", "Note", "Example", "Source"):
            lines.append(line)
            continue
        if lines and lines[-1].strip() and not lines[-1].startswith("- `"):
            lines.append("")
        lines.append(f"- `{found[1]}`: {line[found.end() :]}")
    return "\n".join(lines)

"""The page of troubles: every sentence that ends in a `UserError`, with its hint, read from the source."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "whatsit"
# in the order of the road; what stands in none of these folders is of all commands
PLACES = {
    "cli": "The command line",
    "collecting": "Collecting photos",
    "fetch": "Fetching from the web",
    "data": "Data sets",
    "cleaning": "Cleaning",
    "reviewing": "Reviewing",
    "packing": "Packing",
    "road": "From data to a report",
    "training": "Training",
    "evaluating": "Evaluating and comparing",
    "model": "Models and runs",
    "serving": "Serving",
    "deploying": "Putting it online",
    "exporting": "Going on elsewhere",
    "": "Files, disks and options",
}
SAYING = {"gettext", "gettext_noop"}  # what says a sentence in the language of who reads it
INTRO = """# Troubles

What went wrong is said in a sentence, and below it what to do. These are the sentences, by where they come from;
words in *italics* stand for what yours has there. A command that failed so exits with 1, an unknown option with 2,
and one that was stopped with Ctrl-C with 130. A Python traceback is a fault of whatsit itself: please report it.

Look for yours with the search of this page: a few of its words will do.
"""


@dataclass(frozen=True, order=True)
class Trouble:
    """A sentence and its hint, as Markdown."""

    sentence: str
    hint: str


def troubles_page() -> str:
    """Every sentence a user can meet, by the folder it comes from."""
    found = {place: sorted(set(_troubles(place))) for place in PLACES}
    parts = [INTRO]
    for place, title in PLACES.items():
        if found[place]:
            parts.append(f"## {title}\n")
            parts.append("\n".join(f"- **{one.sentence}** {one.hint}".rstrip() for one in found[place]) + "\n")
    return "\n".join(parts)


def _troubles(place: str) -> Iterator[Trouble]:
    files = sorted((SOURCE / place).rglob("*.py")) if place else [*SOURCE.glob("*.py"), *_other_files()]
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _error_names():
                sentences = _texts(call.args[0]) if call.args else []
                hints = [_texts(one.value) for one in call.keywords if one.arg == "hint"]
                hints += [_texts(one) for one in call.args[1:2]]
                for sentence in sentences:
                    for hint in (hints and hints[0]) or [""]:
                        yield Trouble(sentence, hint)


def _other_files() -> list[Path]:
    return [file for file in SOURCE.glob("*/**/*.py") if file.relative_to(SOURCE).parts[0] not in PLACES]


@functools.cache
def _error_names() -> frozenset[str]:
    """`UserError` and the classes made from it."""
    names = {"UserError"}
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and any(
                isinstance(base, ast.Name) and base.id in names for base in node.bases
            ):
                names.add(node.name)
    return frozenset(names)


def _texts(node: ast.expr) -> list[str]:
    """The texts that an expression of strings may be, with what is filled in by name; none where it is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [_escaped(node.value)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(_piece(value) for value in node.values)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYING:
        return _filled(node)
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [left + right for left in _texts(node.left) for right in _texts(node.right)]
    return []


def _filled(call: ast.Call) -> list[str]:
    """The text of a sentence that is translated, with what is filled in by name."""
    values = {one.arg: one.value for one in call.keywords}
    pieces = (
        re.split(r"\{(\w+)\}", ast.literal_eval(call.args[0])) if isinstance(call.args[0], ast.Constant) else []
    )
    said = [_value(values[piece]) if place % 2 else _escaped(piece) for place, piece in enumerate(pieces)]
    return ["".join(said)] if said else []


def _value(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_piece(value) for value in node.values)
    return f"*{_name(node)}*"


def _piece(value: ast.expr) -> str:
    if isinstance(value, ast.Constant):
        return _escaped(str(value.value))
    quote = "'" if isinstance(value, ast.FormattedValue) and value.conversion == ord("r") else ""
    name = _name(value.value) if isinstance(value, ast.FormattedValue) else "…"
    return f"{quote}*{name}*{quote}"


def _name(node: ast.expr) -> str:
    """What a person would call an expression: `str(path)` is the path, `len(photos)` the photos."""
    if isinstance(node, ast.Name):
        return node.id.strip("_").replace("_", " ")
    if isinstance(node, ast.Attribute):
        return node.attr.strip("_").replace("_", " ")
    if isinstance(node, ast.Call) and node.args:
        return _name(node.args[0])
    if isinstance(node, ast.Call):
        return _name(node.func)
    if isinstance(node, (ast.Subscript, ast.Starred)):
        return _name(node.value)
    if isinstance(node, ast.BinOp):
        return _name(node.left)
    return "…"


def _escaped(text: str) -> str:
    for sign in ("*", "_", "<", "[", "`"):
        text = text.replace(sign, "&lt;" if sign == "<" else "\\" + sign)
    return text

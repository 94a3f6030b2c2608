"""HTML that needs nothing beside it: templates filled, style and script put in, and nothing else allowed."""

from __future__ import annotations

import base64
import hashlib
import math
from importlib import resources
from typing import Any

from markupsafe import Markup

from whatsit import words
from whatsit.data.listing.skipped import count_left
from whatsit.web.assets import extract_colours
from whatsit.words import human_bytes

NONE = "–"


def render(template: str, **values: Any) -> bytes:
    """A template of `page/` as a self-contained page, UTF-8.

    The page's security policy allows the style and script that are in it, by their digests, and pictures that
    are in it: it can neither run anything that a class or photo name smuggled in nor fetch anything.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from whatsit.web.literals import Literals

    environment = Environment(
        loader=PackageLoader("whatsit.evaluating.report", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[Literals],
    )
    environment.filters |= FILTERS
    style = extract_colours() + _file("report.css")
    script = _file("report.js") + _file("saving.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src {_digest(style)}; script-src {_digest(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    text = environment.get_template(template).render(
        values, style=Markup(style), script=Markup(script), policy=policy
    )
    return text.encode("utf-8", "replace")  # a file name may hold bytes that are no text


def _file(name: str) -> str:
    return resources.files("whatsit.evaluating.report").joinpath("page", name).read_text(encoding="utf-8")


def _digest(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _percent(share: float | None, digits: int = 1) -> str:
    if share is None or math.isnan(share):
        return NONE
    return words.keep_together(words.percent(share, digits))


def _probability(share: float) -> str:
    return words.keep_together(words.probability(share))


def _sentence(text: object) -> str:
    """A sentence that names may stand in: they turn nothing around them, and numbers keep their per cent sign."""
    return words.keep_together(words.set_apart(str(text)))


def _typed(command: str) -> Markup:
    """A command of which no line ends within a word, as in `--name`; what is copied has plain spaces."""
    return Markup(" ").join(Markup('<span class="word">{}</span>').format(word) for word in command.split(" "))


def _number(value: float | None, digits: int = 3) -> str:
    return NONE if value is None or math.isnan(value) else f"{value:.{digits}f}"


def _count(value: float, noun: str = "") -> str:
    return words.count(int(value), noun) if noun else f"{value:,}"


def _fact(value: Any) -> str:
    """A value of run.json in words: lists joined, numbers grouped, yes and no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return _count(value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {_fact(inner)}" for name, inner in value.items()) or NONE
    if isinstance(value, (list, tuple)):
        return ", ".join(_fact(inner) for inner in value) or NONE
    return str(value)


FILTERS = {
    "isolate": words.isolate,
    "left": count_left,
    "percent": _percent,
    "probability": _probability,
    "sentence": _sentence,
    "whole_percent": words.whole_percent,
    "number": _number,
    "count": _count,
    "bytes": human_bytes,
    "seconds": words.seconds,
    "fact": _fact,
    "typed": _typed,
}

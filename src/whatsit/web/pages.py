"""Templates filled in: every value is escaped, every asset address checked."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whatsit.web.assets import address
from whatsit.web.prefix import at
from whatsit.words import keep_together, probability, set_apart

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from whatsit.web.literals import Literals

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[Literals],
    )
    environment.globals["asset"] = address
    environment.globals["at"] = at
    environment.filters["percent"] = short_percent
    environment.filters["sentence"] = _sentence
    return environment


def render_page(template: str, **values: Any) -> str:
    """A page as HTML; a name the template asks for and nobody gave is an error."""
    return _environment().get_template(template).render(**values)


def _sentence(text: object) -> str:
    """A sentence that names may stand in: they turn nothing around them."""
    return set_apart(str(text))  # which of a value that nobody gave is an error


def short_percent(share: float) -> str:
    """A share as `words.probability` says it; no line ends within it."""
    return keep_together(probability(share))

"""Templates filled in: every value is escaped, every asset address checked."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from whatsit.languages.catalogues import list_languages, read_catalogue
from whatsit.languages.speaking import gettext, spoken
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
    environment.globals["_"] = _gettext
    environment.globals["spoken"] = spoken
    environment.globals["direction"] = lambda: read_catalogue(spoken()).direction
    environment.globals["languages"] = list_languages
    environment.globals["catalogue"] = _catalogue
    environment.filters["percent"] = short_percent
    environment.filters["sentence"] = _sentence
    environment.filters["bdi"] = _bdi
    return environment


def render_page(template: str, **values: Any) -> str:
    """A page as HTML; a name the template asks for and nobody gave is an error."""
    return _environment().get_template(template).render(**values)


def _gettext(message: str, **values: object) -> Markup:
    """A sentence of a template in the language that is spoken; what is filled in is escaped."""
    return Markup(escape(gettext(message))).format(**values) if values else escape(gettext(message))


def _catalogue() -> Markup:
    """The catalogue of the language that is spoken, for the scripts of a page; nothing for English."""
    content = read_catalogue(spoken()).content
    if not content:
        return Markup()
    kept = content.replace("<", "\\u003c")  # so that no sentence ends the element
    return Markup(f'<script type="application/json" id="catalogue">{kept}</script>')


def _bdi(name: str) -> Markup:
    """A name within a sentence, set apart from the direction of what stands around it."""
    return Markup("<bdi>{}</bdi>").format(name)


def _sentence(text: object) -> str:
    """A sentence that names may stand in: they turn nothing around them."""
    return set_apart(str(text))  # which of a value that nobody gave is an error


def short_percent(share: float) -> str:
    """A share as `words.probability` says it; no line ends within it."""
    return keep_together(probability(share))

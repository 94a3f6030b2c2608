"""Templates filled in: every value is escaped, every asset address checked."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whatsit.web.assets import address
from whatsit.web.prefix import at
from whatsit.words import keep_together

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
    return environment


def render_page(template: str, **values: Any) -> str:
    """A page as HTML; a name the template asks for and nobody gave is an error."""
    return _environment().get_template(template).render(**values)


def short_percent(share: float) -> str:
    """`0.934` → `93 %`; what is nearly certain or nearly ruled out keeps a digit more. No line ends within it."""
    return keep_together(_short_percent(share))


def _short_percent(share: float) -> str:
    value = 100 * share
    if 0 < value < 0.05:
        return "< 0.1 %"
    if 99 < value < 100 or 0 < value < 0.95:  # 0.96 is 1 %, as 1.04 is
        return f"{min(value, 99.9):.1f} %" if value > 50 else f"{value:.1f} %"
    return f"{value:.0f} %"

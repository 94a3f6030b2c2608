"""Numbers in a template's own text stay on one line with their per cent sign."""

from __future__ import annotations

from jinja2 import Environment

from whatsit.web.literals import Literals

JOINED = "\N{NARROW NO-BREAK SPACE}%"


def render(source: str, **values: object) -> str:
    return Environment(extensions=[Literals], autoescape=True).from_string(source).render(**values)


def test_what_is_written_out_in_a_template_is_joined():
    assert render("<p>95 % of {{ what }}</p>", what="photos") == f"<p>95{JOINED} of photos</p>"


def test_what_is_filled_in_stays_as_it_was_given():
    assert render("{{ share }}", share="95 %") == "95 %"


def test_a_template_that_reckons_reckons_as_before():
    assert render("{{ 7 % 4 }}{% if 7 %}!{% endif %}") == "3!"

"""Templates filled in, and shares in words."""

from __future__ import annotations

import re

import jinja2
import pytest

from whatsit.web.literals import Literals
from whatsit.web.pages import TEMPLATES, render_page, short_percent

THIN = "\N{NARROW NO-BREAK SPACE}"


def test_what_is_put_into_a_page_is_text_and_never_html() -> None:
    html = render_page("refused.html", error="<script>alert(1)</script>", hint='"&')
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "&#34;&amp;" in html


def test_a_value_that_nobody_gave_is_an_error_and_no_gap() -> None:
    with pytest.raises(jinja2.UndefinedError, match="hint"):
        render_page("refused.html", error="No.")


def test_a_page_names_its_files_by_the_address_they_have() -> None:
    from whatsit.web.assets import address

    assert address("whatsit.css") in render_page("refused.html", error="No.", hint="")


def test_no_line_ends_within_a_share() -> None:
    assert short_percent(0.996) == f"99.6{THIN}%"


def test_numbers_written_out_in_templates_stay_on_a_line_with_their_per_cent_sign() -> None:
    environment = jinja2.Environment(autoescape=True, extensions=[Literals])
    assert environment.from_string("{% if 3 > 2 %}95 % of {{ 7 }} %{% endif %}").render() == f"95{THIN}% of 7 %"
    for file in TEMPLATES.glob("*.html"):  # which any of our pages may be made of
        kept = environment.preprocess(file.read_text(encoding="utf-8"), file.name)
        assert not re.search(r"\d %(?!})", str(kept)), file.name

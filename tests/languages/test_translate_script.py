"""The same sentences as scripts say them: forms, elements within a sentence, numbers, lists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from browser import chromium
from whatsit.languages.catalogues import read_catalogue
from whatsit.languages.speaking import gettext, ngettext, speaking
from whatsit.web.assets import read_assets

POLISH = {
    "language": "pl",
    "decimal": ",",
    "plurals": {"one": 0, "few": 1, "many": 2, "other": 2},
    "messages": {"{count} photo": ["{count} zdjęcie", "{count} zdjęcia", "{count} zdjęć"], "Undo": "Cofnij"},
}
MANY = '"{count} photo", "{count} photos"'


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened_browser:
        yield opened_browser


def say(browser: Any, catalogue: dict[str, Any] | None, expression: str) -> Any:
    """What an expression gives in a page with a catalogue; what is no text as its elements' HTML."""
    tab = browser.new_page()
    told = json.dumps(catalogue).replace("<", "\\u003c")
    element = f'<script type="application/json" id="catalogue">{told}</script>' if catalogue else ""
    tab.set_content(f"<!doctype html>{element}")
    names = "_, ngettext, gettext_noop, grouped, fixed, photos, listed"
    script = read_assets()["translate.js"].content.decode()
    tab.add_script_tag(content=f"{script}\nObject.assign(window, {{ {names} }});", type="module")
    tab.evaluate("window.b = (text) => Object.assign(document.createElement('b'), { textContent: text })")
    shown = f"[{expression}].flat().map((one) => one.outerHTML ?? one)"
    found = tab.evaluate(f"() => {{ const made = {expression}; return Array.isArray(made) ? {shown} : made; }}")
    tab.close()
    return found


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ('_("Undo")', "Undo"),
        ('_("Undo {name}", { name: "{x}" })', "Undo {x}"),
        ('_("{braces} stay")', "{braces} stay"),
        ('_("constructor")', "constructor"),
        (f"ngettext({MANY}, 0)", "0 photos"),
        (f"ngettext({MANY}, 1)", "1 photo"),
        (f"ngettext({MANY}, 1234)", "1,234 photos"),
        ('_("{name} is there", { name: b("cat") })', ["<b>cat</b>", " is there"]),
        ('_("Go <a>to {name}</a>.", { a: b, name: "cat" })', ["Go ", "<b>to cat</b>", "."]),
        ('_("Go <a>there</a>.", { a: (words) => words })', "Go there."),
        ("fixed(1234.56, 1)", "1234.6"),
        ('listed(["a", "b", "c"]).join("")', "a, b and c"),
        ('listed(["a", "b", "c"], "disjunction").join("")', "a, b or c"),
        ('listed(["a", b("c")])', ["a", " and ", "<b>c</b>"]),
        ('listed([]).join("")', ""),
    ],
)
def test_a_page_without_a_catalogue_is_in_english(browser: Any, expression: str, said: Any) -> None:
    assert say(browser, None, expression) == said


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ('_("Undo")', "Cofnij"),
        (f"ngettext({MANY}, 1)", "1 zdjęcie"),
        (f"ngettext({MANY}, 3)", "3 zdjęcia"),
        (f"ngettext({MANY}, 12)", "12 zdjęć"),
        (f"ngettext({MANY}, 22)", "22 zdjęcia"),
        ('ngettext("{count} thing", "{count} things", 5)', "5 things"),
        ('_("not in it")', "not in it"),
        ("fixed(1.5, 1)", "1,5"),
        ('listed(["a", "b"]).join("")', "a i b"),
    ],
)
def test_a_page_says_what_its_catalogue_has_in_the_form_that_the_number_takes(
    browser: Any, expression: str, said: str
) -> None:
    assert say(browser, POLISH, expression) == said


def test_scripts_and_server_say_the_same(browser: Any) -> None:
    catalogue = json.loads(read_catalogue("de").content)
    message = "{count} photo moved to {name}.", "{count} photos moved to {name}."
    asked = f'[1, 2, 1200].map((count) => ngettext("{message[0]}", "{message[1]}", count, {{ name: "x" }}))'
    with speaking("de"):
        assert say(browser, catalogue, asked) == [ngettext(*message, count, name="x") for count in (1, 2, 1200)]
        assert say(browser, catalogue, '_("Undo: {what}", { what: "a" })') == gettext("Undo: {what}", what="a")

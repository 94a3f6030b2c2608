from __future__ import annotations

from whatsit.collecting.search.terms import PEOPLE, of_web_search
from whatsit.collecting.sources import SOURCES


def test_the_terms_of_a_search_name_it_and_what_people_shown_may_ask() -> None:
    text = of_web_search("Bing")
    assert text.startswith("Bing searches the whole web.")
    assert "licences of what it finds are unknown" in text
    assert text.endswith(PEOPLE)
    assert "whatsit forget" in PEOPLE


def test_every_source_of_unknown_licences_has_terms_to_agree_to_and_no_other_has() -> None:
    assert {name for name, source in SOURCES.items() if source.terms} == {
        name for name, source in SOURCES.items() if source.kind == "web"
    }

"""Sentences in the language that is spoken: forms, what is filled in, numbers, and what no catalogue has."""

from __future__ import annotations

import contextvars
from concurrent.futures import ThreadPoolExecutor

import pytest

from whatsit.languages.catalogues import list_languages, read_catalogue
from whatsit.languages.speaking import (
    Sentence,
    gettext,
    gettext_lazy,
    ngettext,
    ngettext_lazy,
    speaking,
    spoken,
    write_numbers,
)


def test_english_is_spoken_where_nobody_asked_for_another_language() -> None:
    assert (spoken(), gettext("Undo")) == ("en", "Undo")
    with speaking("de"):
        assert (spoken(), gettext("Undo")) == ("de", "Rückgängig")
        with speaking("en"):
            assert gettext("Undo") == "Undo"
    assert gettext("Undo") == "Undo"


def test_the_language_goes_along_into_threads_that_are_given_the_context() -> None:
    with ThreadPoolExecutor(1) as pool, speaking("de"):
        assert pool.submit(contextvars.copy_context().run, gettext, "Undo").result() == "Rückgängig"
        assert pool.submit(gettext, "Undo").result() == "Undo"


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", 0, "0 photos moved to {dog}."),
        ("en", 1, "1 photo moved to {dog}."),
        ("en", 2000, "2,000 photos moved to {dog}."),
        ("de", 0, "0 Fotos nach {dog} verschoben."),
        ("de", 1, "1 Foto nach {dog} verschoben."),
        ("de", 2000, "2.000 Fotos nach {dog} verschoben."),
    ],
)
def test_a_number_takes_its_form_and_a_name_stays_as_it_is(language: str, count: int, said: str) -> None:
    with speaking(language):
        message = "{count} photo moved to {name}.", "{count} photos moved to {name}."
        assert ngettext(*message, count, name="{dog}") == said
        assert str(ngettext_lazy(*message, count, name="{dog}")) == said


def test_a_sentence_that_is_kept_is_said_in_the_language_of_each_who_reads_it() -> None:
    kept = gettext_lazy("Renamed {name} to {new}", name="cat", new="Katze")
    again = Sentence(**kept.as_dict())
    assert str(again) == "Renamed cat to Katze"
    with speaking("de"):
        assert str(again) == "cat in Katze umbenannt"


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_no_catalogue_has_stays_as_it_is(language: str) -> None:
    with speaking(language):
        assert gettext("a check of a plug-in") == "a check of a plug-in"
        assert gettext("a {brace} of a plug-in") == "a {brace} of a plug-in"
        assert ngettext("{count} thing", "{count} things", 2) == "2 things"
        assert gettext("") == ""


def test_numbers_are_written_as_the_language_writes_them() -> None:
    text = "Version 1 took 1,234.5 s, 98.8 % of it here. And 3, 4."
    assert write_numbers(text) == text
    with speaking("de"):
        assert write_numbers(text) == "Version 1 took 1.234,5 s, 98,8 % of it here. And 3, 4."


def test_each_language_calls_itself_by_its_own_name() -> None:
    assert list_languages() == {"en": "English", "de": "Deutsch"}
    assert [read_catalogue("de").rule(count) for count in (0, 1, 2, 21)] == [1, 0, 1, 1]

"""The catalogues are whole, and what would make them lack something is found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from scripts import find_bare, find_bare_markup, find_calls, read_script

import languages
from whatsit.languages import catalogues
from whatsit.languages.speaking import speaking
from whatsit.web.pages import render_page

ROOT = Path(__file__).parents[2]
STYLES = {"button", "main", "small"}


def test_every_sentence_is_translated_and_the_files_are_up_to_date() -> None:
    command = [sys.executable, str(ROOT / "tools" / "languages.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_sentences_of_all_kinds_of_sources_are_found() -> None:
    template, problems = languages.make_template()
    assert problems == []
    said = {message.id if isinstance(message.id, str) else message.id[0] for message in template}
    assert said >= {
        "Go on to Train",  # a script of the studio
        "Every photo is named.",  # of the page on which a pile is sorted
        "Draw a ring",  # a template
        "Moved {count} photo to {name}",  # the server, to be said later
        "Looking for faces",  # what takes long
        "pairs",  # and what is counted of it
        "blurred",  # a check, and what it finds
        "no sharp edge in it",
    }


def test_another_language_is_three_commands_and_the_translating(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    template = Catalog(project="whatsit")
    for said in ("Undo", ("{count} photo", "{count} photos")):
        template.add(said)
    monkeypatch.setattr(languages, "make_template", lambda: (template, []))
    monkeypatch.setattr(languages, "find_untold", lambda: [])
    assert languages.main(["--add", "fr"]) == 0
    file = tmp_path / "fr.po"
    assert "Plural-Forms: nplurals=2; plural=(n > 1);" in file.read_text(encoding="utf-8")
    assert [one.name for one in tmp_path.iterdir()] == ["fr.po"]
    assert languages.main(["--add", "fr"]) == 1
    capsys.readouterr()
    assert languages.main([]) == 1
    assert "fr.po: not translated: 'Undo'" in capsys.readouterr().out.splitlines()
    catalog = languages.open_catalogue(file, template)
    for message in languages._messages(catalog):
        message.string = tuple(message.id) if message.pluralizable else message.id
    file.write_text(languages.write_catalogue(catalog), encoding="utf-8")
    assert languages.main([]) == 0
    assert languages.main(["--check"]) == 0
    told = json.loads((tmp_path / "fr.json").read_text(encoding="utf-8"))
    assert (told["name"], told["decimal"], told["plurals"]) == ("Français", ",", {"one": 0, "other": 1, "many": 1})
    (tmp_path / "fr.json").write_text("{}")
    assert languages.main(["--check"]) == 1
    assert capsys.readouterr().out == "fr.json is not what tools/languages.py makes of the sources\n"


def one_message(text: str | tuple[str, ...], translated: str | tuple[str, ...], **more: object) -> Catalog:
    catalog = Catalog(locale="de")
    catalog.add(text, translated, **more)
    return catalog


@pytest.mark.parametrize(
    ("message", "translated", "fault"),
    [
        ("Undo", "", "not translated: 'Undo'"),
        (("{count} photo", "{count} photos"), ("{count} Foto", ""), "not translated: '{count} photo'"),
        ("To {name}", "Zu {Name}", "other placeholders than the original: 'To {name}'"),
        ("To {name}", "Zu", "other placeholders than the original: 'To {name}'"),
        ("To", "Zu {name}", "other placeholders than the original: 'To'"),
        ("To <a>it</a>", "Zu <a>ihm", "other placeholders than the original: 'To <a>it</a>'"),
        (
            ("{count} of {name}", "{count} of {name}"),
            ("ein {name}", "{count}"),
            "other placeholders than the original: '{count} of {name}'",
        ),
    ],
)
def test_what_is_wrong_with_a_translation_is_named(
    message: str | tuple[str, ...], translated: str | tuple[str, ...], fault: str
) -> None:
    assert list(languages.find_faults(one_message(message, translated))) == [fault]


def test_a_guess_is_a_fault_until_somebody_looked_at_it() -> None:
    assert list(languages.find_faults(one_message("Undo", "Zurück", flags=["fuzzy"]))) == ["fuzzy: 'Undo'"]
    assert "Zurück" not in languages.make_json(one_message("Undo", "Zurück", flags=["fuzzy"]))


def test_one_of_several_forms_may_say_the_number_in_words() -> None:
    catalog = one_message(("{count} photo", "{count} photos"), ("ein Foto", "{count} Fotos"))
    assert list(languages.find_faults(catalog)) == []


def test_another_rule_of_forms_than_the_languages_own_is_a_fault() -> None:
    catalog = Catalog(locale="de")
    catalog._num_plurals, catalog._plural_expr = 1, "0"
    assert list(languages.find_faults(catalog)) == ["Plural-Forms is not nplurals=2; plural=(n != 1);"]


@pytest.mark.parametrize("language", ["de", "fr", "pl", "ru", "ar", "ja", "cs", "pt_BR"])
def test_browsers_and_gettext_agree_about_the_forms_of_numbers(language: str) -> None:
    places = languages._find_places(Catalog(locale=language))
    assert sorted(set(places.values())) == list(range(Catalog(locale=language).num_plurals))


@pytest.mark.parametrize(("language", "html"), [("ar", '<html lang="ar" dir="rtl">'), ("fr", '<html lang="fr">')])
def test_a_page_is_written_in_the_direction_of_its_language(
    language: str, html: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{language}.json").write_text(languages.make_json(Catalog(locale=language)), encoding="utf-8")
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    with speaking(language):
        assert html in render_page("refused.html", error="No.", hint="")
    catalogues.read_catalogue.cache_clear()


def bare(source: str) -> list[str]:
    return [text for _, text in find_bare(source, STYLES)]


@pytest.mark.parametrize(
    "source",
    [
        "html`<p>Add photos</p>`",
        'html`<button aria-label="Add photos">+</button>`',
        'html`<${Chooser} text="Add photos" />`',
        "html`<p>${isOn && html`<b>Add photos</b>`}</p>`",
        'page.setNews("Add photos");',
        'page.setNews(isOn ? "add some photos" : _("Add"));',
        "page.setNews(`Add ${count} photos`);",
        'throw new Error("it has no class");',
        'element("p", {}, "Close")',
    ],
)
def test_a_text_that_nobody_can_translate_is_found(source: str) -> None:
    assert len(bare(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        'html`<p class="small main">${_("Add photos")} ${ngettext("{count} photo", "{count} photos", 2)}</p>`',
        'html`<kbd>Delete</kbd><code>a b</code><svg><path d="M48 46h30v24" /></svg>`',
        'import { html } from "./preact.js"; // Add photos',
        'if (event.key === "ArrowRight" || /["`]add some photos/.test(text)) go(1 / 2);',
        'const made = `button main ${isOn ? "small" : ""}`;',
        "const command = `whatsit clean ${project.source}`;",
    ],
)
def test_what_is_no_text_for_people_is_let_be(source: str) -> None:
    assert bare(source) == []


def test_the_sentences_of_a_script_are_read_through_templates_within_templates() -> None:
    inner = 'html`<b title="${_("One\\n\\u2026")}">${`${ngettext("a", "b", n)}`}</b>`'
    source = f"html`<p>${{on && {inner}}}</p>`; _(name); _(`x ${{y}}`)"
    calls = list(find_calls(read_script(source)))
    assert [call.messages for call in calls if call.messages] == [("One\n…",), ("a", "b")]
    assert [call.is_whole for call in calls] == [True, True, True, False]


@pytest.mark.parametrize("source", ["html`<p>", "`${a", "f(`${html`}`"])
def test_a_script_that_does_not_end_is_said_to(source: str) -> None:
    with pytest.raises(ValueError, match="line 1"):
        read_script(source)


def test_bare_texts_of_pages_are_found() -> None:
    assert find_bare_markup('{% if x %}<p title="Read me">{{ _("Add photos") }} now</p>{% endif %}') == [
        "Read me",
        "now",
    ]


def test_bare_refusals_are_found() -> None:
    refusals = ['gettext("No."), hint="Go."', 'gettext("No.")', 'f"No {x}."', 'text, hint=""']
    source = "\n".join(f"UserError({given})" for given in refusals)
    assert languages.find_bare_refusals(source) == [1, 3]

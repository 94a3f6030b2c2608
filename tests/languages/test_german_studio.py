"""The studio in German: over HTTP, and in a real browser from an empty folder to named photos."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from studios import running
from tabs import opened, said

from axe import violations
from browser import chromium
from drawing import class_folders
from models import tiny_run
from reviewing import reviewing
from screens import PHONE, find_faults
from sorting.drawn import draw
from whatsit.image import encode_jpeg
from whatsit.languages.catalogues import read_catalogue

GERMAN = {"locale": "de-DE", "bypass_csp": True}
DESK = {"viewport": {"width": 1280, "height": 850}}
KINDS = ("Kreis", "Streifen")
# What stays as it is in German: names of programs and formats, and what people call their things.
AS_IS = {
    "whatsit",
    "studio",
    "onnx",
    "api",
    "zip",
    "docker",
    "openverse",
    "flickr",
    "wikimedia",
    "commons",
    "bing",
}
AS_IS |= {
    "inaturalist",
    "duckduckgo",
    "google",
    "kreis",
    "streifen",
    "cat",
    "dog",
    "pets",
    "tiere",
    "colours",
    "ec2",
}
AS_IS |= {"english", "photos", "unsorted", "red", "green", "blue"}  # a language, folders, what a tiny model tells
SCREENS = ("photos", "clean", "train", "try", "results", "words")


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{2,}", unicodedata.normalize("NFC", text).lower()))


def english_only() -> set[str]:
    """Words of the English sentences that no German one has."""
    said = read_catalogue("de").messages
    german = " ".join(form for forms in said.values() for form in ([forms] if isinstance(forms, str) else forms))
    plain = [re.sub(r"\{\w+\}|</?\w+>", " ", text) for text in (" ".join(said), german)]
    return words_of(plain[0]) - words_of(plain[1]) - AS_IS


ENGLISH = english_only()
SHOWN = """() => { const said = ['aria-label', 'title', 'alt', 'placeholder'];
    const elements = [...document.querySelectorAll('body *')].filter((one) => one.checkVisibility());
    const told = elements.flatMap((one) => said.map((name) => one.getAttribute(name) ?? ''));
    return [document.title, document.body.innerText, ...told]; }"""


def leftovers(tab: Any) -> set[str]:
    """English words among all that a page shows and a screen reader says; paths are no words of ours."""
    shown = "\n".join(tab.evaluate(SHOWN))
    return words_of(re.sub(r"\S*/\S*", " ", shown)) & ENGLISH


def caption(tab: Any) -> str:
    text: str = tab.inner_text("figcaption")
    return text.replace("\u2068", "").replace("\u2069", "")


def check(tab: Any) -> None:
    assert leftovers(tab) == set()
    assert violations(tab) == []
    assert find_faults(tab) == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened_browser:
        yield opened_browser


def test_what_counts_as_english_does() -> None:
    assert {"the", "and", "photo", "class", "undo", "of", "folder"} <= ENGLISH
    assert not {"die", "und", "foto", "modell", "name", "in"} & ENGLISH


def test_the_language_is_the_browsers_or_the_one_that_was_chosen(tmp_path: Path) -> None:
    class_folders(tmp_path / "pets", "cat", "dog")
    with running(tmp_path / "pets") as studio:
        cookie = studio.cookie
        for headers, language in (
            ({}, "en"),
            ({"Accept_Language": "de-AT,de;q=0.9"}, "de"),
            ({"Accept_Language": "fr"}, "en"),
            ({"Accept_Language": "en", "Cookie": f"{cookie}; whatsit-language=de"}, "de"),
            ({"Accept_Language": "de", "Cookie": f"{cookie}; whatsit-language=en"}, "en"),
        ):
            page = studio.ask("/", **headers)[2].decode()
            assert f'<html lang="{language}">' in page
            assert ('id="catalogue"' in page) == (language == "de")
            assert f'<option value="{language}" lang="{language}" selected>' in page
            wrong = studio.ask("/api/pets/make-class", {"name": " "}, **headers)[2]
            assert (
                wrong["error"]
                == {"en": "The class needs a name.", "de": "Die Klasse braucht einen Namen."}[language]
            )
        refused = studio.ask("/", Cookie="", Accept="text/html", Accept_Language="de")
        assert refused[0] == 403
        assert "Diese Seite braucht ihr Token." in refused[2].decode()
        found = re.search(r'id="catalogue">(.*?)</script>', studio.ask("/", Accept_Language="de")[2].decode())
        assert found is not None
        assert json.loads(found[1])["messages"]["Undo"] == "Rückgängig"
        moved = {"photos": ["cat/0.png"], "class": "dog"}
        answer = studio.ask("/api/pets/move", moved, Accept_Language="de")[2]
        assert answer["project"]["undo"] == "1 Foto nach dog verschoben"
        assert studio.look("pets")["undo"] == "Moved 1 photo to dog"


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_every_screen_is_in_german_and_nothing_of_it_in_english(
    browser: Any, tmp_path: Path, screen: dict[str, Any]
) -> None:
    pets = class_folders(tmp_path / "all" / "pets" / "photos", "cat", "dog", photos=12)
    for name in ("colours", "colours-2"):
        tiny_run(pets.parent / "runs" / name)
    with running(tmp_path / "all") as studio:
        tab = opened(browser, studio, "", **GERMAN, **screen)
        tab.wait_for_selector('h1:has-text("Bringen Sie Ihrem Computer bei")')
        check(tab)
        for place in SCREENS:
            tab.evaluate("place => { location.hash = `#/pets/${place}`; }", place)
            tab.wait_for_selector('h1, [aria-busy="true"]', state="attached")
            tab.wait_for_function("() => !document.querySelector('[aria-busy=true]')")
            tab.wait_for_timeout(200)
            check(tab)
        tab.evaluate("() => { location.hash = '#/pets/try'; }")
        tab.set_input_files(".ways input", pets / "cat" / "1.png")
        tab.click("text=Warum?")
        tab.wait_for_selector(".heat canvas")
        assert re.fullmatch(r"Was für .+ sprach, liegt vor allem .+, dort, wo das Foto orange ist\.", caption(tab))
        tab.click("text=Das ist falsch")
        check(tab)
        tab.evaluate("() => { location.hash = '#/pets/report/colours'; }")
        tab.wait_for_selector('h1:has-text("Bericht zu colours")')
        check(tab)
        tab.evaluate("() => { location.hash = '#/pets/photos'; }")
        tab.click(".cell >> nth=0")
        tab.click("details.more summary")
        check(tab)
        tab.goto(f"http://{studio.host}/review/pets?queue=all")
        tab.wait_for_selector("#pane .cell img")
        check(tab)
        tab.keyboard.press("?")
        tab.wait_for_selector("#keys[open]")
        check(tab)


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_what_photos_of_several_classes_are_asked_is_in_german(
    browser: Any, tmp_path: Path, screen: dict[str, Any]
) -> None:
    class_folders(tmp_path / "all" / "pets" / "photos", "cat", "dog", photos=12)
    with running(tmp_path / "all") as studio:
        studio.do("pets", "several", wanted=True)
        studio.do("pets", "mark", photos=["cat/1.png"], classes=["dog"], without=[])
        studio.do("pets", "mark", photos=["cat/2.png"], classes=[], without=["cat"])
        for seed in range(6):
            photo = encode_jpeg(draw("disc", seed))
            assert studio.put("pets", "photos", photo, class_="../unsorted", name=f"{seed}.jpg")[0] == 200
        tab = opened(browser, studio, **GERMAN, **screen)
        tab.wait_for_selector(".cell")
        check(tab)
        tab.click(".cell >> nth=0")
        tab.wait_for_selector(".marks")
        check(tab)
        tab.goto(f"http://{studio.host}/review/pets?queue=all")
        tab.wait_for_selector("#pane .cell img")
        tab.wait_for_selector("#marks:not([hidden])")
        check(tab)
        tab.goto(f"http://{studio.host}/sort/pets")
        tab.wait_for_selector("#ask:not([hidden]) #photos img", timeout=120_000)
        check(tab)
        tab.fill("#name", "Kreis")
        tab.press("#name", "Enter")
        tab.wait_for_selector('#answers button:has-text("Es zeigt Kreis")')
        check(tab)
        for view in ("suggestions", "map"):
            tab.click(f"[data-view={view}]")
            tab.wait_for_timeout(300)
            check(tab)


def test_pages_that_a_terminal_opens_are_in_german_too(browser: Any, tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "pets", "cat", "dog")
    with reviewing(folder) as page:
        tab = browser.new_context(**GERMAN, **DESK).new_page()
        tab.goto(page.address)
        tab.wait_for_selector("#pane .cell img")
        assert tab.evaluate("() => document.documentElement.lang") == "de"
        check(tab)


def test_from_an_empty_folder_to_named_photos_in_german_and_back_to_english(browser: Any, tmp_path: Path) -> None:
    files = [tmp_path / f"{number:02}.jpg" for number in range(24)]
    for number, file in enumerate(files):
        file.write_bytes(encode_jpeg(draw(("disc", "stripes")[number % 2], number)))
    with running(tmp_path / "all") as studio:
        tab = opened(browser, studio, "", **GERMAN, **DESK)
        tab.fill("#name", "tiere")
        tab.click("text=Starten")
        tab.wait_for_selector('h1:has-text("Was soll unterschieden werden?")')
        tab.fill("#new-class", KINDS[0])
        tab.click("text=Anlegen")
        said(tab, "Kreis ist angelegt. Fügen Sie Fotos davon hinzu.")
        tab.set_input_files('label:has-text("Fotos hinzufügen") input', files[:2])
        said(tab, "2 Fotos hinzugefügt.")
        tab.click('.class-head button:has-text("Rückgängig")')
        said(tab, "Rückgängig gemacht: 2 Fotos zu Kreis hinzugefügt.")
        tab.click("text=Ich kenne die Klassen noch nicht")
        tab.set_input_files('label:has-text("Fotos zum Sortieren") input', files)
        tab.wait_for_selector('h2:has-text("24 Fotos zu sortieren")')
        tab.click(".unsorted a.main")
        tab.wait_for_selector("#ask:not([hidden]) #photos img", timeout=120_000)
        check(tab)
        tab.fill("#name", KINDS[1])
        tab.click("text=So nennen")
        tab.wait_for_selector('#news:has-text("„Streifen“ genannt")', state="attached")
        assert re.search(r"von 24 Fotos benannt, 1 Klasse$", tab.inner_text("#count"))
        assert tab.inner_text("#verdict").startswith("Dieser Stapel ist zu klein")
        for view in ("Vorschläge", "Karte"):
            tab.click(f'nav button:has-text("{view}")')
            tab.wait_for_function("() => !document.body.hasAttribute('aria-busy')")
            tab.wait_for_timeout(200)
            check(tab)
        tab.click("text=Zurück zu tiere")
        tab.click(".unsorted >> text=/\\d+ benannte Fotos? in Klassen einordnen/")
        said(tab, "eingeordnet in 1 Klasse.")
        check(tab)
        tab.select_option("#language", "en")
        tab.wait_for_selector('.class-head button:has-text("Undo")')
        assert tab.evaluate("() => document.documentElement.lang") == "en"
        assert {"undo", "camera", "folder"} <= leftovers(tab)  # what is English is found
        assert tab.get_attribute('.class-head button:has-text("Undo")', "title").startswith("Undo: Put ")
        tab.goto(f"http://{studio.host}/sort/tiere")
        tab.wait_for_selector("#ask:not([hidden]) #photos img", timeout=120_000)
        assert tab.inner_text("nav").split("\n")[0] == "Questions"  # the choice holds on every page

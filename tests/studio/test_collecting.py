"""Photos by words in the studio, from a loopback web: what is asked first, and what comes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from studios import Running, running, wait_for
from tabs import opened, said

from axe import violations
from browser import chromium
from drawing import class_folders
from web.collection import environment
from web.server import Web
from web.services import Shelf, bing, commons, hang, openverse

CONTACT = "me@example.org"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened_browser:
        yield opened_browser


@pytest.fixture
def web(certificates: Path) -> Iterator[Web]:
    with Web(certificates) as running_web:
        yield running_web


@pytest.fixture
def shelf(web: Web) -> Shelf:
    """What both free services find, and a search engine."""
    found = Shelf()
    openverse(web, found)
    commons(web, found)
    bing(web, found)
    return found


@pytest.fixture
def studio(tmp_path: Path, web: Web) -> Iterator[Running]:
    class_folders(tmp_path / "all" / "birds" / "photos", "kite", "wren", photos=2)
    everywhere = str(Path(__file__).parents[1] / "web" / "everywhere")
    path = os.pathsep.join([everywhere, environment()["PYTHONPATH"]])
    place = web.place(tmp_path / "place.json")
    with running(tmp_path / "all", PYTHONPATH=path, TEST_WEB=str(place)) as opened_studio:
        yield opened_studio


def wish(**changes: Any) -> dict[str, Any]:
    usual = {"lines": ["kite"], "sources": ["openverse"], "per_class": 6, "licence": "any", "contact": CONTACT}
    return usual | {"agreed": []} | changes


def ended(studio: Running) -> dict[str, Any]:
    """The newest job, once it is over."""
    over = ("done", "failed", "stopped")
    found = wait_for(lambda: [one for one in studio.look("birds")["jobs"][:1] if one["state"] in over], 90)
    job: dict[str, Any] = found[0]
    return job


def test_what_is_looked_for_comes_into_its_class_with_its_licence(studio: Running, shelf: Shelf, web: Web) -> None:
    shelf.items["kite"] = hang(web, "kite", 10, licence="by-sa")
    shelf.items["an owl"] = hang(web, "an owl", 10)
    studio.do("birds", "collect", **wish(lines=["KITE = kite", " owl = an owl ", ""]))
    job = ended(studio)
    assert job["state"] == "done", job
    assert studio.counts("birds") == {"kite": 8, "owl": 6, "wren": 2}  # the two drawn kites are too small to count
    assert job["collected"]["owl"] == {"goal": 6, "kept": 6}
    assert job["command"] == (
        "whatsit collect photos kite 'owl=an owl' --source openverse --per-class 6 --license any --contact "
        f"{CONTACT}"
    )
    found = studio.ask("/api/birds/sources")[2]
    assert found["contact"] == CONTACT
    assert found["licences"] == [{"name": "by-sa", "count": 12}]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"contact": " "}, "whom to write to"),
        ({"sources": []}, "No source"),
        ({"sources": ["folder"]}, "No source"),
        ({"sources": ["bing"]}, "terms of bing were not agreed to"),
        ({"lines": ["  "]}, "Nothing is named"),
        ({"lines": ["kite", "Kite = red kite"]}, "named twice"),
        ({"lines": ["../x"]}, "character"),
        ({"per_class": 0}, "cannot be wanted"),
        ({"per_class": "6"}, "lacks"),
        ({"licence": "mine"}, "licences"),
    ],
)
def test_nobody_is_asked_before_all_is_said(
    studio: Running, web: Web, changes: dict[str, Any], sentence: str
) -> None:
    status, _, answer = studio.ask("/api/birds/collect", wish(**changes))
    assert (status, sentence in answer["error"]) == (400, True), answer
    assert studio.look("birds")["jobs"] == []
    assert web.requests == []


def test_terms_are_agreed_to_once(studio: Running, shelf: Shelf, web: Web) -> None:
    shelf.items["kite"] = hang(web, "kite", 8)
    sources = {one["name"]: one for one in studio.ask("/api/birds/sources")[2]["sources"]}
    assert "terms of use" in sources["bing"]["terms"]
    assert not sources["bing"]["agreed"]
    studio.do("birds", "collect", **wish(sources=["bing"], agreed=["bing"]))
    assert ended(studio)["state"] == "done"
    assert {one["name"]: one["agreed"] for one in studio.ask("/api/birds/sources")[2]["sources"]}["bing"]
    studio.do("birds", "collect", **wish(sources=["bing"], per_class=7))
    assert ended(studio)["state"] == "done"
    assert studio.counts("birds")["kite"] == 9


def test_a_service_that_does_not_answer_is_said(studio: Running) -> None:
    studio.do("birds", "collect", **wish(lines=["owl"]))
    job = ended(studio)
    assert (job["state"], "No source gave an answer" in job["sentence"]) == ("failed", True)
    assert studio.counts("birds") == {"kite": 2, "wren": 2}


def test_photos_by_words_in_a_browser(browser: Any, studio: Running, shelf: Shelf, web: Web) -> None:
    shelf.items["kite"] = hang(web, "kite", 10, licence="by")
    shelf.items["wren"] = hang(web, "wren", 10)
    tab = opened(browser, studio, "birds/photos", bypass_csp=True, reduced_motion="reduce")
    tab.click("text=Look for photos by words")
    tab.wait_for_selector("#what")
    assert tab.input_value("#what") == "kite\nwren"
    tab.fill('input[type="number"]', "5")
    tab.fill('.pair input[type="text"]', CONTACT)
    tab.check('.source:has-text("Bing\'s pictures of the whole") input')
    assert tab.is_disabled('button:has-text("Look for photos")')  # its terms stand there now
    assert violations(tab) == []
    tab.uncheck('.source:has-text("Bing\'s pictures of the whole") input >> nth=0')
    tab.click('button:has-text("Look for photos")')
    said(tab, "It looks for photos")
    tab.wait_for_selector('.job h2:has-text("What came of it")', timeout=60_000)
    tab.wait_for_selector('.yield li:has-text("wren"):has-text("of 5")')
    tab.wait_for_selector("#licences")
    assert violations(tab) == []
    assert tab.evaluate("() => document.documentElement.scrollWidth <= innerWidth")

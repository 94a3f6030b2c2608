"""The review page for several labels a photo, in a real browser: by keys, by touch, for a screen reader."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from axe import violations
from browser import chromium
from reviewing import Reviewing, reviewing
from whatsit.data.catalog import Finding, open_catalog
from whatsit.data.decisions import apply_decisions
from whatsit.data.readers import read
from whatsit.files import write_csv
from whatsit.image import encode_png

LABELS = ("beach", "boats", "people")
SAID = ("beach", "beach;boats", "boats", "", "beach;?people", "boats;?beach", "people", "beach;people")


def write_set(folder: Path, said: tuple[str, ...] = SAID) -> Path:
    """A table of small photos with these labels."""
    (folder / "photos").mkdir(parents=True)
    rows = []
    for number, labels in enumerate(said):
        pixels = np.random.default_rng(number).integers(0, 255, (24, 32, 3)).astype(np.uint8)
        (folder / f"photos/{number}.png").write_bytes(encode_png(pixels))
        rows.append({"path": f"photos/{number}.png", "labels": labels})
    write_csv(folder / "labels.csv", ("path", "labels"), rows)
    return folder / "labels.csv"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_set(tmp_path / "set")


@pytest.fixture
def doubted(table: Path) -> Path:
    """The set, in which cleaning found labels that are likely missing or wrong."""
    missing = {"labels": {"people": False, "boats": True}, "probabilities": {"people": 0.97, "boats": 0.04}}
    wrong = {"labels": {"people": True}, "probabilities": {"people": 0.02}}
    with open_catalog(table.parent) as catalog:
        catalog.put_findings(
            [],
            [
                Finding("photos/1.png", "suspect-label", "likely", 0.03, 0.5, "looks like people", missing),
                Finding("photos/6.png", "suspect-label", "likely", 0.02, 0.5, "marked people", wrong),
                Finding("photos/7.png", "suspect-label", "likely", 0.2, 0.5, "marked people", wrong),
            ],
        )
    return table


def opened(browser: Any, running: Reviewing, **options: Any) -> Any:
    tab = browser.new_context(**options).new_page()
    tab.on("pageerror", lambda error: pytest.fail(str(error)))
    tab.goto(running.address)
    tab.wait_for_selector(".cell img")
    tab.wait_for_function("() => document.querySelector('.cell').getAttribute('aria-label').includes('.png')")
    return tab


def heard(tab: Any, text: str) -> None:
    tab.wait_for_function("text => document.getElementById('news').textContent.includes(text)", arg=text)


def chips(tab: Any) -> dict[str, str]:
    """What the strip says of the photos at hand: has, not, some, unseen."""
    return {
        one.query_selector("bdi").text_content(): one.get_attribute("data-says")
        for one in tab.query_selector_all("#chips .chip")
    }


def cells(tab: Any) -> list[str]:
    return [
        " ".join(one.get_attribute("data-text") for one in cell.query_selector_all("p > *"))
        for cell in tab.query_selector_all(".cell")
    ]


def names(tab: Any) -> list[str]:
    return [one.get_attribute("aria-label").split(",")[0] for one in tab.query_selector_all(".cell")]


def trained(table: Path) -> dict[str, str]:
    """What training sees: the labels of each photo."""
    dataset = apply_decisions(read(table))
    return {name: dataset.written(row) for row, name in enumerate(dataset.photos.names)}


def counted(photos: int) -> str:
    return "1 photo" if photos == 1 else f"{photos} photos"


def go_to(tab: Any, name: str) -> None:
    """Put the keyboard on a photo."""
    tab.keyboard.press("Home")
    for _ in range(len(SAID)):
        if name in tab.text_content("#about"):
            return
        tab.keyboard.press("ArrowRight")
    pytest.fail(f"{name} is not there")


def test_digits_give_and_take_labels_and_undo_takes_back_a_key_press(browser: Any, table: Path) -> None:
    with reviewing(table) as running:
        tab = opened(browser, running)
        go_to(tab, "photos/0.png")
        assert chips(tab) == {"beach": "has", "boats": "not", "people": "not"}
        tab.keyboard.press("2")
        tab.keyboard.press("1")
        heard(tab, "without beach")
        assert chips(tab) == {"beach": "not", "boats": "has", "people": "not"}
        assert trained(table)["photos/0.png"] == "boats"
        tab.keyboard.press("z")
        heard(tab, "Undone")
        assert trained(table)["photos/0.png"] == "beach;boats"
        tab.keyboard.press("z")
        tab.keyboard.press("z")
        heard(tab, "nothing more to undo")
        assert trained(table)["photos/0.png"] == "beach"


def test_what_nobody_looked_for_is_shown_and_can_be_said(browser: Any, table: Path) -> None:
    with reviewing(table) as running:
        tab = opened(browser, running)
        go_to(tab, "photos/4.png")
        assert chips(tab)["people"] == "unseen"
        assert tab.text_content("#chips .chip:nth-child(3)") == "people, nobody looked3"
        assert "nobody looked for people" in tab.get_attribute(".cell.here", "aria-label")
        tab.keyboard.press("3")
        heard(tab, "now with people")
        assert trained(table)["photos/4.png"] == "beach;people"
        tab.keyboard.press("3")
        heard(tab, "now without people")
        assert (chips(tab)["people"], trained(table)["photos/4.png"]) == ("not", "beach")
        tab.keyboard.press("Shift+Digit3")
        heard(tab, "nobody looked for people")
        assert (chips(tab)["people"], trained(table)["photos/4.png"]) == ("unseen", "beach;?people")


def test_a_label_goes_to_all_selected_photos_in_one_press(browser: Any, table: Path) -> None:
    with reviewing(table) as running:
        tab = opened(browser, running)
        tab.keyboard.press("Home")
        tab.keyboard.press("Shift+End")
        assert chips(tab)["beach"] == "some"
        assert tab.get_attribute("#chips .chip", "aria-pressed") == "mixed"
        tab.keyboard.press("1")
        heard(tab, "8 photos now with beach")
        assert chips(tab)["beach"] == "has"
        assert all("beach" in labels.split(";") for labels in trained(table).values())
        tab.keyboard.press("1")
        heard(tab, "8 photos now without beach")
        tab.keyboard.press("z")
        heard(tab, "Undone for 8 photos")
        tab.keyboard.press("z")
        tab.keyboard.press("z")
        heard(tab, "nothing more to undo")
        assert trained(table) == dict(zip((f"photos/{row}.png" for row in range(8)), SAID, strict=True))


def test_keep_and_leave_out_leave_the_labels_as_they_were_put_right(browser: Any, table: Path) -> None:
    with reviewing(table) as running:
        tab = opened(browser, running)
        go_to(tab, "photos/3.png")
        tab.keyboard.press("2")
        tab.keyboard.press("x")
        heard(tab, "left out")
        assert "photos/3.png" not in trained(table)
        go_to(tab, "photos/3.png")
        tab.keyboard.press("k")
        heard(tab, "kept")
        assert trained(table)["photos/3.png"] == "boats"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"sought": "has", "sought-label": "beach"}, {0, 1, 4, 7}),
        ({"sought": "has", "sought-label": "beach", "sought-without": "boats"}, {0, 4, 7}),
        ({"sought": "none"}, {3}),
        ({"sought": "unseen", "sought-label": "people"}, {4}),
    ],
    ids=["has", "has but not", "none", "nobody looked"],
)
def test_photos_are_chosen_by_their_labels(
    browser: Any, table: Path, query: dict[str, str], wanted: set[int]
) -> None:
    with reviewing(table) as running:
        tab = opened(browser, running)
        for part, value in query.items():
            if part == "sought":
                tab.select_option("#sought", value)
            else:
                tab.fill(f"#{part}", value)
                tab.keyboard.press("Enter")
        heard(tab, f"{counted(len(wanted))} in all photos, as chosen")
        tab.wait_for_function("() => document.querySelector('.cell').getAttribute('aria-label').includes('.png')")
        assert set(names(tab)) == {f"photos/{row}.png" for row in wanted}
        tab.reload()
        heard(tab, f"{counted(len(wanted))} in all photos, as chosen")


def test_what_is_chosen_follows_what_was_decided(browser: Any, table: Path) -> None:
    with reviewing(table) as running:
        tab = opened(browser, running)
        go_to(tab, "photos/3.png")
        tab.keyboard.press("1")
        heard(tab, "now with beach")
        tab.select_option("#sought", "none")
        heard(tab, "0 photos in all photos, as chosen")
        tab.keyboard.press("Escape")
        tab.select_option("#sought", "")
        heard(tab, "8 photos in all photos")


def test_a_label_that_is_not_there_is_said(browser: Any, table: Path) -> None:
    with reviewing(table) as running:
        tab = opened(browser, running)
        tab.select_option("#sought", "has")
        tab.fill("#sought-label", "ships")
        tab.keyboard.press("Enter")
        tab.wait_for_function(
            "() => document.getElementById('trouble').textContent.includes(\"no label 'ships'\")"
        )


def test_proposals_come_first_and_keys_accept_and_refuse_them(browser: Any, doubted: Path) -> None:
    with reviewing(doubted) as running:
        tab = opened(browser, running)
        assert tab.get_attribute("#queues [aria-current=true]", "data-name") == "suspect-label"
        assert "3 to decide" in tab.text_content("#queues [aria-current=true]")
        assert names(tab) == ["photos/6.png", "photos/1.png", "photos/7.png"]
        assert tab.text_content("#proposed") == "Marked people, but does not look like it (2\u202f%)."
        tab.keyboard.press("a")
        heard(tab, "now without people")
        assert tab.text_content("#proposed") == "Looks like people (97\u202f%), but is not marked so."
        tab.keyboard.press("a")
        heard(tab, "now with people")
        assert tab.text_content("#proposed") == "Marked boats, but does not look like it (4\u202f%)."
        tab.keyboard.press("r")
        heard(tab, "now with boats")
        assert trained(doubted)["photos/1.png"] == "beach;boats;people"
        assert trained(doubted)["photos/6.png"] == ""
        tab.reload()
        tab.wait_for_selector(".cell.here img")
        assert "1 to decide" in tab.text_content("#queues [aria-current=true]")
        tab.wait_for_function("() => document.getElementById('about').textContent.includes('photos/7.png')")
        tab.keyboard.press("k")
        heard(tab, "kept")
        assert trained(doubted)["photos/7.png"] == "beach;people"
        assert tab.is_hidden("#proposal")


def test_one_key_answers_the_same_proposal_of_all_selected_photos(browser: Any, doubted: Path) -> None:
    with reviewing(doubted) as running:
        tab = opened(browser, running)
        tab.keyboard.press("Shift+End")
        tab.keyboard.press("Home")
        tab.keyboard.press("Shift+End")
        tab.keyboard.press("r")
        heard(tab, "2 photos now with people")
        assert cells(tab)[1].startswith("+ people? − boats?")
        assert [trained(doubted)[f"photos/{row}.png"] for row in (6, 7)] == ["people", "beach;people"]


def test_what_was_decided_is_there_after_kill_9(browser: Any, table: Path) -> None:
    with reviewing(table) as running:
        tab = opened(browser, running)
        go_to(tab, "photos/3.png")
        tab.keyboard.press("1")
        heard(tab, "now with beach")
        running.kill()
        tab.keyboard.press("2")
        tab.wait_for_function("() => document.getElementById('trouble').textContent.includes('does not answer')")
        assert chips(tab)["boats"] == "not"
    assert trained(table)["photos/3.png"] == "beach"
    with reviewing(table) as running:
        tab = opened(browser, running)
        tab.click("#queues [data-name=relabelled]")
        heard(tab, "1 photo in labels changed")
        tab.keyboard.press("z")
        heard(tab, "Undone for 1 photo.")
    assert trained(table)["photos/3.png"] == ""


def test_two_windows_write_different_labels_of_one_photo(browser: Any, table: Path) -> None:
    with reviewing(table) as running:
        first, second = opened(browser, running), opened(browser, running)
        for tab in (first, second):
            go_to(tab, "photos/3.png")
        first.keyboard.press("1")
        second.keyboard.press("2")
        heard(first, "now with beach")
        heard(second, "now with boats")
        first.wait_for_function("() => document.querySelectorAll('#chips [data-says=has]').length === 2")
        second.wait_for_function("() => document.querySelectorAll('#chips [data-says=has]').length === 2")
        assert trained(table)["photos/3.png"] == "beach;boats"


def test_by_touch_chips_give_and_take_labels(browser: Any, table: Path) -> None:
    with reviewing(table) as running:
        tab = opened(browser, running, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
        tab.query_selector_all(".cell")[0].tap()
        tab.query_selector_all(".cell")[1].tap()
        tab.tap("#chips .chip:nth-child(3)")
        heard(tab, "2 photos now with people")
        assert sum("people" in labels for labels in trained(table).values()) >= 4
        tab.tap("#larger")
        tab.wait_for_selector("#large[open] #chips .chip")
        tab.tap("#large #chips .chip:nth-child(3)")
        heard(tab, "now without people")


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A set of 2,000 labels, of which one photo has 200."""
    labels = [f"label {number:04}" for number in range(2000)]
    said = [";".join(labels[100:300]), *(";".join(labels[place : place + 50]) for place in range(0, 2000, 50))]
    return write_set(tmp_path / "many", tuple(said))


def test_two_thousand_labels_are_found_by_typing(browser: Any, many: Path) -> None:
    with reviewing(many) as running:
        tab = opened(browser, running)
        go_to_first = "() => document.getElementById('about').textContent.includes('photos/0.png')"
        while not tab.evaluate(go_to_first):
            tab.keyboard.press("ArrowRight")
        assert len(tab.query_selector_all("#chips button")) < 30
        assert tab.text_content("#more") == "and 179 more"
        assert tab.is_visible("#more")
        tab.keyboard.press("/")
        tab.keyboard.type("1999")
        tab.wait_for_function("() => document.querySelectorAll('.hit').length === 1")
        tab.keyboard.press("Enter")
        heard(tab, "now with label 1999")
        tab.keyboard.type("label 0150")
        tab.keyboard.press("Enter")
        heard(tab, "now without label 0150")
        tab.keyboard.press("Shift+Enter")
        heard(tab, "nobody looked for label 0150")
        tab.keyboard.press("Escape")
        assert tab.evaluate("() => document.activeElement.id") == "pane"
        now = trained(many)["photos/0.png"].split(";")
        assert len(now) == 201
        assert {"label 1999", "?label 0150"} <= set(now)
        tab.click("#more")
        assert len(tab.query_selector_all(".hit")) > 50
        tab.fill("#search", "nothing like it")
        assert tab.text_content("#hits") == "no such label"


@pytest.mark.parametrize(
    "look",
    [
        {"viewport": {"width": 1280, "height": 900}},
        {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
        {"color_scheme": "dark"},
    ],
    ids=["desk", "phone", "dark"],
)
def test_it_has_no_fault_that_axe_knows(browser: Any, doubted: Path, look: dict[str, Any]) -> None:
    with reviewing(doubted) as running:
        tab = opened(browser, running, bypass_csp=True, **look)
        assert violations(tab) == []
        tab.select_option("#sought", "has")
        tab.click("#search")
        tab.keyboard.type("b")
        assert violations(tab) == []
        assert tab.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        tab.keyboard.press("Escape")
        tab.click("#larger")
        tab.wait_for_selector("#large[open] img")
        assert violations(tab) == []
        assert tab.evaluate("() => document.getElementById('large').scrollWidth <= innerWidth")
        tab.click("#large [data-key=close]")
        share = tab.evaluate("() => document.getElementById('pane').clientHeight / innerHeight")
        assert share > 0.6  # the photos have the room


def test_the_server_refuses_what_is_no_decision_about_a_label(table: Path) -> None:
    with reviewing(table) as running:
        for body in (
            {"photos": [0], "decision": "has", "label": "ships"},
            {"photos": [0], "decision": "relabel", "label": "beach"},
            {"photos": [0], "decision": "has", "label": ""},
        ):
            status, _, answer = running.ask("/api/decide", body)
            assert (status, bool(json.loads(json.dumps(answer))["error"])) == (400, True)
        assert trained(table)["photos/0.png"] == "beach"

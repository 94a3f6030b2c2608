"""`whatsit review` of a pile: a page on which it is named, in a real browser and over HTTP."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from axe import violations
from reviewing import Reviewing, reviewing
from screens import RTL, find_faults
from whatsit.data.catalog import open_catalog
from whatsit.data.decisions import apply_decisions
from whatsit.data.readers import read


def opened(browser: Any, running: Reviewing, **options: Any) -> Any:
    tab = browser.new_context(**options).new_page()
    tab.on("pageerror", lambda error: pytest.fail(str(error)))
    tab.goto(running.address)
    tab.wait_for_selector("#ask:not([hidden]) #photos img", timeout=120_000)
    return tab


def names_shown(tab: Any, order: list[str]) -> list[str]:
    rows = [
        int(re.search(r"photo/(\d+)", one.get_attribute("src"))[1])
        for one in tab.query_selector_all("#photos img")
    ]
    return [order[row] for row in rows]


def settled(tab: Any) -> None:
    tab.wait_for_function("() => !document.body.hasAttribute('aria-busy')")


def answer(tab: Any, truth: dict[str, str], order: list[str]) -> None:
    """What is asked, answered truthfully: what does not belong is pressed first."""
    if tab.is_visible("#more"):
        tab.click("#more")
    kinds = [truth[name] for name in names_shown(tab, order)]
    suggested = re.fullmatch(r"Are these all (.+)\?", tab.inner_text("#asked"))
    often = suggested[1] if suggested else max(sorted(set(kinds)), key=kinds.count)
    for kind, shot in zip(kinds, tab.query_selector_all("#photos .shot"), strict=False):
        if kind != often:
            shot.click()
    known = tab.query_selector_all("#answers button")
    button = next((one for one in known if one.inner_text().split("\n")[0].split(" ")[0] == often), None)
    if suggested:
        tab.keyboard.press("Enter")
    elif button:
        button.click()
    else:
        tab.fill("#name", often)
        tab.press("#name", "Enter")
    settled(tab)


def test_a_pile_is_named_from_the_first_group_to_the_last_photo(
    browser: Any, pile: tuple[Path, dict[str, str]]
) -> None:
    folder, truth = pile
    order = sorted(truth)
    with reviewing(folder) as running:
        tab = opened(browser, running)
        for _ in range(80):
            if tab.inner_text("#asked").startswith("Every photo"):
                break
            answer(tab, truth, order)
        assert tab.inner_text("#asked") == "Every photo is named."
        assert tab.inner_text("#count") == "48 of 48 photos named, 3 classes"
        assert tab.inner_text("#trouble") == ""
    dataset = apply_decisions(read(folder))
    assert {name: dataset.written(row) for row, name in enumerate(dataset.photos.names)} == truth


def test_none_of_these_is_said_only_once_there_are_classes_and_what_was_done_is_shown(
    browser: Any, pile: tuple[Path, dict[str, str]]
) -> None:
    folder, truth = pile
    with reviewing(folder) as running:
        tab = opened(browser, running)
        assert "None of these" not in tab.inner_text("#answers")
        tab.click("#asked")
        tab.keyboard.press("0")  # which is no answer yet
        assert tab.inner_text("#count").startswith("0 of 48 photos named")
        while tab.query_selector_all("#answers .button:has-text('None of these')") == []:
            answer(tab, truth, sorted(truth))
        assert re.search(r"\d+ photos? named “\w+”\.", tab.inner_text("#news"))
        tab.click("#undo")
        settled(tab)
        assert tab.inner_text("#news") == "Taken back."


def test_the_command_that_trains_on_what_is_named_is_there_to_be_copied(
    browser: Any, pile: tuple[Path, dict[str, str]]
) -> None:
    folder, truth = pile
    with reviewing(folder) as running:
        tab = opened(browser, running)
        assert tab.is_hidden("#command")
        while tab.is_hidden("#command"):
            answer(tab, truth, sorted(truth))
        assert tab.inner_text("#command pre") == f"whatsit train {folder}"
        tab.click("#command .copy")
        tab.wait_for_function("() => document.querySelector('#command .copy').textContent !== 'Copy'")
        assert tab.inner_text("#command .copy") in ("Copied", "Selected: press Ctrl+C")


def test_undo_takes_an_answer_back_and_a_reload_shows_what_was_saved(
    browser: Any, pile: tuple[Path, dict[str, str]]
) -> None:
    folder, truth = pile
    with reviewing(folder) as running:
        tab = opened(browser, running)
        for _ in range(3):
            answer(tab, truth, sorted(truth))
        said = tab.inner_text("#count")
        answer(tab, truth, sorted(truth))
        assert tab.inner_text("#count") != said
        tab.click("#asked")
        tab.keyboard.press("z")
        settled(tab)
        assert tab.inner_text("#count") == said
        running.kill()
    with reviewing(folder) as again:
        assert opened(browser, again).inner_text("#count") == said


@pytest.mark.parametrize(
    "screen",
    [
        {"viewport": {"width": 1280, "height": 850}},
        {"viewport": {"width": 390, "height": 800}, "color_scheme": "dark"},
    ],
    ids=["desk, light", "phone, dark"],
)
def test_each_view_is_accessible_and_fits_the_screen(
    browser: Any, pile: tuple[Path, dict[str, str]], screen: dict[str, Any]
) -> None:
    folder, truth = pile
    first = min(truth.values())
    truth = {name: RTL if kind == first else kind for name, kind in truth.items()}
    with reviewing(folder) as running:
        tab = opened(browser, running, bypass_csp=True, **screen)
        for _ in range(5):
            answer(tab, truth, sorted(truth))
        for view in ("ask", "suggestions", "map"):
            tab.click(f"[data-view={view}]")
            tab.wait_for_selector(f"#{view}:not([hidden])")
            assert violations(tab) == []
            assert find_faults(tab, RTL) == []


def test_answers_over_http_are_checked_and_kept(pile: tuple[Path, dict[str, str]]) -> None:
    folder, _ = pile
    with reviewing(folder) as running:
        state = wait_until_open(running)
        assert state["question"]["kind"] == "group"
        status, _, after = running.ask("/api/answer", {"photos": [0, 1], "class": "disc"})
        assert (status, after["named"]) == (200, 2)
        for wrong in (
            {"photos": [], "class": "disc"},
            {"photos": ["0"], "class": "disc"},
            {"photos": [True], "class": "disc"},
            {"photos": [48], "class": "disc"},
            {"photos": [0], "class": 3},
            {"photos": [0], "class": " "},
            {"photos": [0], "class": "DISC"},
            {"class": "disc"},
            [],
        ):
            status, _, refused = running.ask("/api/answer", wrong)
            assert status == 400, wrong
            assert set(refused) == {"error", "hint"}
        assert running.ask("/api/suggestions?class=nothing")[0] == 400
        for path in ("/photo/48", "/photo/0?side=9999", "/nothing"):
            assert running.ask(path)[0] == 404
        assert running.ask("/photo/0")[1]["content-type"] == "image/jpeg"
        assert running.ask("/api/state", Cookie="")[0] == 403
        assert (
            running.ask("/api/answer", {"photos": [0], "class": "x"}, Origin="http://elsewhere.example")[0] == 403
        )
    with open_catalog(folder) as catalog:
        assert sorted(one.label for one in catalog.decisions().values()) == ["disc", "disc"]


def wait_until_open(running: Reviewing) -> dict[str, Any]:
    for _ in range(600):
        state: dict[str, Any] = running.ask("/api/state")[2]
        if "opening" not in state:
            return state
        assert not state["opening"]["trouble"]
        time.sleep(0.2)
    raise AssertionError("the pile was not opened")


def test_a_pile_without_a_photo_that_can_be_read_says_so_on_the_page(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    with reviewing(tmp_path) as running:
        for _ in range(100):
            trouble = running.ask("/api/state")[2]["opening"]["trouble"]
            if trouble:
                break
            time.sleep(0.2)
        assert "no photo" in trouble
        assert "broken.jpg" in trouble

"""`whatsit review PILE --labels several`: photos get several labels each, in a real browser and over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from axe import violations
from reviewing import reviewing
from sorting.drawn import draw_label_pile, draw_pile
from sorting.test_sorting_page import names_shown, opened, settled, wait_until_open
from whatsit.data.catalog import HAS, open_catalog
from whatsit.data.decisions import apply_decisions
from whatsit.data.readers import read

SEVERAL = ("--labels", "several")


@pytest.fixture
def pile(tmp_path: Path) -> tuple[Path, dict[str, list[str]]]:
    truth = draw_label_pile(tmp_path / "pile")
    return tmp_path / "pile", truth


def pressed(tab: Any) -> set[str]:
    return {one.get_attribute("data-label") for one in tab.query_selector_all("#answers [aria-pressed=true]")}


def known(tab: Any) -> list[str]:
    return [one.get_attribute("data-label") for one in tab.query_selector_all("#answers [aria-pressed]")]


def answer(tab: Any, truth: dict[str, list[str]]) -> None:
    """What a photo shows, by the keys; labels that are new by typing."""
    (name,) = names_shown(tab, sorted(truth))
    for label in truth[name]:
        if label not in known(tab):
            tab.fill("#name", label)
            tab.press("#name", "Enter")
    tab.click("#asked")
    for label in pressed(tab) ^ set(truth[name]):
        tab.keyboard.press(str(known(tab).index(label) + 1))
    assert pressed(tab) == set(truth[name])
    tab.keyboard.press("Enter")
    settled(tab)


def test_a_pile_gets_its_labels_from_the_first_photo_to_the_last(
    browser: Any, pile: tuple[Path, dict[str, list[str]]]
) -> None:
    folder, truth = pile
    with reviewing(folder, *SEVERAL) as running:
        tab = opened(browser, running)
        assert tab.inner_text("#asked") == "What does it show?"
        assert not tab.query_selector("#answers button")  # of no label known a photo is not "none"
        tab.fill("#name", "squares")
        tab.press("#name", "Enter")
        assert pressed(tab) == {"squares"}
        for _ in truth:
            answer(tab, truth)
        assert tab.inner_text("#asked") == "Every photo is named."
        assert tab.inner_text("#count") == "24 of 24 photos answered, 3 labels; 2 show none"
        assert tab.inner_text("#trouble") == ""
    dataset = apply_decisions(read(folder))
    there = {name: set(dataset.written(row).split(";")) for row, name in enumerate(dataset.photos.names)}
    first = {
        name: {label for label in labels if not label.startswith("?")} - {""} for name, labels in there.items()
    }
    assert first == {name: set(labels) for name, labels in truth.items()}


def test_undo_and_a_reload_go_on_where_it_was(browser: Any, pile: tuple[Path, dict[str, list[str]]]) -> None:
    folder, truth = pile
    with reviewing(folder, *SEVERAL) as running:
        tab = opened(browser, running)
        tab.fill("#name", "disc")
        tab.press("#name", "Enter")
        for _ in range(3):
            answer(tab, truth)
        said = tab.inner_text("#count")
        answer(tab, truth)
        assert tab.inner_text("#count") != said
        tab.keyboard.press("z")
        settled(tab)
        assert tab.inner_text("#count") == said
        running.kill()
    with reviewing(folder) as again:  # it was begun with several labels, and nobody has to say so again
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
    browser: Any, pile: tuple[Path, dict[str, list[str]]], screen: dict[str, Any]
) -> None:
    folder, truth = pile
    with reviewing(folder, *SEVERAL) as running:
        tab = opened(browser, running, bypass_csp=True, **screen)
        tab.fill("#name", "a label that is called rather long, so that it has to break somewhere")
        tab.press("#name", "Enter")
        for _ in range(8):
            answer(tab, truth)
        for view in ("ask", "suggestions", "map"):
            tab.click(f"[data-view={view}]")
            tab.wait_for_selector(f"#{view}:not([hidden])")
            assert violations(tab) == []
            assert tab.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_suggestions_of_a_label_are_confirmed_and_refused_at_once(
    browser: Any, pile: tuple[Path, dict[str, list[str]]]
) -> None:
    folder, truth = pile
    with reviewing(folder, *SEVERAL) as running:
        tab = opened(browser, running)
        tab.fill("#name", "disc")
        tab.press("#name", "Enter")
        for _ in range(10):
            answer(tab, truth)
        tab.click("[data-view=suggestions]")
        tab.wait_for_selector("#guesses .shot")
        shown = len(tab.query_selector_all("#guesses .shot"))
        chosen = tab.inner_text("#kinds [aria-pressed=true] bdi")
        tab.click("#guesses .shot")  # the first does not show it
        tab.click("#confirm")
        settled(tab)
        assert tab.inner_text("#trouble") == ""
    with open_catalog(folder) as catalog:
        made = [marks[chosen] for marks in catalog.label_decisions().values() if chosen in marks]
    suggested = [one for one in made if one.why == "as suggested"]
    assert len(suggested) == shown
    assert sum(one.decision == HAS for one in suggested) == shown - 1


def test_answers_over_http_are_checked_and_kept(pile: tuple[Path, dict[str, list[str]]]) -> None:
    folder, _ = pile
    with reviewing(folder, *SEVERAL) as running:
        assert wait_until_open(running)["several"] is True
        status, _, after = running.ask("/api/answer", {"photos": [0], "labels": ["disc", "squares"]})
        assert (status, after["named"], len(after["classes"])) == (200, 1, 2)
        for wrong in (
            {"photos": [], "labels": ["disc"]},
            {"photos": [0], "labels": "disc"},
            {"photos": [0], "labels": [3]},
            {"photos": [0], "labels": None},
            {"photos": [0], "labels": ["DISC"]},
            {"photos": [0], "labels": ["a;b"]},
            {"photos": [0], "labels": ["disc"], "without": [3]},
            {"photos": [24], "labels": ["disc"]},
            {"photos": [1], "class": "disc", "others": ["2"]},
            {"photos": [], "class": "disc", "others": [99]},
        ):
            status, _, refused = running.ask("/api/answer", wrong)
            assert status == 400, wrong
            assert set(refused) == {"error", "hint"}
        assert running.ask("/api/state")[2]["named"] == 1


def test_a_pile_of_one_class_each_takes_no_labels(tmp_path: Path) -> None:
    draw_pile(tmp_path / "pile", each=3)
    with reviewing(tmp_path / "pile") as running:
        wait_until_open(running)
        for body in ({"photos": [0], "labels": ["disc"]}, {"photos": [0], "class": "disc", "others": [1]}):
            status, _, refused = running.ask("/api/answer", body)
            assert status == 400
            assert "one class each" in refused["error"]


def test_the_way_it_was_not_begun_is_refused_before_the_page_opens(
    pile: tuple[Path, dict[str, list[str]]],
) -> None:
    import subprocess
    import sys

    folder, _ = pile
    with reviewing(folder, *SEVERAL) as running:
        wait_until_open(running)
        running.ask("/api/answer", {"photos": [0], "labels": ["disc"]})
    command = [sys.executable, "-m", "whatsit", "review", str(folder), "--labels", "one"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "were given several labels" in done.stderr

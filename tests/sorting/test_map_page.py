"""The map of a pile in a real browser: it is moved and enlarged, and what a ring is drawn around is named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from axe import violations
from reviewing import reviewing
from screens import find_faults
from sorting.drawn import draw_label_pile
from sorting.test_sorting_page import answer, opened, settled
from whatsit.data.catalog import HAS, open_catalog
from whatsit.data.decisions import apply_decisions
from whatsit.data.readers import read

PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "color_scheme": "dark"}
# the share of the map's pixels that are not its ground
INKED = """
() => {
  const plane = document.getElementById("plane");
  const { data } = plane.getContext("2d").getImageData(0, 0, plane.width, plane.height);
  let inked = 0;
  for (let place = 3; place < data.length; place += 4) inked += data[place] > 0;
  return (4 * inked) / data.length;
}
"""
# where some photo lies, from the map's corner
INKED_AT = """
() => {
  const plane = document.getElementById("plane");
  const { data } = plane.getContext("2d").getImageData(0, 0, plane.width, plane.height);
  const at = data.findIndex((value, place) => place % 4 === 3 && value > 0) >> 2;
  return [at % plane.width, Math.floor(at / plane.width)];
}
"""


def show_map(tab: Any) -> None:
    tab.click("[data-view=map]")
    tab.wait_for_function(f"() => ({INKED})() > 0")


def corners(tab: Any, inset: float) -> list[tuple[float, float]]:
    """The corners of the map, so many pixels within; further out where that is below nothing."""
    box = tab.query_selector("#plane").bounding_box()
    left, top = box["x"] + inset, box["y"] + inset
    right, bottom = box["x"] + box["width"] - inset, box["y"] + box["height"] - inset
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def around_all(tab: Any) -> list[tuple[float, float]]:
    """A ring around the whole map, which begins on it: its corners are round."""
    return [corners(tab, 14)[0], *corners(tab, -6)]


def draw_ring(tab: Any, points: Sequence[tuple[float, float]]) -> None:
    tab.query_selector("#plane").scroll_into_view_if_needed()
    tab.mouse.move(*points[0])
    tab.mouse.down()
    for point in [*points[1:], points[0]]:
        tab.mouse.move(*point, steps=4)
    tab.mouse.up()


def test_what_a_ring_is_drawn_around_is_named_in_one_go(browser: Any, pile: tuple[Path, dict[str, str]]) -> None:
    folder, truth = pile
    with reviewing(folder) as running:
        tab = opened(browser, running, viewport={"width": 1280, "height": 1100})
        answer(tab, truth, sorted(truth))
        named = int(re.match(r"\d+", tab.inner_text("#count"))[0])
        show_map(tab)
        tab.click("#ring")
        draw_ring(tab, around_all(tab))
        tab.wait_for_selector("#ask:not([hidden])")
        assert tab.get_attribute("#ring", "aria-pressed") == "false"
        (ringed,) = re.findall(r"(\d+) photos in the ring: what do they show\?", tab.inner_text("#asked"))
        assert 12 < int(ringed) < 48 - named  # all but those that measure, which are asked about by themselves
        first = tab.query_selector("#photos .shot")
        first.click()  # it is something else
        tab.fill("#name", "a new thing")
        tab.press("#name", "Enter")
        settled(tab)
        tab.wait_for_selector("#map:not([hidden])")
        assert tab.inner_text("#news") == f"{int(ringed) - 1} photos named “a new thing”."
        tab.click("#undo")
        settled(tab)
        assert tab.inner_text("#count").startswith(f"{named} of 48")
        assert tab.inner_text("#trouble") == ""


def test_a_ring_around_nothing_is_said_and_one_can_be_left(
    browser: Any, pile: tuple[Path, dict[str, str]]
) -> None:
    folder, _ = pile
    with reviewing(folder) as running:
        tab = opened(browser, running, viewport={"width": 1280, "height": 1100})
        show_map(tab)
        (left, top), *_ = corners(tab, 0)
        tab.keyboard.down("Shift")  # draws one as well
        draw_ring(tab, [(left + 300, top + 300), (left + 304, top + 300), (left + 304, top + 304)])
        tab.keyboard.up("Shift")
        assert tab.inner_text("#ringed") == "There is no photo in the ring that can be named."
        tab.click("#ring")
        draw_ring(tab, around_all(tab))
        tab.wait_for_selector("#ask:not([hidden])")
        tab.keyboard.press("Escape")
        tab.wait_for_selector("#map:not([hidden])")
        tab.click("[data-view=ask]")
        assert "in the ring" not in tab.inner_text("#asked")
        assert tab.inner_text("#count").startswith("0 of 48")


def test_the_map_is_enlarged_and_moved_by_wheel_keys_and_buttons(
    browser: Any, pile: tuple[Path, dict[str, str]]
) -> None:
    folder, _ = pile
    with reviewing(folder) as running:
        tab = opened(browser, running, viewport={"width": 1280, "height": 1100})
        show_map(tab)
        whole = tab.evaluate(INKED)
        place = tab.evaluate(INKED_AT)
        (left, top), *_ = corners(tab, 0)
        at = left + place[0], top + place[1]
        tab.mouse.move(*at)
        for _ in range(4):
            tab.mouse.wheel(0, -120)
        tab.wait_for_function(f"whole => Math.abs(({INKED})() - whole) > 1e-4", arg=whole)
        closer = tab.evaluate(INKED)
        tab.focus("#plane")
        tab.keyboard.press("ArrowLeft")
        tab.mouse.down()
        tab.mouse.move(at[0] + 600, at[1] + 390, steps=5)
        tab.mouse.up()
        assert tab.is_hidden("#found")  # that was no press
        tab.wait_for_function(f"closer => ({INKED})() !== closer", arg=closer)
        tab.click("#whole")
        tab.wait_for_function(f"whole => Math.abs(({INKED})() - whole) < 1e-4", arg=whole)
        tab.click("#closer")
        tab.keyboard.press("0")
        assert violations(tab) == []


def test_on_a_phone_two_fingers_enlarge_it_and_one_draws_a_ring(
    browser: Any, pile: tuple[Path, dict[str, str]]
) -> None:
    folder, _ = pile
    with reviewing(folder) as running:
        tab = opened(browser, running, **PHONE)
        show_map(tab)
        assert find_faults(tab) == []
        whole = tab.evaluate(INKED)
        tab.query_selector("#plane").scroll_into_view_if_needed()
        (left, top), _, (right, bottom), _ = corners(tab, 0)
        touch = tab.context.new_cdp_session(tab)

        def put(kind: str, *points: tuple[float, float]) -> None:
            fingers = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

        middle, across = (top + bottom) / 2, (left + right) / 2
        tab.click("#closer")  # from here on the page does not scroll by it
        put("touchStart", (across - 20, middle), (across + 20, middle))
        for spread in range(30, 150, 15):
            put("touchMove", (across - spread, middle), (across + spread, middle))
        put("touchEnd")
        tab.wait_for_function(f"whole => Math.abs(({INKED})() - whole) > 1e-4", arg=whole)
        tab.click("#whole")
        tab.click("#ring")
        tab.query_selector("#plane").scroll_into_view_if_needed()
        ring = around_all(tab)
        put("touchStart", ring[0])
        for point in [*ring[1:], ring[0]]:
            put("touchMove", point)
        put("touchEnd")
        tab.wait_for_selector("#ask:not([hidden])")
        assert "in the ring: what do they show?" in tab.inner_text("#asked")
        assert find_faults(tab) == []


def test_a_ring_gives_many_photos_one_of_several_labels(browser: Any, tmp_path: Path) -> None:
    folder = tmp_path / "pile"
    draw_label_pile(folder)
    with reviewing(folder, "--labels", "several") as running:
        tab = opened(browser, running, viewport={"width": 1280, "height": 1100})
        tab.fill("#name", "squares")
        tab.press("#name", "Enter")
        tab.click("#asked")
        tab.keyboard.press("Enter")
        settled(tab)
        show_map(tab)
        tab.click("#ring")
        draw_ring(tab, around_all(tab))
        tab.wait_for_selector("#ask:not([hidden])")
        (ringed,) = re.findall(r"(\d+) photos in the ring", tab.inner_text("#asked"))
        tab.click("#answers button:has-text('squares')")
        settled(tab)
        with open_catalog(folder) as catalog:
            marks = catalog.label_decisions()
        assert sum(
            one.get("squares") is not None and one["squares"].decision == HAS for one in marks.values()
        ) >= int(ringed)
    assert len(apply_decisions(read(folder, labels="several"))) > 0

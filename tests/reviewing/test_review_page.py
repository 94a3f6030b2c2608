"""The review page in a real browser, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from axe import violations
from browser import chromium
from photos import scene
from reviewing import Reviewing, reviewing
from screens import PHONE, RTL, find_faults
from whatsit.cleaning.cleaning import clean
from whatsit.data.catalog import Decision, Finding, open_catalog
from whatsit.data.decisions import apply_decisions
from whatsit.data.readers import read
from whatsit.image import encode_jpeg


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(folder: Path) -> Iterator[Reviewing]:
    with reviewing(folder) as running:
        yield running


def opened(browser: Any, running: Reviewing, **options: Any) -> Any:
    tab = browser.new_context(**options).new_page()
    tab.on("pageerror", lambda error: pytest.fail(str(error)))
    tab.goto(running.address)
    tab.wait_for_selector(".cell img")
    return tab


def states(tab: Any) -> list[str]:
    """What each photo's line says, in order."""
    return [cell.text_content() for cell in tab.query_selector_all(".cell p")]


def badges(tab: Any, within: str = "#pane") -> list[str]:
    """What the photos of pairs say becomes of them."""
    return [one.get_attribute("data-text") for one in tab.query_selector_all(f"{within} .badge")]


def said(tab: Any, text: str) -> None:
    tab.wait_for_function("text => document.getElementById('news').textContent.includes(text)", arg=text)


def test_keys_relabel_reject_and_undo_and_a_reload_shows_the_same(browser: Any, page: Reviewing) -> None:
    tab = opened(browser, page)
    tab.keyboard.press("x")
    tab.keyboard.press("2")
    tab.keyboard.press("k")
    said(tab, "kept")
    assert states(tab)[:4] == ["left out · cat", "dog", "kept · cat", "cat"]
    tab.reload()
    tab.wait_for_selector(".cell img")
    tab.click("#queues button[data-name=all]")
    tab.wait_for_function("() => document.querySelectorAll('.cell').length === 12")
    assert states(tab)[:4] == ["left out · cat", "dog", "kept · cat", "cat"]
    for _ in range(3):
        tab.keyboard.press("z")
    tab.keyboard.press("z")
    said(tab, "nothing more to undo")
    assert states(tab)[:3] == ["cat", "cat", "cat"]


def test_shift_and_arrows_select_several(browser: Any, page: Reviewing, folder: Path) -> None:
    tab = opened(browser, page)
    for _ in range(3):
        tab.keyboard.press("Shift+ArrowRight")
    tab.keyboard.press("x")
    said(tab, "4 photos left out")
    assert len(apply_decisions(read(folder))) == 8
    tab.keyboard.press("z")
    said(tab, "Undone for 4 photos")
    assert len(apply_decisions(read(folder))) == 12


def test_what_was_decided_is_there_after_kill_9(browser: Any, folder: Path) -> None:
    with reviewing(folder) as running:
        tab = opened(browser, running)
        tab.keyboard.press("x")
        said(tab, "left out")
        running.kill()
        tab.keyboard.press("x")
        tab.wait_for_function("() => document.getElementById('trouble').textContent.includes('does not answer')")
    with reviewing(folder) as running:
        tab = opened(browser, running)
        assert [cell.text_content() for cell in tab.query_selector_all("#queues button")] == [
            "left out 1",
            "all photos 12",
        ]


def test_a_second_window_shows_what_the_first_decides(browser: Any, page: Reviewing) -> None:
    first, second = opened(browser, page), opened(browser, page)
    first.keyboard.press("x")
    second.wait_for_function("() => document.querySelector('.cell p').textContent === 'left out · cat'")


def test_names_with_quotes_and_html_are_text(browser: Any, folder: Path) -> None:
    name = "\"'><img src=x onerror=document.title='hit'>&lt;b&gt;.jpg"
    (folder / "cat" / name).write_bytes(encode_jpeg(scene(seed=90)[::4, ::4]))
    (folder / "cat" / "0.jpg").rename(folder / "cat" / "<b>bold.jpg")
    (folder / "dog").rename(folder / "<i>dog")
    with reviewing(folder) as running:
        tab = opened(browser, running)
        tab.wait_for_function("() => document.getElementById('about').textContent.includes('<i>dog/0.jpg')")
        tab.keyboard.press("End")
        tab.wait_for_function("() => document.getElementById('about').textContent.includes('cat/<b>bold.jpg')")
        assert tab.title() == "Review pets"
        assert tab.query_selector("#main b, #main i, footer b, footer i") is None
        options = [one.text_content() for one in tab.query_selector_all("#label option")]
        assert options == ["choose", "1 <i>dog", "2 cat"]


def test_of_many_photos_only_those_in_sight_are_in_the_page(browser: Any, tmp_path: Path) -> None:
    for place, label in enumerate(("a", "b")):
        (tmp_path / label).mkdir()
        for number in range(300):
            content = encode_jpeg(scene(24, 24, seed=300 * place + number))
            (tmp_path / label / f"{number:03}.jpg").write_bytes(content)
    with reviewing(tmp_path) as running:
        tab = opened(browser, running, viewport={"width": 800, "height": 600})
        assert len(tab.query_selector_all(".cell")) < 60
        tab.keyboard.press("End")
        tab.wait_for_function("() => document.getElementById('about').textContent.includes('b/299.jpg')")
        assert len(tab.query_selector_all(".cell")) < 60
        active = tab.get_attribute("#pane", "aria-activedescendant")
        assert tab.get_attribute(f"#{active}", "aria-posinset") == "600"


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More photos than a window of a queue has."""
    folder = tmp_path_factory.mktemp("windows")
    for label in ("a", "b"):
        (folder / label).mkdir()
        for number in range(600):
            (folder / label / f"{number:03}.jpg").write_bytes(encode_jpeg(scene(24, 24, seed=number)))
    return folder


def decided(folder: Path) -> set[str]:
    with open_catalog(folder) as catalog:
        return set(catalog.decisions())


def test_photos_that_were_never_in_sight_are_decided_about_too(browser: Any, windows: Path) -> None:
    with reviewing(windows) as running:
        tab = opened(browser, running, viewport={"width": 800, "height": 600})
        tab.keyboard.press("ArrowRight")
        tab.keyboard.press("Shift+End")
        tab.keyboard.press("x")
        said(tab, "1,199 photos left out")
        assert set(read(windows).photos.names) - decided(windows) == {"a/000.jpg"}
        tab.wait_for_function("() => document.querySelector('.cell.here').dataset.decision === 'leave-out'")
        tab.keyboard.press("z")
        said(tab, "Undone for 1,199 photos")
        tab.wait_for_function("() => document.querySelector('.cell.here').dataset.decision === ''")
        assert not decided(windows)


def test_keys_go_on_past_the_end_of_a_window(browser: Any, windows: Path) -> None:
    with reviewing(windows) as running:
        tab = opened(browser, running, viewport={"width": 800, "height": 600})
        for _ in range(4):
            tab.keyboard.press("PageDown")
        tab.keyboard.press("End")
        tab.keyboard.press("x")
        said(tab, "1 photo left out")
        assert decided(windows) == {"b/599.jpg"}
        tab.keyboard.press("z")
        said(tab, "Undone for 1 photo")


def test_a_pane_higher_than_browsers_make_shows_its_first_and_its_last(browser: Any, windows: Path) -> None:
    with reviewing(windows) as running:
        page = browser.new_context(viewport={"width": 800, "height": 600}).new_page()
        lower = ("const HIGHEST = 8_000_000;", "const HIGHEST = 3_000;")

        def change(route: Any) -> None:
            text = route.fetch().text()
            assert lower[0] in text
            route.fulfill(body=text.replace(*lower), content_type="text/javascript")

        page.route("**/review.js*", change)
        page.goto(running.address)
        page.wait_for_selector(".cell img")
        assert page.evaluate("() => document.getElementById('pane').scrollHeight") <= 3100
        page.evaluate(
            "() => { const pane = document.getElementById('pane'); pane.scrollTop = pane.scrollHeight; }"
        )
        page.wait_for_function(
            "() => [...document.querySelectorAll('.cell')].some((one) => one.ariaPosInSet === '1200')"
        )
        last = page.locator(".cell[aria-posinset='1200']").bounding_box()
        assert 0 < last["y"] < last["y"] + last["height"] <= 600
        page.keyboard.press("Home")
        page.wait_for_function(
            "() => [...document.querySelectorAll('.cell')].some((one) => one.ariaPosInSet === '1')"
        )


def test_pairs_stand_side_by_side(browser: Any, folder: Path) -> None:
    (folder / "dog" / "again.jpg").write_bytes(encode_jpeg(scene(seed=12)[::2, ::2]))
    clean(folder)
    with reviewing(folder) as running:
        tab = opened(browser, running)
        sources = [one.get_attribute("src") for one in tab.query_selector_all(".cell img")]
        names = list(read(folder).photos.names)
        shown = [names[int(source.rpartition("/")[2].partition("?")[0])] for source in sources]
        assert shown == ["dog/2.jpg", "dog/again.jpg"]
        assert badges(tab) == ["stays", "repeats it: stays or goes?"]
        tab.keyboard.press("x")
        said(tab, "left out")
        assert badges(tab) == ["stays", "left out"]
        tab.keyboard.press("k")
        said(tab, "kept")
        assert badges(tab) == ["stays", "stays"]
        with open_catalog(folder) as catalog:
            catalog.decide(Decision("dog/2.jpg", "leave-out", by="somebody"))
        tab.wait_for_function("() => document.querySelector('.cell .badge').dataset.text === 'left out'")
        tab.keyboard.press("Enter")
        tab.wait_for_selector("#large[open] img")
        assert badges(tab, "#large") == ["left out", "stays"]


def test_by_touch_photos_are_picked_and_buttons_decide(browser: Any, page: Reviewing, folder: Path) -> None:
    tab = opened(browser, page, viewport={"width": 390, "height": 760}, has_touch=True)
    cells = tab.query_selector_all(".cell")
    cells[1].tap()
    cells[3].tap()
    tab.tap("#reject")
    said(tab, "2 photos left out")
    assert set(read(folder).photos.names) - set(apply_decisions(read(folder)).photos.names) == {
        "cat/1.jpg",
        "cat/3.jpg",
    }


def test_a_screen_reader_hears_what_each_photo_is_and_what_was_done(browser: Any, page: Reviewing) -> None:
    tab = opened(browser, page)
    tab.wait_for_function("() => document.querySelector('.cell').getAttribute('aria-label').includes('cat/0.jpg')")
    tab.keyboard.press("x")
    said(tab, "1 photo left out. z undoes.")
    first = tab.query_selector(".cell")
    assert first.get_attribute("aria-label") == "cat/0.jpg, left out · cat"
    unnamed = tab.evaluate(
        "() => [...document.querySelectorAll('button, select')].filter(one => !one.textContent.trim()).length"
    )
    assert unnamed == 0


def test_on_a_phone_all_is_within_reach_and_names_turn_nothing(browser: Any, folder: Path) -> None:
    (folder / "dog").rename(folder / RTL)
    (folder / "cat" / "again.jpg").write_bytes((folder / RTL / "0.jpg").read_bytes())
    (folder / RTL / "again.jpg").write_bytes((folder / RTL / "1.jpg").read_bytes())
    clean(folder)
    with reviewing(folder) as running:
        tab = opened(browser, running, **PHONE)
        tab.wait_for_function("() => document.querySelector('.cell').getAttribute('aria-label').includes('.jpg')")
        for queue in [one.get_attribute("data-name") for one in tab.query_selector_all("#queues button")]:
            tab.click(f"#queues [data-name='{queue}']")
            tab.wait_for_selector(f"#queues [data-name='{queue}'][aria-current=true]")
            assert find_faults(tab, RTL) == [], queue
        tab.select_option("#label", RTL)
        tab.wait_for_function("() => document.getElementById('news').textContent.includes('now')")
        tab.click("#larger")
        tab.wait_for_selector("#large[open] img")
        assert find_faults(tab, RTL) == []


@pytest.fixture
def found(folder: Path) -> Path:
    """A folder in which some photos wait and others are decided: copies, and an empty photo."""
    (folder / "cat" / "again.jpg").write_bytes((folder / "cat" / "0.jpg").read_bytes())
    (folder / "dog" / "again.jpg").write_bytes(encode_jpeg(scene(seed=12)[::2, ::2]))
    clean(folder)
    return folder


def test_it_opens_on_what_waits(browser: Any, found: Path) -> None:
    with reviewing(found) as running:
        tab = opened(browser, running)
        queues = {
            one.get_attribute("data-name"): one.text_content() for one in tab.query_selector_all("#queues button")
        }
        assert queues["exact-duplicate"] == "exact duplicate 1"  # left out by the rule: nobody need decide
        assert queues["near-duplicate"] == "near duplicate 1 1 to decide"
        assert tab.get_attribute("#queues [aria-current=true]", "data-name") == "near-duplicate"
        tab.keyboard.press("k")
        said(tab, "kept")
        tab.goto(running.address)
        tab.wait_for_function(
            "() => document.querySelector('#queues [aria-current=true]')?.dataset.name === 'all'"
        )


def test_in_a_queue_the_first_that_waits_is_at_hand(browser: Any, found: Path) -> None:
    (found / "dog" / "third.jpg").write_bytes(encode_jpeg(scene(seed=13)[::2, ::2]))
    clean(found)
    with reviewing(found) as running:
        tab = opened(browser, running)
        tab.keyboard.press("k")
        said(tab, "kept")
        tab.reload()
        tab.wait_for_selector(".cell.here img")
        assert tab.get_attribute(".cell.here", "data-decision") == ""


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)], ids=["desk", "phone"])
def test_larger_shows_whole_photos_as_large_as_the_window(
    browser: Any, page: Reviewing, size: tuple[int, int]
) -> None:
    tab = opened(browser, page, viewport={"width": size[0], "height": size[1]})
    tab.click(".cell")
    tab.click("#larger")
    tab.wait_for_function("() => document.querySelector('#large img')?.naturalWidth > 0")
    box = tab.locator("#large img").bounding_box()
    assert box["width"] > 0.9 * size[0]
    assert box["height"] > 0.7 * size[1]
    assert tab.locator("#large img").evaluate("image => getComputedStyle(image).objectFit") == "contain"
    assert tab.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    before = tab.text_content("#large figcaption p")
    tab.click("#large [data-key=ArrowRight]")
    assert tab.text_content("#large figcaption p") != before
    tab.click("#large [data-key=leave-out]")
    said(tab, "left out")
    tab.click("#large [data-key=close]")
    assert states(tab)[1] == "left out · cat"


@pytest.mark.parametrize(
    "look",
    [
        {"viewport": {"width": 1280, "height": 900}},
        {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
        {"color_scheme": "dark"},
    ],
    ids=["desk", "phone", "dark"],
)
def test_it_has_no_fault_that_axe_knows(browser: Any, found: Path, look: dict[str, Any]) -> None:
    with reviewing(found) as running:
        tab = opened(browser, running, bypass_csp=True, **look)
        tab.wait_for_function("() => document.querySelector('.cell').getAttribute('aria-label').includes('.jpg')")
        assert violations(tab) == []
        assert tab.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        tab.click("#larger")
        tab.wait_for_selector("#large[open] img")
        assert violations(tab) == []
        if "is_mobile" in look:
            tab.click("#large [data-key=close]")
            share = "() => document.getElementById('pane').clientHeight / innerHeight"
            assert tab.evaluate(share) > 0.75  # the photos have the room


def test_the_bar_follows_decisions_and_undo(browser: Any, folder: Path) -> None:
    with open_catalog(folder) as catalog:
        for name in ("cat/0.jpg", "cat/1.jpg"):
            catalog.add_finding(Finding(name, "dark", "hint", 1, 10, "it is dark"))
    with reviewing(folder) as running:
        tab = opened(browser, running)

        def bar() -> list[str]:
            return [one.text_content() for one in tab.query_selector_all("#queues button")]

        assert bar() == ["dark 2 2 to decide", "all photos 12"]
        tab.keyboard.press("x")
        said(tab, "left out")
        assert bar() == ["dark 2 1 to decide", "left out 1", "all photos 12"]
        tab.click("#queues button[data-name=left-out]")
        tab.wait_for_function("() => document.querySelectorAll('.cell').length === 1")
        tab.keyboard.press("z")
        said(tab, "Undone")
        assert bar() == ["dark 2 2 to decide", "left out 0", "all photos 12"]
        tab.click("#queues button[data-name=dark]")
        tab.keyboard.press("k")
        said(tab, "kept")
        assert bar() == ["dark 2 1 to decide", "all photos 12"]
        assert tab.get_attribute("#queues button[data-name=dark]", "aria-current") == "true"

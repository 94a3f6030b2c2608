"""The review page in a real browser, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser import chromium
from photos import scene
from reviewing import Reviewing, reviewing
from whatsit.cleaning.cleaning import clean
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


def test_pairs_stand_side_by_side(browser: Any, folder: Path) -> None:
    (folder / "dog" / "again.jpg").write_bytes(encode_jpeg(scene(seed=12)[::2, ::2]))
    clean(folder)
    with reviewing(folder) as running:
        tab = opened(browser, running)
        sources = [one.get_attribute("src") for one in tab.query_selector_all(".cell img")]
        names = list(read(folder).photos.names)
        shown = [names[int(source.split("/")[2].split("?")[0])] for source in sources]
        assert shown == ["dog/2.jpg", "dog/again.jpg"]


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

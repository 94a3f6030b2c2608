"""A pile in the studio, in a real browser: named, taken into classes, and all of it undone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from studios import Running, running

from axe import violations
from browser import chromium
from sorting.drawn import draw
from whatsit.image import encode_jpeg

KINDS = ("disc", "stripes")
DESK = {"viewport": {"width": 1280, "height": 850}}
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened_browser:
        yield opened_browser


@pytest.fixture
def photos(tmp_path: Path) -> list[str]:
    """Photos of two kinds, whose names tell which."""
    (tmp_path / "given").mkdir()
    files = [tmp_path / "given" / f"{number:02}-{KINDS[number % 2]}.jpg" for number in range(32)]
    for number, file in enumerate(files):
        file.write_bytes(encode_jpeg(draw(KINDS[number % 2], number)))
    return list(map(str, files))


def opened(browser: Any, studio: Running, **options: Any) -> Any:
    tab = browser.new_context(**options).new_page()
    tab.set_default_timeout(30_000)
    tab.on("pageerror", lambda error: pytest.fail(str(error)))
    tab.on("request", lambda one: one.url.startswith((f"http://{studio.host}/", "blob:")) or pytest.fail(one.url))
    tab.goto(studio.address)
    return tab


def said(tab: Any, text: str) -> None:
    tab.wait_for_selector(f'[role=status]:has-text("{text}")', state="attached")


def answer(tab: Any, truth: list[str]) -> None:
    """What is asked, answered truthfully: what does not belong is pressed first."""
    shown = [
        int(re.search(r"photo/(\d+)", one.get_attribute("src"))[1])
        for one in tab.query_selector_all("#photos img")
    ]
    kinds = [truth[row] for row in shown]
    suggested = re.fullmatch(r"Are these all (.+)\?", tab.inner_text("#asked"))
    often = suggested[1] if suggested else max(KINDS, key=kinds.count)
    for kind, shot in zip(kinds, tab.query_selector_all("#photos .shot"), strict=False):
        if kind != often:
            shot.click()
    known = [one for one in tab.query_selector_all("#answers button") if one.inner_text().startswith(often)]
    if suggested:
        tab.keyboard.press("Enter")
    elif known:
        known[0].click()
    else:
        tab.fill("#name", often)
        tab.press("#name", "Enter")
    tab.wait_for_function("() => !document.body.hasAttribute('aria-busy')")


def check(tab: Any) -> None:
    assert violations(tab) == []
    assert tab.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk, light", "phone, dark"])
def test_a_pile_is_named_taken_into_classes_and_undone(
    browser: Any, tmp_path: Path, photos: list[str], screen: dict[str, Any]
) -> None:
    truth = [Path(one).stem.split("-")[1] for one in photos]
    folder = tmp_path / "all" / "shapes"
    with running(tmp_path / "all") as studio:
        tab = opened(browser, studio, bypass_csp=True, **screen)
        tab.fill("#name", "shapes")
        tab.click("text=Start")
        tab.click("text=I do not know the classes yet")
        check(tab)
        tab.set_input_files('label:has-text("Add photos to sort") input', photos)
        said(tab, "32 photos added")
        tab.click('.unsorted button:has-text("Undo")')
        said(tab, "Undone: Added 32 photos to what is to be sorted")
        tab.click("text=I do not know the classes yet")
        tab.set_input_files('label:has-text("Add photos to sort") input', photos)
        said(tab, "32 photos added")
        tab.wait_for_selector('h2:has-text("32 photos to sort")')
        assert "whatsit review unsorted" in tab.text_content(".unsorted .code")
        check(tab)
        tab.click(".unsorted a.main")
        tab.wait_for_selector("#ask:not([hidden]) #photos img", timeout=120_000)
        for _ in range(8):
            if all(kind in tab.inner_text("#answers") for kind in KINDS):
                break
            answer(tab, truth)
        answer(tab, truth)
        check(tab)
        tab.click("text=Back to shapes")
        tab.click(".unsorted >> text=/Put \\d+ named photos into classes/")
        said(tab, "put into 2 classes")
        lies = {kind: sorted(file.name for file in (folder / "photos" / kind).iterdir()) for kind in KINDS}
        for kind, names in lies.items():
            assert names
            assert all(kind in name for name in names), names
            tab.wait_for_selector(f'.class-card:has-text("{kind}"):has-text("{len(names)} photo")')
        left = 32 - sum(map(len, lies.values()))
        assert len(list((folder / "unsorted").glob("*.jpg"))) == left
        check(tab)
        tab.click('.class-head button:has-text("Undo")')
        said(tab, "Undone: Put")
        tab.wait_for_selector('h2:has-text("32 photos to sort")')
        assert len(list((folder / "unsorted").glob("*.jpg"))) == 32
        assert [one.name for one in (folder / "photos").iterdir() if one.name != ".whatsit"] == []
        tab.click("text=Go on sorting")
        tab.wait_for_selector("#ask:not([hidden])", timeout=120_000)
        assert f"{32 - left} of 32 photos named" in tab.inner_text("#count")


def test_the_classes_that_there_are_are_offered_as_names(browser: Any, tmp_path: Path, photos: list[str]) -> None:
    for label in ("disc", "قرص"):
        (tmp_path / "all" / "shapes" / "photos" / label).mkdir(parents=True)
    with running(tmp_path / "all") as studio:
        for file in photos:
            studio.put("shapes", "photos", Path(file).read_bytes(), class_="../unsorted", name=Path(file).name)
        tab = opened(browser, studio, bypass_csp=True, **PHONE)
        tab.goto(f"http://{studio.host}/sort/shapes")
        tab.wait_for_selector("#offered button >> nth=1")
        check(tab)
        tab.click('#offered button:has-text("disc")')
        tab.wait_for_selector('#news:has-text("named “disc”")', state="attached")
        tab.wait_for_selector('#offered button:has-text("disc")', state="hidden")
        assert tab.is_visible('#offered button:has-text("قرص")') == tab.is_visible("#new")
        assert studio.look("shapes")["unsorted"]["named"][0]["name"] == "disc"

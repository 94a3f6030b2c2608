"""Several classes a photo in the studio, in a real browser: sorted, marked by hand, trained on and tried."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from studios import Running, running, wait_for
from tabs import opened, said

from axe import violations
from browser import chromium
from drawing import class_folders
from labelled import red_and_striped
from screens import PHONE, RTL, find_faults, is_in_sight
from sorting.drawn import KINDS, draw_label_pile
from sorting.test_label_page import answer, known
from whatsit.data.readers import read
from whatsit.image import encode_png

SWITCH = "text=A photo may show several of these"
DESK = {"viewport": {"width": 1280, "height": 850}}
DARK_PHONE = {**PHONE, "color_scheme": "dark"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened_browser:
        yield opened_browser


@pytest.fixture
def shore(tmp_path: Path) -> Path:
    return class_folders(tmp_path / "all" / "shore" / "photos", "beach", RTL, photos=6)


@pytest.fixture
def studio(shore: Path) -> Iterator[Running]:
    with running(shore.parents[1]) as opened_studio:
        yield opened_studio


def check(tab: Any, *names: str) -> None:
    assert violations(tab) == []
    assert find_faults(tab, *names) == []


def card(tab: Any, label: str, count: int) -> None:
    tab.wait_for_selector(f'.class-card:has-text("{label}"):has-text("{count} photo")')


def switched(browser: Any, studio: Running, **options: Any) -> Any:
    """A tab of the project, in which the switch was pressed."""
    tab = opened(browser, studio, "shore/photos", bypass_csp=True, **options)
    tab.wait_for_selector(".cell img")
    tab.click(SWITCH)
    said(tab, "A photo may show several of the classes now")
    tab.wait_for_selector(".cell .shows")
    return tab


def ended(studio: Running, verb: str) -> dict[str, Any]:
    """The job of a verb once it is over."""

    def find() -> dict[str, Any] | None:
        (job,) = (one for one in studio.look("drawn")["jobs"] if one["verb"] == verb)
        return None if job["state"] in ("waiting", "running") else job

    found: dict[str, Any] = wait_for(find)
    return found


def test_who_has_one_class_a_photo_sees_a_switch_and_nothing_else(browser: Any, studio: Running) -> None:
    tab = opened(browser, studio, "shore/photos", **DESK)
    tab.click(".cell >> nth=0")
    tab.wait_for_selector(".chosen select")
    assert not tab.query_selector(".marks, .shows")
    assert not tab.is_checked(f"{SWITCH} >> input")


def test_photos_are_marked_seen_and_undone_by_keys(browser: Any, studio: Running, shore: Path) -> None:
    tab = switched(browser, studio, **DESK)
    tab.focus(".pane")
    tab.keyboard.press("Space")
    tab.keyboard.press("Shift+ArrowRight")
    tab.keyboard.press("2")
    said(tab, "2 photos marked")
    card(tab, "beach", 6)
    card(tab, RTL, 8)
    tab.wait_for_selector('.chosen:has-text("2 photos chosen")')  # they stay chosen, for the next class
    shown = tab.eval_on_selector_all(".cell .shows", "cells => cells.map((one) => one.textContent)")
    assert sorted(shown) == sorted([f"beach, {RTL}"] * 2 + ["beach"] * 4)
    assert [one.get_attribute("aria-pressed") for one in tab.query_selector_all(".marks [aria-pressed]")] == [
        "true",
        "true",
    ]
    assert len(list((shore / f"beach+{RTL}").iterdir())) == 2
    check(tab, RTL)
    tab.keyboard.press("0")
    said(tab, "2 photos marked none of these")
    tab.click('.class-card:has-text("None of these")')
    tab.wait_for_selector('h2:has-text("None of these"):has-text("2 photos")')
    for _ in range(2):
        tab.keyboard.press("z")
    card(tab, RTL, 6)
    assert {one.name for one in shore.iterdir()} == {".whatsit", "beach", RTL}


@pytest.mark.parametrize("screen", [DESK, DARK_PHONE], ids=["desk", "phone, dark"])
def test_photos_are_marked_by_touch_and_by_buttons(
    browser: Any, studio: Running, shore: Path, screen: dict[str, Any]
) -> None:
    tab = switched(browser, studio, **screen)
    for place in (0, 1):
        tab.click(f".cell >> nth={place}")
    assert is_in_sight(tab, ".marks")
    tab.click(f'.marks button:has-text("{RTL}")')
    said(tab, "2 photos marked")
    tab.click(".cell >> nth=2")
    tab.wait_for_selector(f'.marks [aria-pressed=mixed]:has-text("{RTL}")')
    check(tab, RTL)
    tab.click('.marks button:has-text("beach")')
    said(tab, "3 photos no longer marked beach")
    card(tab, "beach", 3)
    assert len(list((shore / "none").iterdir())) == 1
    assert len(read(shore, labels="several")) == 12


def test_by_mouse_a_photo_that_is_dragged_onto_a_class_shows_it_too(browser: Any, studio: Running) -> None:
    tab = switched(browser, studio, **DESK)
    tab.drag_and_drop(".cell >> nth=1", f'.class-card:has-text("{RTL}")')
    said(tab, "1 photo marked")
    card(tab, "beach", 6)
    card(tab, RTL, 7)


@pytest.mark.parametrize("screen", [DESK, DARK_PHONE], ids=["desk", "phone, dark"])
def test_a_pile_is_sorted_by_all_that_its_photos_show(
    browser: Any, tmp_path: Path, screen: dict[str, Any]
) -> None:
    home = tmp_path / "all" / "shapes"
    (home / "photos" / "squares").mkdir(parents=True)
    truth = draw_label_pile(home / "unsorted")
    with running(tmp_path / "all") as studio:
        tab = opened(browser, studio, "shapes/photos", bypass_csp=True, **screen)
        tab.click(SWITCH)
        said(tab, "A photo may show several of the classes now")
        tab.wait_for_selector(
            '.unsorted .code:has-text("whatsit review unsorted --labels several")', state="attached"
        )
        check(tab)
        tab.click(".unsorted a.main")
        tab.wait_for_selector("#ask:not([hidden]) #photos img", timeout=120_000)
        assert known(tab) == ["squares"]  # a class of the project is asked about from the first photo on
        check(tab)
        for _ in truth:
            answer(tab, truth)
        check(tab)
        tab.click("text=Back to shapes")
        tab.click(".unsorted >> text=Put 24 named photos into classes")
        said(tab, "24 photos put into 3 classes")
        for kind in KINDS:
            card(tab, kind, sum(kind in shown for shown in truth.values()))
        lies = {file.name: file.parent.name for file in (home / "photos").glob("[!.]*/*.jpg")}
        assert lies == {name: "+".join(sorted(shown)) or "none" for name, shown in truth.items()}
        check(tab)


@pytest.mark.slow
def test_a_model_of_several_classes_is_trained_tried_put_right_and_taken_along(
    browser: Any, tmp_path: Path
) -> None:
    dataset = red_and_striped(60, 64)
    photos = tmp_path / "all" / "drawn" / "photos"
    for row in range(60):
        names = dataset.target.names(dataset.labels[row], dataset.classes)
        file = photos / ("+".join(names) or "none") / f"{row}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encode_png(np.asarray(dataset.photos.read(row))))
    with running(tmp_path / "all") as studio:
        tab = opened(browser, studio, "drawn/photos", bypass_csp=True, **DARK_PHONE)
        tab.click(SWITCH)
        card(tab, "red", int(dataset.counts()[0]))
        tab.click("text=Go on to Train")
        tab.wait_for_selector('.lead:has-text("say which of red and striped a photo shows, from 60 photos")')
        tab.click('button:has-text("Train")')
        tab.wait_for_selector(".job.done, .job.failed", timeout=240_000)
        assert "with every class that they show" in tab.inner_text(".job.done .figure-line")
        assert "--labels several" in studio.look("drawn")["recipe"]
        check(tab)
        tab.click('.job >> text="Try it"')
        is_both = (dataset.labels == 1).all(axis=1)
        seen = photos / "red+striped" / f"{int(is_both.argmax())}.png"
        tab.set_input_files(".trying input[type=file]", str(seen))
        tab.wait_for_selector('.said .verdict:has-text("red"):has-text("striped")')
        tab.click('button:has-text("That is wrong")')
        pressed = tab.query_selector_all(".right [aria-pressed=true]")
        assert [one.inner_text() for one in pressed] == ["red", "striped"]
        check(tab)
        for button in pressed:
            button.click()
        tab.click('button:has-text("It shows none of these")')
        said(tab, "Added to those that show none")
        assert len(list((photos / "none").glob("put-right-*.jpg"))) == 1
        tab.evaluate("() => { location.hash = '#/drawn/results'; }")
        tab.wait_for_selector(
            '.figure-line:has-text("with every class said right"):has-text("mean average precision")'
        )
        tab.click(".by-class >> xpath=../summary")
        check(tab)
        studio.do("drawn", "make-kit", run="run-1", to="docker")
        assert ended(studio, "deploy")["state"] == "done"
        studio.do("drawn", "clean")
        cleaned = ended(studio, "clean")
        assert cleaned["state"] == "done"
        assert cleaned["command"].endswith("--labels several")

"""The whole story in a real browser with a fake camera: an empty folder, three classes, trained, tried live."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from studios import Running, running
from videos import COLOURS, film

from browser import chromium

MOST_CLICKS = 12
KEPT = 25  # photos of each recording, at least


@contextmanager
def looking_at(thing: str, studio: Running, folder: Path, clicks: list[str]) -> Iterator[Any]:
    """A page whose camera sees a thing; what a person presses is noted."""
    video = film(folder / f"{thing}.y4m", thing)
    with chromium(
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={video}",
    ) as browser:
        tab = browser.new_page()
        tab.set_default_timeout(30_000)
        tab.on("pageerror", lambda error: pytest.fail(str(error)))
        tab.on(
            "request", lambda one: one.url.startswith((f"http://{studio.host}/", "blob:")) or pytest.fail(one.url)
        )
        tab.expose_function("noteClick", lambda text: clicks.append(text))
        tab.add_init_script(
            "addEventListener('pointerdown', ({ target }) => noteClick(target.textContent.trim()), true)"
        )
        yield tab


def record(tab: Any) -> None:
    tab.click('button:has-text("Camera")')
    tab.wait_for_selector(".hold:not([disabled])")
    tab.hover(".hold")
    tab.mouse.down()
    tab.wait_for_function(
        "least => /(\\d+) kept/.exec(document.querySelector('.camera [role=status]').textContent)?.[1] >= least",
        arg=KEPT,
    )
    tab.mouse.up()


@pytest.mark.slow
def test_from_an_empty_folder_to_answers_in_a_dozen_clicks(tmp_path: Path) -> None:
    clicks: list[str] = []
    first, *others = COLOURS
    with running(tmp_path / "studio") as studio:
        with looking_at(first, studio, tmp_path, clicks) as tab:
            tab.goto(studio.address)
            tab.click("text=Start")
            tab.wait_for_selector("#new-class")
            tab.keyboard.type(first)  # the field has the focus by itself
            tab.keyboard.press("Enter")
            record(tab)
            project = tab.evaluate("() => location.hash")
        for thing in others:  # another browser, as one has one camera; a person turns it to another thing
            with looking_at(thing, studio, tmp_path, clicks) as tab:
                tab.goto(studio.address)
                tab.evaluate("project => { location.hash = project; }", project)
                tab.wait_for_selector("#new-class")
                tab.focus("#new-class")
                tab.keyboard.type(thing)
                tab.keyboard.press("Enter")
                tab.wait_for_selector(f'.class-card[aria-pressed=true]:has-text("{thing}")')
                record(tab)
        with looking_at(others[0], studio, tmp_path, clicks) as tab:
            tab.goto(studio.address)
            tab.evaluate("project => { location.hash = project; }", project)
            tab.click("text=Go on to Train")
            tab.click('button:has-text("Train")')
            tab.wait_for_selector(".job.done", timeout=240_000)
            tab.click('.job >> text="Try it"')
            tab.click('button:has-text("Use the camera")')
            tab.wait_for_selector(f'.live .verdict:has-text("{others[0]}")')
    assert len(clicks) <= MOST_CLICKS, clicks

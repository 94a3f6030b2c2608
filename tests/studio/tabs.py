"""A tab of a browser with the studio in it."""

from __future__ import annotations

from typing import Any

import pytest
from studios import Running


def opened(browser: Any, studio: Running, place: str = "pets/photos", **options: Any) -> Any:
    """A page of the studio; any error of its scripts, and any request to elsewhere, ends the test."""
    context = browser.new_context(**options)
    tab = context.new_page()
    tab.set_default_timeout(15_000)
    tab.on("pageerror", lambda error: pytest.fail(str(error)))
    tab.on("console", lambda said: "Content Security" not in said.text or pytest.fail(said.text))
    tab.on("request", lambda request: _is_ours(request.url, studio) or pytest.fail(request.url))
    tab.goto(studio.address)
    tab.evaluate("place => { location.hash = `#/${place}`; }", place)
    return tab


def said(tab: Any, text: str) -> None:
    """Wait until the page says something to a screen reader."""
    tab.wait_for_selector(f'[role=status]:has-text("{text}")', state="attached")


def _is_ours(address: str, studio: Running) -> bool:
    return address.startswith((f"http://{studio.host}/", "blob:", "data:"))

"""A result page as a browser sees it: an installed Chromium without a window, driven by Playwright."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from whatsit.collecting.search.found import SourceError
from whatsit.errors import missing_extra

RESULTS = "https://www.google.com/search?udm=2&q="
ARGUMENTS: Sequence[str] = ()  # of Chromium
ENOUGH = 100  # tiles of one page; further ones are less and less what was searched for
PATIENCE_MS = 15_000


async def load_result_page(words: str) -> str:
    """The HTML of Google's pictures for words, each tile touched, as only then the originals' addresses are there.

    Raises SourceError where the page does not come.
    """
    try:
        from playwright.async_api import Error, async_playwright
    except ImportError:
        raise missing_extra("playwright", "browser", "Searching Google") from None
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=_find_browser(), args=[*ARGUMENTS])
            try:
                page = await browser.new_page(ignore_https_errors=bool(ARGUMENTS))
                await page.goto(RESULTS + quote(words), timeout=PATIENCE_MS)
                for tile in (await page.query_selector_all("div[data-lpage]"))[:ENOUGH]:
                    await tile.hover(timeout=PATIENCE_MS)
                return str(await page.content())
            finally:
                await browser.close()
    except Error as error:
        reason = str(error).split("\n")[0][:120]
        raise SourceError(f"The browser got no page of pictures ({reason}).", hint="Try --source bing.") from None


def _find_browser() -> str | None:
    """A Chromium of this machine; None lets Playwright take its own."""
    import shutil

    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

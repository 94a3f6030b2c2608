"""Google's pictures, from a result page that you saved in your browser, or through a browser of yours.

Google gives its results to browsers only. `google:page.html` reads a page that you saved (as "Webpage,
complete"); `google` alone opens an installed Chromium without a window, by Playwright, the extra [browser].
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from whatsit.collecting.search.found import Ask, Page, Source, SourceError, Web
from whatsit.collecting.search.terms import of_web_search
from whatsit.collecting.search.text import read_address, read_number
from whatsit.data.catalog import Sighting
from whatsit.errors import UserError
from whatsit.files import expand_home
from whatsit.records import decode_json

RESULTS = "https://www.google.com/search?udm=2&q="
# thumbnail and original stand one after the other, each as [address, height, width]
_PAIR = re.compile(
    r'\["(https://encrypted-tbn0\.gstatic\.com/images\?[^"]+)",\d+,\d+\]\s*,\s*\["(https?://[^"]+)",(\d+),(\d+)\]'
)
_PAGE_OF = re.compile(r'"2003":\[[^\[\]]*?"(https?://[^"]+)","((?:[^"\\]|\\.)*)"')
_BLOCKS = {
    "a page that asks for consent": ("consent.google.", "Before you continue"),
    "a page that asks for proof of a person": ("/sorry/", "unusual traffic"),
    "a page that wants a newer browser": ("enablejs", "noscript>"),
}


async def fetch_page(ask: Ask, _web: Web) -> Page:
    """All pictures of one result page; there is no second."""
    if ask.argument:
        path = expand_home(ask.argument.replace("{class}", ask.class_name))
        return Page(tuple(read_results(_content(path), path)))
    from whatsit.collecting.search.browser import load_result_page

    return Page(tuple(read_results(await load_result_page(ask.words))))


def read_results(html: str, path: Path | None = None) -> list[Sighting]:
    """The pictures of a result page, best knowledge first. Raises SourceError where it is none.

    path: where the page was saved, so that pictures saved beside it are found
    """
    tree = LexborHTMLParser(html)
    found = [*_links(tree), *_pairs(html), *_thumbnails(tree, path)]
    best = list({one.address: one for one in reversed(found)}.values())[::-1]
    if best:
        return best
    kind = next((kind for kind, marks in _BLOCKS.items() if any(mark in html for mark in marks)), "")
    if kind:
        raise SourceError(
            f"This is no page of pictures, but {kind}.",
            hint="Search with another source: --source openverse --source commons, or --source bing",
        )
    raise SourceError(
        "There are no pictures on this page.",
        hint='Search for pictures in your browser, scroll to the end, and save as "Webpage, complete".',
    )


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(
            f"There is no saved page {str(path)!r}.", hint="As in: --source google:page.html"
        ) from None


def _links(tree: LexborHTMLParser) -> list[Sighting]:
    """Tiles that scripts have filled, or a pointer has touched: original, page and size in one link."""
    found = []
    for link in tree.css('a[href*="/imgres?"]'):
        fields = {
            name: values[0] for name, values in parse_qs(urlsplit(link.attributes["href"] or "").query).items()
        }
        picture = link.css_first("img")
        title = (picture.attributes.get("alt") or "") if picture else ""
        if read_address(fields.get("imgurl")):
            size = (read_number(fields.get("w")), read_number(fields.get("h")))
            found.append(
                Sighting(
                    read_address(fields["imgurl"]),
                    read_address(fields.get("imgrefurl")),
                    title,
                    width=size[0],
                    height=size[1],
                )
            )
    return found


def _pairs(html: str) -> list[Sighting]:
    """What scripts on the page carry, found by its pattern, since its place changes."""
    found = []
    for pair in _PAIR.finditer(html):
        said = _PAGE_OF.search(html, pair.end(), pair.end() + 3000)
        thumbnail, original = _unescape(pair[1]), _unescape(pair[2])
        page_address, title = (_unescape(said[1]), _unescape(said[2])) if said else ("", "")
        height, width = read_number(pair[3]), read_number(pair[4])
        found.append(Sighting(original, page_address, title, thumbnail=thumbnail, width=width, height=height))
    return found


def _unescape(text: str) -> str:
    try:
        return str(decode_json(f'"{text}"'))
    except ValueError:
        return text


def _thumbnails(tree: LexborHTMLParser, path: Path | None) -> list[Sighting]:
    """Tiles of which only the small picture is known: an address at Google, or a file saved beside the page."""
    found = []
    for tile in tree.css("div[data-lpage]"):
        picture = tile.css_first("img")
        if picture is None:
            continue
        source, title = picture.attributes.get("src") or "", picture.attributes.get("alt") or ""
        where = read_address(source) or (_beside(path, source) if path else "")
        if where:
            found.append(Sighting(where, read_address(tile.attributes.get("data-lpage")), title))
    return found


def _beside(path: Path, source: str) -> str:
    """The `file:` address of a picture saved in the folder beside the page; empty for anything else."""
    folder = path.absolute().parent
    file = Path(unquote(urlsplit(urljoin(folder.as_uri() + "/", source)).path)).resolve()
    return (
        file.as_uri()
        if not source.startswith("data:") and file.is_relative_to(folder.resolve()) and file.is_file()
        else ""
    )


SOURCE = Source(
    fetch_page,
    title="Google's pictures: a page you saved, or a browser of yours; licences unknown",
    kind="web",
    shape_of="2026-11",
    terms=of_web_search("Google"),
)

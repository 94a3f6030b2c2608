"""Google's pictures through a real Chromium, on a loopback web."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from browser import ARGUMENTS
from web.collection import names, options
from web.server import Web, whole
from web.services import GOOGLE_WALLS, hang
from whatsit.collecting.collecting import collect, parse_class
from whatsit.collecting.options import World
from whatsit.collecting.search import browser
from whatsit.errors import UserError

# tiles whose link is made only when a pointer is over them, as Google's are
PAGE = """<!doctype html><html><body><div id="tiles"></div><script>
const items = %s;
for (const [n, address] of items.entries()) {
  const tile = document.createElement("div");
  tile.dataset.lpage = "https://blog.example.org/" + n;
  tile.innerHTML = '<h3 class="ob5Hkd"><a><img width="90" height="60" alt="Kite"></a></h3>';
  tile.addEventListener("mouseover", () => {
    tile.querySelector("a").href = "/imgres?q=kite&imgurl=" + encodeURIComponent(address)
      + "&imgrefurl=" + encodeURIComponent(tile.dataset.lpage) + "&w=160&h=120";
  });
  document.getElementById("tiles").append(tile);
}
</script></body></html>"""


@pytest.fixture
def chromium(web: Web, monkeypatch: pytest.MonkeyPatch) -> Web:
    pytest.importorskip("playwright")
    if not shutil.which("chromium"):
        pytest.skip("no Chromium is installed")
    there = f"--host-resolver-rules=MAP www.google.com:443 127.0.0.1:{web.https_port}, MAP * ~NOTFOUND"
    monkeypatch.setattr(browser, "ARGUMENTS", [*ARGUMENTS, "--disable-http2", there])
    return web


def test_a_browser_touches_each_tile_and_so_learns_the_originals(data: Path, chromium: Web, world: World) -> None:
    items = hang(chromium, "kite", 8)
    page = PAGE % [item.address for item in items]
    chromium.serves("www.google.com", "/search", whole(page.encode(), "text/html"))
    wanted = options(source=("google",), agree=True)
    [one] = collect(data, [parse_class("kite")], wanted, world=world).classes
    assert one.photos == 8
    assert len(names(data)) == 8


def test_a_wall_before_the_browser_names_another_source(data: Path, chromium: Web, world: World) -> None:
    chromium.serves("www.google.com", "/search", whole(GOOGLE_WALLS["consent"].encode(), "text/html"))
    with pytest.raises(UserError, match="a page that asks for consent") as refused:
        collect(data, [parse_class("kite")], options(source=("google",), agree=True), world=world)
    assert "--source openverse" in refused.value.hint


@pytest.mark.usefixtures("chromium")
def test_a_page_that_does_not_come_says_so(data: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "RESULTS", "https://nowhere.example.org/?q=")
    with pytest.raises(UserError, match="got no page of pictures"):
        collect(data, [parse_class("kite")], options(source=("google",), agree=True), world=world)

"""Who is believed of what a proxy says, and pages below a path."""

from __future__ import annotations

import re

import pytest
from asking import call, scope_of
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from models import Tiny
from serving import form, photo, running
from whatsit.serving.door.proxy import Proxied, client_in
from whatsit.web.prefix import clean_prefix
from whatsit.web.token import cookie_name

TOKEN = "correct-horse-battery"


@pytest.mark.parametrize(
    ("named", "client"),
    [
        (["203.0.113.9"], "203.0.113.9"),
        (["1.2.3.4", "203.0.113.9"], "203.0.113.9"),  # the first is what the client wrote itself
        (["203.0.113.9", "10.0.0.1"], "203.0.113.9"),
        (["203.0.113.9:5000"], "203.0.113.9"),
        (["[2001:db8::1]:5000"], "2001:db8::1"),
        (["::ffff:203.0.113.9"], "203.0.113.9"),
        (["10.0.0.7", "10.0.0.1"], "10.0.0.7"),
        (["127.nonsense"], "unknown"),
        (["203.0.113.9", ""], "unknown"),
    ],
)
def test_the_client_is_the_last_that_is_no_proxy(named: list[str], client: str) -> None:
    assert client_in(named) == client


@given(st.lists(st.text(max_size=12), min_size=1, max_size=4))
def test_any_words_name_an_address_or_nobody(named: list[str]) -> None:
    assert client_in(named)


async def tell(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope)
    said = f"{scope['client'][0]} {request.url.scheme} {scope['path']} {scope['root_path']}"
    await Response(said)(scope, receive, send)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("is_behind", "is_unix", "peer", "expected"),
    [
        (True, False, "127.0.0.1", "203.0.113.9 https /x/api /x"),
        (True, False, "10.1.2.3", "203.0.113.9 https /x/api /x"),
        (True, True, "", "203.0.113.9 https /x/api /x"),
        (True, False, "198.51.100.1", "198.51.100.1 http /api "),  # no proxy of ours
        (False, False, "127.0.0.1", "127.0.0.1 http /api "),
    ],
)
async def test_only_the_proxy_is_believed(is_behind: bool, is_unix: bool, peer: str, expected: str) -> None:
    headers = {"x_forwarded_for": "1.2.3.4, 203.0.113.9", "x_forwarded_proto": "https"}
    headers["x_forwarded_prefix"] = "/x/"
    scope = {**scope_of("/api", "GET", host="localhost", **headers), "scheme": "http", "root_path": ""}
    scope["client"] = (peer, 1)
    _, _, body = await call(Proxied(tell, is_behind, is_unix), scope)
    assert body.decode() == expected


@pytest.mark.parametrize("text", ["", "/", "/a", "/a/b.c-d_e~f/", " /a "])
def test_a_prefix_is_a_plain_path(text: str) -> None:
    assert clean_prefix(text) == text.strip().rstrip("/")


@pytest.mark.parametrize(
    "text", ["a", "//a", "/a//b", "/..", "/a/../b", "/.", '/"x', "/a b", "/<", "/%2e", "/ä", "/" + "a" * 300]
)
def test_what_is_no_plain_path_is_no_prefix(text: str) -> None:
    assert clean_prefix(text) is None


@pytest.mark.parametrize("way", ["taken off", "left on", "by option"])
def test_every_address_of_the_pages_leads_below_the_prefix(tiny: Tiny, way: str) -> None:
    option = {"root_path": "/classifier/"} if way == "by option" else {}
    said = {} if way == "by option" else {"x-forwarded-prefix": "/classifier"}
    sent = "" if way == "taken off" else "/classifier"
    with running(tiny.run.folder, behind_proxy=True, public=True, corrections=True, **option) as site:
        for page in ("/", "/api", "/nothing"):
            text = site.get(sent + page, accept="text/html", **said).body.decode()
            links = re.findall(r'(?:href|src|action)="(/[^"]*)"', text)
            assert links
            for link in links:
                assert link.startswith("/classifier/"), link
                path = link.removeprefix("" if sent else "/classifier")
                kind = form(("photo", "a.jpg", photo()))
                reply = site.post(path, *kind, **said) if "/predict" in link else site.get(path, **said)
                assert reply.status == 200, link
        moved = site.post(f"{sent}/api/predict/", photo(), **said)
        assert (moved.status, moved.headers["location"]) == (307, f"{site.address}/classifier/api/predict")
        assert "/classifier/api/predict" in site.get(f"{sent}/api", **said).body.decode()


def test_the_way_in_and_its_cookie_lie_below_the_prefix(tiny: Tiny) -> None:
    with running(tiny.run.folder, token=TOKEN, behind_proxy=True, host="127.0.0.1") as site:
        below = {"x-forwarded-prefix": "/classifier"}
        asked = site.get("/", accept="text/html", **below)
        assert (asked.status, b'action="/classifier/enter"' in asked.body) == (401, True)
        entered = site.get(f"/enter?token={TOKEN}", **below)
        assert entered.headers["location"] == "/classifier/"
        assert f"{cookie_name(TOKEN)}={TOKEN}; Path=/classifier/;" in entered.headers["set-cookie"]
        assert site.get("/classifier/healthz", **below).status == 200  # open below it too
        assert site.get("/classifier", **below, authorization=f"Bearer {TOKEN}").status == 200


def test_a_prefix_that_is_none_is_not_put_into_the_page(tiny: Tiny) -> None:
    with running(tiny.run.folder, behind_proxy=True, public=True) as site:
        page = site.get("/", **{"x-forwarded-prefix": '/"><script>'})
        assert b"<script>" not in page.body.replace(b'<script type="module"', b"")
        assert b'href="/static/' in page.body

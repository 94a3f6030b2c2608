"""Photos by address: only where enabled, seldom, and with one answer for all that goes wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models import Tiny
from serving import Site, form, photo, running
from web.server import Web, redirect, status, whole
from whatsit.fetch.client import MARK
from whatsit.fetch.photo import ONE_PHOTO, PAD_S, FetchRules

RED = (200, 60, 60)
SENTENCE = "This address gives no photo that can be used."


@pytest.fixture
def web(certificates: Path) -> Iterator[Web]:
    with Web(certificates) as running_web:
        running_web.names("example.com", ["93.184.215.14"])
        yield running_web


@pytest.fixture
def fetching(tiny: Tiny, web: Web) -> Iterator[Site]:
    limits = replace(ONE_PHOTO, deadline_s=1.0, lookup_s=0.5, connect_s=0.5)
    with running(
        tiny.run.folder, addresses=True, parts={"fetch_rules": FetchRules(limits, net=web.net())}
    ) as site:
        yield site


def ask(site: Site, address: object, **headers: str) -> tuple[int, dict[str, str]]:
    reply = site.post("/api/predict", json.dumps({"url": address}).encode(), "application/json", **headers)
    return reply.status, reply.json


def test_unless_it_is_enabled_nothing_is_fetched(site: Site) -> None:
    code, answer = ask(site, "http://example.com/red.jpg")
    assert (code, answer["error"]) == (403, "This server fetches no photos from addresses.")
    assert b'name="url"' not in site.get("/").body


def test_the_photo_at_an_address_is_answered_and_not_shown(fetching: Site, web: Web) -> None:
    web.serves("example.com", "/red.jpg", whole(photo(RED)))
    code, answer = ask(fetching, "http://example.com/red.jpg")
    assert (code, answer["label"]) == (200, "red")
    body, kind = form(url="http://example.com/red.jpg")
    page = fetching.post("/predict", body, kind).body.decode()
    assert '<bdi data-part="label">red</bdi>' in page
    assert "data:image" not in page


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost:8000/healthz",
        "file:///etc/passwd",
        "http://missing.example.com/",
        "http://example.com/away.jpg",
        "http://example.com/inside.jpg",
        "http://example.com/page.jpg",
        "http://example.com/half.jpg",
        "not an address",
    ],
)
def test_whatever_is_wrong_with_an_address_the_answer_is_the_same_and_never_at_once(
    fetching: Site, web: Web, address: str
) -> None:
    web.serves("example.com", "/away.jpg", status(404, photo()))
    web.serves("example.com", "/inside.jpg", redirect("http://127.0.0.1:9/"))
    web.serves("example.com", "/page.jpg", whole(b"<html>", "text/html"))
    web.serves("example.com", "/half.jpg", whole(photo()[:900]))  # its header is whole, its pixels are not
    began = time.monotonic()
    code, answer = ask(fetching, address)
    assert (code, answer["error"]) == (422, SENTENCE)
    assert time.monotonic() - began >= PAD_S


def test_a_photo_that_cannot_be_read_is_answered_after_half_a_second_and_not_after_more(
    fetching: Site, web: Web
) -> None:
    web.serves("example.com", "/half.jpg", whole(photo()[:900]))
    took = []
    for _ in range(4):  # other work on the machine may slow some of them
        began = time.monotonic()
        assert ask(fetching, "http://example.com/half.jpg")[0] == 422
        took.append(time.monotonic() - began)
    assert PAD_S <= min(took) < 2 * PAD_S


def test_a_fetch_of_our_own_that_comes_back_to_us_goes_no_further(fetching: Site) -> None:
    assert ask(fetching, "http://example.com/red.jpg", **{MARK: "whatsit"}) == (
        422,
        {"error": SENTENCE, "hint": "Send the photo itself."},
    )


def test_one_client_may_not_ask_for_many_addresses(tiny: Tiny, web: Web) -> None:
    rules = FetchRules(net=web.net())
    with running(tiny.run.folder, addresses=True, parts={"fetch_rules": rules}, behind_proxy=True, rate=0) as site:
        web.serves("example.com", "/red.jpg", whole(photo(RED)))
        away = {"x-forwarded-for": "203.0.113.9"}
        codes = [ask(site, "http://example.com/red.jpg", **away)[0] for _ in range(11)]
    assert codes == [200] * 10 + [429]


@pytest.mark.parametrize("address", [7, None, ["http://example.com/"], {"a": 1}])
def test_what_is_no_text_is_no_address(fetching: Site, address: object) -> None:
    assert ask(fetching, address)[0] == 400

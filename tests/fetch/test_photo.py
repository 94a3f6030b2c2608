"""One photo from an address: the reason for who asked, one sentence for a stranger."""

from __future__ import annotations

import asyncio
import time

import pytest

from web.server import Web, status, whole
from whatsit.fetch.client import MARK
from whatsit.fetch.errors import FetchError
from whatsit.fetch.photo import PAD_S, UNUSABLE, FetchRules, Unusable, fetch_for_stranger, fetch_photo, is_marked


def test_a_photo_is_its_bytes(web: Web, jpeg: bytes) -> None:
    web.serves("a.example.com", "/cat.jpg", whole(jpeg))
    assert fetch_photo("https://a.example.com/cat.jpg", FetchRules(net=web.net())) == jpeg


def test_who_asked_hears_the_reason(web: Web) -> None:
    web.serves("a.example.com", "/gone.jpg", status(404))
    web.serves("a.example.com", "/page.jpg", whole(b"<html>", "text/html"))
    rules = FetchRules(net=web.net())
    with pytest.raises(FetchError, match="answered 404") as refused:
        fetch_photo("https://a.example.com/gone.jpg", rules)
    assert (refused.value.kind, refused.value.status) == ("status", 404)
    with pytest.raises(FetchError, match="not a picture") as no_photo:
        fetch_photo("https://a.example.com/page.jpg", rules)
    assert no_photo.value.kind == "not-photo"


@pytest.mark.parametrize("path", ["/gone.jpg", "/page.jpg"])
def test_a_stranger_hears_one_sentence_after_a_round_time_and_the_log_the_reason(path: str, web: Web) -> None:
    web.serves("a.example.com", "/gone.jpg", status(404))
    web.serves("a.example.com", "/page.jpg", whole(b"<html>", "text/html"))
    began = time.monotonic()
    with pytest.raises(Unusable) as refused:
        asyncio.run(fetch_for_stranger(f"https://a.example.com{path}", FetchRules(net=web.net())))
    assert str(refused.value) == UNUSABLE
    assert isinstance(refused.value.cause, FetchError)
    assert time.monotonic() - began >= PAD_S


def test_our_own_request_is_known_by_its_mark() -> None:
    assert is_marked({MARK.upper(): "1", "host": "example.com"})
    assert not is_marked({"host": "example.com"})

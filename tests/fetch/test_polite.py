"""Manners on a real (loopback) web: robots.txt first, turns, opt-outs, honest names."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from web.collection import QUICK
from web.server import Web, in_turn, raw, redirect, status, whole
from whatsit.fetch.errors import FetchError
from whatsit.fetch.polite import Polite, polite_client

ROBOTS = b"User-agent: *\nDisallow: /private/\n"


def politely(web: Web, story: Callable[[Polite], Awaitable[Any]], **how: Any) -> Any:
    async def run() -> Any:
        async with Polite(polite_client("me@example.org", QUICK, web.net()), QUICK, **how) as polite:
            return await story(polite)

    return asyncio.run(run())


def ask(web: Web, *addresses: str, **how: Any) -> list[Any]:
    """What becomes of each address: bytes, or the kind of failure."""

    async def one(polite: Polite, address: str) -> bytes | str:
        content = bytearray()
        try:
            await polite.photo(address, content.extend)
        except FetchError as error:
            return error.kind
        return bytes(content)

    async def story(polite: Polite) -> list[Any]:
        return [await one(polite, address) for address in addresses]

    return list(politely(web, story, **how))


def paths(web: Web) -> list[str]:
    return [request.path for request in web.requests]


def test_robots_txt_is_asked_first_and_once(web: Web, jpeg: bytes) -> None:
    web.serves("a.example", "/robots.txt", whole(ROBOTS, "text/plain")).serves_all("a.example", whole(jpeg))
    asked = ask(web, "http://a.example/1.jpg", "http://a.example/private/2.jpg", "http://a.example/3.jpg")
    assert asked == [jpeg, "robots", jpeg]
    assert paths(web) == ["/robots.txt", "/1.jpg", "/3.jpg"]


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_a_host_without_robots_txt_is_open(web: Web, jpeg: bytes, code: int) -> None:
    web.serves("a.example", "/robots.txt", status(code)).serves_all("a.example", whole(jpeg))
    assert ask(web, "http://a.example/1.jpg") == [jpeg]


def test_a_host_whose_robots_txt_fails_is_left_until_it_answers(web: Web, jpeg: bytes) -> None:
    broken_twice = in_turn(status(500), status(503), whole(ROBOTS, "text/plain"))
    web.serves("a.example", "/robots.txt", broken_twice).serves_all("a.example", whole(jpeg))
    assert ask(web, *["http://a.example/1.jpg"] * 4) == ["robots-later", "robots-later", jpeg, jpeg]


def test_robots_txt_of_a_megabyte_is_read_as_far_as_the_standard_asks(web: Web, jpeg: bytes) -> None:
    long = ROBOTS + b"# filler\n" * 200_000
    web.serves("a.example", "/robots.txt", whole(long, "text/plain")).serves_all("a.example", whole(jpeg))
    assert ask(web, "http://a.example/private/1.jpg", "http://a.example/1.jpg") == ["robots", jpeg]


def test_robots_txt_may_be_redirected_but_not_for_ever(web: Web, jpeg: bytes) -> None:
    web.serves("a.example", "/robots.txt", redirect("http://b.example/r")).serves_all("a.example", whole(jpeg))
    web.serves("b.example", "/r", whole(b"User-agent: whatsit\nDisallow: /", "text/plain"))
    web.serves("c.example", "/robots.txt", redirect("/robots.txt?")).serves_all("c.example", whole(jpeg))
    assert ask(web, "http://a.example/1.jpg", "http://c.example/1.jpg") == ["robots", jpeg]


def test_the_target_of_a_redirect_has_its_own_robots_txt(web: Web, jpeg: bytes) -> None:
    web.serves("a.example", "/1.jpg", redirect("http://b.example/private/1.jpg"))
    web.serves("b.example", "/robots.txt", whole(ROBOTS, "text/plain")).serves_all("b.example", whole(jpeg))
    assert ask(web, "http://a.example/1.jpg") == ["robots"]
    assert "/private/1.jpg" not in paths(web)


def test_robots_txt_can_reserve_photos_from_training(web: Web, jpeg: bytes) -> None:
    rules = b"User-agent: *\nContent-Usage: train-ai=n\n"
    web.serves("a.example", "/robots.txt", whole(rules, "text/plain")).serves_all("a.example", whole(jpeg))
    assert ask(web, "http://a.example/1.jpg") == ["opt-out"]


def test_a_host_of_ones_own_needs_no_robots_txt(web: Web, jpeg: bytes) -> None:
    web.serves_all("a.example", whole(jpeg))
    assert ask(web, "http://a.example/1.jpg", heeds_robots=False) == [jpeg]
    assert paths(web) == ["/1.jpg"]


def test_an_opt_out_is_seen_before_the_photo_is_read(web: Web, jpeg: bytes) -> None:
    web.serves_all("a.example", whole(jpeg, X_Robots_Tag="noai"))
    assert ask(web, "http://a.example/1.jpg") == ["opt-out"]


def test_we_say_who_we_are_and_ask_for_photos_as_they_are(web: Web, jpeg: bytes) -> None:
    web.serves_all("a.example", whole(jpeg))
    ask(web, "http://a.example/1.jpg")
    sent = web.requests[-1].headers
    assert sent["user-agent"].startswith("whatsit/")
    assert sent["user-agent"].endswith("(+me@example.org)")
    assert sent["accept-encoding"] == "identity"
    assert "cookie" not in sent


def test_a_kept_connection_that_the_host_closes_is_opened_again(web: Web, jpeg: bytes) -> None:
    closing = raw(
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(jpeg), jpeg)
    )  # closes without saying so
    web.serves_all("a.example", closing)
    assert ask(web, *[f"http://a.example/{number}.jpg" for number in range(5)]) == [jpeg] * 5


def test_connections_to_one_host_stay_few(web: Web, jpeg: bytes) -> None:
    web.serves_all("a.example", whole(jpeg))

    async def story(polite: Polite) -> None:
        await asyncio.gather(*(polite.photo(f"http://a.example/{n}.jpg", lambda _: None) for n in range(40)))

    politely(web, story)
    assert web.most_open["a.example"] <= 4


def test_a_service_is_asked_without_robots_txt_and_may_answer_compressed(web: Web) -> None:
    import gzip

    web.serves("a.example", "/api", whole(gzip.compress(b'{"a": 1}'), "application/json", Content_Encoding="gzip"))

    async def story(polite: Polite) -> str:
        return (await polite.page("http://a.example/api?q=x")).text()

    assert politely(web, story) == '{"a": 1}'
    assert paths(web) == ["/api?q=x"]


def test_a_compressed_answer_never_grows_beyond_the_cap(web: Web) -> None:
    import gzip

    web.serves("a.example", "/api", whole(gzip.compress(b"x" * 50_000_000), Content_Encoding="gzip"))

    async def story(polite: Polite) -> int:
        return len((await polite.page("http://a.example/api")).body)

    assert politely(web, story) == 10_000_000


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (status(429, Retry_After="3"), "status-later"),
        (status(503), "status-later"),
        (whole(b"\x1f\x8bnonsense", Content_Encoding="gzip"), "broken"),
        (whole(b"x", Content_Encoding="br"), "encoded"),
    ],
)
def test_what_a_service_refuses_is_an_error(web: Web, answer: Any, kind: str) -> None:
    web.serves("a.example", "/api", answer)
    with pytest.raises(FetchError) as refused:
        politely(web, lambda polite: polite.page("http://a.example/api"))
    assert refused.value.kind == kind

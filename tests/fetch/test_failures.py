"""Whatever goes wrong while a host is asked has one of the reasons that are told; a fault of ours stays one."""

from __future__ import annotations

import asyncio
import ssl
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from yarl import URL

from whatsit.fetch.errors import FetchError
from whatsit.fetch.failures import explain_errors, within
from whatsit.fetch.guard import check_address
from whatsit.fetch.net import Closed

ADDRESS = check_address("https://photos.example/1.jpg")
KEY: Any = SimpleNamespace(host="photos.example", port=443, is_ssl=True, ssl=True)
REQUEST: Any = SimpleNamespace(real_url=URL("https://photos.example/1.jpg"))


async def explain(error: BaseException) -> None:
    async with explain_errors(ADDRESS):
        raise error


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (aiohttp.ClientConnectorDNSError(KEY, OSError(-3, "later")), "dns-later", "'photos.example' failed"),
        (aiohttp.ClientConnectorCertificateError(KEY, Exception("expired")), "tls", "certificate"),
        (aiohttp.ClientConnectorSSLError(KEY, OSError(1, "old")), "tls", "encryption"),
        (ssl.SSLError(1, "old"), "tls", "encryption"),
        (aiohttp.ClientConnectorError(KEY, Closed("it leads to a loopback")), "private", "it leads to a loopback"),
        (
            aiohttp.ClientConnectorError(KEY, OSError(111, "refused")),
            "connect",
            "'photos.example' does not accept",
        ),
        (aiohttp.ConnectionTimeoutError(), "timeout", "the host keeps silent"),
        (aiohttp.SocketTimeoutError(), "timeout", "the host keeps silent"),
        (aiohttp.TooManyRedirects(REQUEST, ()), "redirect", "lead nowhere"),
        (aiohttp.InvalidURL("https://"), "redirect", "lead nowhere"),
        (aiohttp.ClientPayloadError("cut"), "broken", "(ClientPayloadError)"),
        (aiohttp.ServerDisconnectedError(), "broken", "(ServerDisconnectedError)"),
        (ConnectionResetError(), "broken", "(ConnectionResetError)"),
        (ValueError("no number"), "broken", "(ValueError)"),
        (TimeoutError(), "timeout", "too slow"),
    ],
)
def test_every_failure_has_its_reason(error, kind, reason):
    with pytest.raises(FetchError) as caught:
        asyncio.run(explain(error))
    assert caught.value.kind == kind
    assert reason in caught.value.reason
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    "error", [FetchError("robots"), KeyError("a fault of ours"), OSError(28, "no space left")]
)
def test_a_reason_that_was_found_and_a_fault_of_ours_stay_what_they_are(error):
    with pytest.raises(type(error)) as caught:
        asyncio.run(explain(error))
    assert caught.value is error


def test_who_is_told_to_stop_stops():
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(explain(asyncio.CancelledError()))


def test_what_goes_well_is_let_be():
    async def ask() -> str:
        async with explain_errors(ADDRESS), within(5, 5):
            return "a photo"

    assert asyncio.run(ask()) == "a photo"


def test_what_takes_longer_than_is_left_is_cut_with_the_whole_time_in_words():
    async def ask() -> None:
        async with within(0.01, 30):
            await asyncio.Event().wait()

    with pytest.raises(FetchError, match="no whole answer within 30 s") as caught:
        asyncio.run(ask())
    assert caught.value.kind == "timeout"


def test_a_silence_before_that_keeps_its_own_words():
    async def ask() -> None:
        async with within(30, 30):
            raise aiohttp.SocketTimeoutError

    with pytest.raises(aiohttp.SocketTimeoutError):
        asyncio.run(ask())

"""What the client library and the system raise while a host is asked, as FetchError."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from whatsit.fetch.errors import FetchError
from whatsit.fetch.guard import Address
from whatsit.fetch.net import Closed


@asynccontextmanager
async def within(left_s: float, deadline_s: float) -> AsyncIterator[None]:
    """Cut what takes longer: no time-out of single reads stops a host that sends a byte now and then."""
    try:
        async with asyncio.timeout(left_s) as deadline:
            yield
    except TimeoutError:
        if not deadline.expired():  # a silence, which has its own words
            raise
        raise FetchError("timeout", f"no whole answer within {deadline_s:.0f} s") from None


@asynccontextmanager
async def explain_errors(address: Address) -> AsyncIterator[None]:
    """What the client library and the system raise, as FetchError."""
    try:
        yield
    except FetchError:
        raise
    except Exception as error:
        if (failure := _failure(address, error)) is None:
            raise
        raise failure from error


def _failure(address: Address, error: Exception) -> FetchError | None:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return FetchError("dns-later", f"the look-up of {address.host!r} failed")
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError() | ssl.SSLError():
            return FetchError("tls", "its certificate or its encryption is not in order")
        case aiohttp.ClientConnectorError(os_error=Closed() as closed):
            return FetchError("private", str(closed))
        case aiohttp.ServerTimeoutError():
            return FetchError("timeout", "the host keeps silent")
        case aiohttp.ClientConnectorError():
            return FetchError("connect", f"{address.host!r} does not accept connections")
        case aiohttp.TooManyRedirects() | aiohttp.InvalidURL():
            return FetchError("redirect")
        case aiohttp.ClientError() | ConnectionError() | ValueError():
            return FetchError("broken", f"the answer broke off or is malformed ({type(error).__name__})")
        case TimeoutError():
            return FetchError("timeout")
    return None

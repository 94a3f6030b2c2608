"""What one client leaves behind."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace

import pytest

from web.server import Web, whole
from whatsit.fetch.client import Client
from whatsit.fetch.net import AddrInfo


@pytest.mark.parametrize("keep", [False, True])
def test_no_socket_outlives_its_client_even_where_a_host_is_slow_to_say_goodbye(
    keep: bool, web: Web, jpeg: bytes
) -> None:
    web.serves("a.example.com", "/a.jpg", whole(jpeg))
    made: list[socket.socket] = []

    def dial(info: AddrInfo) -> socket.socket:
        made.append(web.dial(info))
        return made[-1]

    async def fetched() -> None:
        async with Client(net=replace(web.net(), dial=dial), keep=keep) as client:
            await client.get("https://a.example.com/a.jpg")
        assert made[-1].fileno() == -1

    for _ in range(20):  # a host that answers at once is now and then quicker than we are
        asyncio.run(fetched())
    assert len(made) == 20

"""A port that is listened on, or a sentence why not."""

from __future__ import annotations

import socket

import pytest

from whatsit.errors import UserError
from whatsit.web.listening import listen_on_port


def test_a_free_port_takes_connections_at_once() -> None:
    with listen_on_port("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname(), 5) as line:
        assert line.getpeername() == listener.getsockname()


def test_a_port_in_use_is_said_with_its_number() -> None:
    with listen_on_port("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(UserError, match=f"Port {port} is in use") as refused:
            listen_on_port("127.0.0.1", port)
    assert refused.value.hint == "Name another with --port, or --port 0 for a free one."


@pytest.mark.parametrize(("host", "port"), [("203.0.113.1", 0), ("127.0.0.1", 70_000), ("nowhere.invalid", 0)])
def test_what_is_no_address_of_this_machine_is_said(host: str, port: int) -> None:
    with pytest.raises(UserError, match=f"not possible to listen on '{host}', port {port}"):
        listen_on_port(host, port)


def test_an_address_with_colons_is_one_of_ipv6() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 on this machine")
    try:
        listener = listen_on_port("::1", 0)
    except UserError:
        pytest.skip("no IPv6 on this machine")
    with listener:
        assert listener.family == socket.AF_INET6

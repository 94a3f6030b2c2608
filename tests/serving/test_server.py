"""The server around the application."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest
from commands import free_port

from models import Tiny
from whatsit.errors import UserError
from whatsit.serving.door.stopping import Server
from whatsit.serving.options import ServeOptions
from whatsit.serving.server import serve, server_of
from whatsit.serving.work.models import open_shelf
from whatsit.serving.work.service import open_service


def config_for(tiny: Tiny, **options: object) -> Server:
    service = open_service(open_shelf([tiny.run.folder]), ServeOptions(**options))  # type: ignore[arg-type]
    try:
        server = server_of(service)
    finally:
        service.lanes.close()
    assert isinstance(server, Server)
    return server


def test_it_says_nothing_of_itself_and_waits_for_what_it_has_begun(tiny: Tiny) -> None:
    config = config_for(tiny).config
    assert (config.server_header, config.access_log, config.log_config) == (False, False, None)
    assert config.timeout_graceful_shutdown is not None
    assert config.timeout_graceful_shutdown > ServeOptions().deadline


def test_being_told_to_stop_is_no_failure(tiny: Tiny) -> None:
    server = config_for(tiny)
    earlier = signal.getsignal(signal.SIGTERM)
    with server.capture_signals():
        signal.raise_signal(signal.SIGTERM)
        assert server.should_exit
    assert signal.getsignal(signal.SIGTERM) is earlier  # and this process still lives


class Told(Exception):
    """Ends a server as soon as it says where it is."""


@pytest.mark.parametrize(("options", "end"), [({}, "/"), ({"token": "x" * 20}, "/enter")])
def test_a_browser_is_told_where_it_is_let_in(tiny: Tiny, options: dict[str, str], end: str) -> None:
    def tell(address: str) -> None:
        raise Told(address)

    port = free_port()
    with pytest.raises(Told) as told:
        serve([tiny.run.folder], ServeOptions(port=port, **options), tell)  # type: ignore[arg-type]
    assert str(told.value) == f"http://127.0.0.1:{port}{end}"


def test_others_in_the_network_are_told_where_they_are_let_in(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    def tell(address: str) -> None:
        raise Told(address)

    monkeypatch.setattr("whatsit.serving.door.listening.find_own_address", lambda: "192.0.2.7")
    port = free_port()
    with pytest.raises(Told) as told:
        serve([tiny.run.folder], ServeOptions(host="0.0.0.0", port=port), in_network=tell)
    assert str(told.value).startswith(f"http://192.0.2.7:{port}/enter?token=")


def test_a_server_of_a_unix_socket_has_no_address_to_tell(tiny: Tiny, tmp_path: Path) -> None:
    def tell(address: str) -> None:
        raise Told(address)

    with pytest.raises(Told, match=r"^$"):
        serve([tiny.run.folder], ServeOptions(socket=tmp_path / "s", token="x" * 20), tell)


def test_what_cannot_be_served_leaves_its_port_free(tiny: Tiny, tmp_path: Path) -> None:
    port, told = free_port(), []
    with pytest.raises(UserError, match="There is no run"):
        serve([tmp_path / "nothing"], ServeOptions(port=port), told.append)
    with pytest.raises(UserError, match="too short"):
        serve([tiny.run.folder], ServeOptions(port=port, token="secret"), told.append)
    assert told == []
    with socket.create_server(("127.0.0.1", port)):
        pass

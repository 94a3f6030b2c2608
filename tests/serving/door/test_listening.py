"""The socket that is listened on."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from whatsit.errors import UserError
from whatsit.serving.door.listening import UNREAD, address_of, is_local, is_unix, listen, network_address_of
from whatsit.serving.options import ServeOptions


def test_a_port_of_this_machine_has_an_address_for_its_browser() -> None:
    with listen(ServeOptions(port=0)) as listener:
        assert address_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}/"
        assert is_local(listener)
        assert not is_unix(listener)


def test_a_server_of_all_networks_is_found_on_this_machine_and_is_not_local() -> None:
    with listen(ServeOptions(host="0.0.0.0", port=0)) as listener:
        assert address_of(listener).startswith("http://127.0.0.1:")
        assert not is_local(listener)


def test_others_find_a_server_of_all_networks_by_this_machine_s_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whatsit.serving.door.listening.find_own_address", lambda: "192.0.2.7")
    with listen(ServeOptions(host="0.0.0.0", port=0)) as listener:
        assert network_address_of(listener) == f"http://192.0.2.7:{listener.getsockname()[1]}/"
    with listen(ServeOptions(port=0)) as listener:
        assert network_address_of(listener) == ""


def test_a_machine_in_no_network_has_no_address_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def alone() -> str:
        raise UserError("This computer is in no network.")

    monkeypatch.setattr("whatsit.serving.door.listening.find_own_address", alone)
    with listen(ServeOptions(host="0.0.0.0", port=0)) as listener:
        assert network_address_of(listener) == ""


def test_a_unix_socket_has_no_address_for_a_browser(tmp_path: Path) -> None:
    with listen(ServeOptions(socket=tmp_path / "s")) as listener:
        assert is_unix(listener)
        assert is_local(listener)
        assert address_of(listener) == ""
        assert (tmp_path / "s").stat().st_mode & 0o777 == 0o666
        with pytest.raises(UserError, match="another server listens there"):
            listen(ServeOptions(socket=tmp_path / "s"))
    with listen(ServeOptions(socket=tmp_path / "s")) as again:  # what a killed server left is in nobody's way
        assert is_unix(again)


def test_a_file_is_not_taken_for_a_socket_that_was_left(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("notes")
    with pytest.raises(UserError, match="not possible to listen"):
        listen(ServeOptions(socket=tmp_path / "s"))
    assert (tmp_path / "s").read_text() == "notes"


def test_a_socket_that_somebody_holds_is_taken_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        listener = listen(ServeOptions(fd=held.fileno()))
        assert listener.getsockname() == held.getsockname()
        listener.detach()  # it is the same descriptor


def test_what_does_not_listen_is_no_socket_to_take_over() -> None:
    reading, writing = os.pipe()
    try:
        for descriptor in (reading, 10_000):
            with pytest.raises(UserError, match=f"File descriptor {descriptor} is no socket that listens"):
                listen(ServeOptions(fd=descriptor))
    finally:
        os.close(reading)
        os.close(writing)
    with socket.socket() as idle:
        with pytest.raises(UserError, match="is no socket that listens"):
            listen(ServeOptions(fd=idle.fileno()))
        assert idle.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_STREAM  # and is still open


def test_the_system_keeps_little_of_what_nobody_has_read_yet() -> None:
    with listen(ServeOptions(port=0)) as listener, socket.create_connection(listener.getsockname()):
        taken, _ = listener.accept()
        with taken:
            assert taken.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) <= 2 * UNREAD

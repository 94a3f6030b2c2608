"""The review page's server: where it is told to be found, and what it refuses."""

from __future__ import annotations

import re
import signal
import socket
from pathlib import Path

import pytest

from reviewing import reviewing
from whatsit.errors import UserError
from whatsit.reviewing.server import review


def test_it_is_found_where_it_says_and_nowhere_else(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with reviewing(folder, port=port) as page:
        assert re.fullmatch(rf"http://127\.0\.0\.1:{port}/enter\?token=[\w-]{{20,}}", page.address)
        assert page.ask("/")[0] == 200
        page.process.send_signal(signal.SIGINT)
        page.process.wait(20)
    with socket.create_server(("127.0.0.1", port)):
        pass  # stopped, it holds no port


def test_a_port_in_use_is_said(folder: Path) -> None:
    told: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(UserError, match=f"Port {port} is in use"):
            review(folder, port=port, started=told.append)
    assert told == []


def test_a_data_set_in_no_folder_of_yours_is_not_reviewed() -> None:
    with pytest.raises(UserError, match=r"'digits' lies in no folder of yours"):
        review("digits")

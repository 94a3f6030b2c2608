"""What systemd is told, and how often it wants to hear it."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from whatsit.serving.notify import tell, watchdog_s


def heard(address: str, place: str, monkeypatch: pytest.MonkeyPatch) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", place)
        tell("READY=1")
        return manager.recv(100)


def test_who_started_this_process_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert heard(str(tmp_path / "s"), str(tmp_path / "s"), monkeypatch) == b"READY=1"


@pytest.mark.skipif(sys.platform != "linux", reason="abstract sockets are Linux's")
def test_a_manager_without_a_file_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert heard("\0whatsit-test-notify", "@whatsit-test-notify", monkeypatch) == b"READY=1"


def test_where_nobody_listens_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    tell("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    tell("READY=1")


@pytest.mark.parametrize(("usec", "seconds"), [("3000000", 1.5), ("", 0.0), ("soon", 0.0), (None, 0.0)])
def test_it_says_that_it_lives_twice_as_often_as_is_wanted(
    usec: str | None, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    if usec is not None:
        monkeypatch.setenv("WATCHDOG_USEC", usec)
    assert watchdog_s() == seconds

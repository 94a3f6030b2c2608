"""The desk of a pile: opened on a thread of its own, which says what went wrong and ends when it is closed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from whatsit import events
from whatsit.errors import UserError
from whatsit.sorting.page import desk as module
from whatsit.sorting.page.desk import Desk


def test_a_fault_while_photos_are_looked_at_is_said_on_the_page_and_in_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_folder: Path, **_options: Any) -> None:
        raise ZeroDivisionError("at fault")

    monkeypatch.setattr(module, "open_pile", fails)
    heard: list[events.Event] = []
    with events.listening(heard.append):
        desk = Desk(tmp_path)
        desk.close()
    with pytest.raises(UserError, match="went wrong in whatsit itself"):
        asyncio.run(desk.do(lambda pile: pile.names))
    assert any("ZeroDivisionError: at fault" in one.text for one in heard if isinstance(one, events.Warn))


def test_a_desk_closed_before_it_listens_looks_at_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def looks(_folder: Path, **_options: Any) -> Iterator[None]:
        for _ in range(200):
            events.honour_stop()
            time.sleep(0.01)
        pytest.fail("all photos were looked at")
        yield

    goes_on, real = threading.Event(), module.events.listening

    @contextmanager
    def listens_late(listener: events.Listener) -> Iterator[events.Listening]:
        goes_on.wait()
        with real(listener) as listening:
            yield listening

    monkeypatch.setattr(module, "open_pile", looks)
    monkeypatch.setattr(module.events, "listening", listens_late)
    desk = Desk(tmp_path)
    threading.Timer(0.1, goes_on.set).start()
    desk.close()
    assert desk.opening.trouble == "It was stopped."

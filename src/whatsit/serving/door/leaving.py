"""Whether a client has left, by a flag of its connection: a watch for it would be a task a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_KEY = "whatsit.has_left"


def note_leaving(scope: Any, has_left: Callable[[], bool]) -> None:
    """Have a request know how its connection says that the client has left."""
    scope[_KEY] = has_left


def leaving_of(scope: Any) -> Callable[[], bool]:
    """What says whether the client of a request has left, from any thread; never, where no connection says so."""
    found: Callable[[], bool] = scope.get(_KEY, _never)
    return found


def _never() -> bool:
    return False

"""What a hostile hand makes of JSON: entries taken away, and others put in their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Stored = dict[str, Any]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)


def changed(*path: str | int, to: object) -> Callable[[Stored], None]:
    """A change of what a file says: the entry at `path` becomes `to`."""

    def change(stored: Stored) -> None:
        _at(stored, path[:-1])[path[-1]] = to

    return change


def without(*path: str | int) -> Callable[[Stored], None]:
    """A change of what a file says: the entry at `path` is gone."""

    def change(stored: Stored) -> None:
        del _at(stored, path[:-1])[path[-1]]

    return change


def _at(stored: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        stored = stored[step]
    return stored


def places(stored: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths to everything in a JSON value, itself left out."""
    steps: list[tuple[str | int, Any]] = []
    if isinstance(stored, dict):
        steps = list(stored.items())
    elif isinstance(stored, list):
        steps = list(enumerate(stored))
    found = []
    for step, inner in steps:
        found += [(*path, step), *places(inner, (*path, step))]
    return found

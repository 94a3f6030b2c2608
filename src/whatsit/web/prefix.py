"""The path that a site lies below, as in https://example.org/classifier/: "" where it has a name for itself.

Every address in a page goes through `at`, every path that is judged through `path_of`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

_PREFIX: ContextVar[str] = ContextVar("prefix", default="")
_SHAPE = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)+")  # no /../, no quotes, no second host
MOST = 200  # characters


def at(path: str) -> str:
    """The address of a path of ours, for a browser."""
    return _PREFIX.get() + path


def clean_prefix(text: str) -> str | None:
    """A prefix as `/one/two`; None where it is none."""
    plain = text.strip().rstrip("/")
    return plain if len(plain) <= MOST and (not plain or _SHAPE.fullmatch(plain)) else None


def put_below(scope: Any, prefix: str) -> None:
    """Let a request, and the pages that answer it, know what they lie below.

    A proxy may take the prefix off the path that it sends, or leave it on.
    """
    _PREFIX.set(prefix)
    if not prefix:
        return
    path, raw = scope["path"], scope.get("raw_path") or b""
    if path == prefix or path.startswith(prefix + "/"):
        path, raw = path[len(prefix) :], raw[len(prefix) :]
    scope["root_path"] = prefix
    scope["path"] = prefix + (path or "/")
    scope["raw_path"] = prefix.encode() + (raw or b"/")


def path_of(scope: Mapping[str, Any]) -> str:
    """The path that is asked for, without what the site lies below."""
    return str(scope["path"][len(scope.get("root_path", "")) :])

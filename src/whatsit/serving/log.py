"""One line a request on stderr: JSON for machines, words in a terminal. Never anything of people.

A line has no photo, file name, address of a client, address asked for, user agent, token or answer. What it
has is what an operator needs: which route, what came of it, how big, how long, and an id to find it by.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any, Literal

LogFormat = Literal["auto", "json", "text", "off"]


@dataclass
class RequestRecord:
    """What is known of one request; filled while it is answered."""

    id: str
    method: str = ""
    route: str = ""  # as in "/api/predict": the pattern, never the path that was sent
    status: int = 0
    code: str = ""  # of the refusal, where it was refused
    bytes: int = 0  # of the body
    photos: int = 0
    model: str = ""
    ms: dict[str, float] = field(default_factory=dict)  # stage → milliseconds
    reason: str = ""  # what was really wrong, where the client is not told


RECORD = "whatsit.record"  # where the scope of a request has its RequestRecord


def record_of(scope: MutableMapping[str, Any]) -> RequestRecord:
    """The record of the request that an ASGI scope stands for."""
    record: RequestRecord = scope[RECORD]
    return record


class Log:
    """Writes records and events as lines."""

    def __init__(self, wanted: LogFormat = "auto") -> None:
        self._format = ("text" if sys.stderr.isatty() else "json") if wanted == "auto" else wanted

    def request(self, record: RequestRecord) -> None:
        """A request that has ended."""
        if self._format == "text":
            spent = record.ms.get("all", 0.0)
            why = f" ({record.code}{': ' + record.reason if record.reason else ''})" if record.code else ""
            self._line(f"{_clock()} {record.method} {record.route} {record.status}{why} {spent:.0f} ms")
        else:
            kept = {key: value for key, value in vars(record).items() if value not in ("", 0, {})}
            self._json({"event": "request", **kept})

    def event(self, event: str, **facts: Any) -> None:
        """Something that happened to the server itself."""
        if self._format == "text":
            told = " ".join(f"{key}={value}" for key, value in facts.items())
            self._line(f"{_clock()} {event} {told}")
        else:
            self._json({"event": event, **facts})

    def bug(self, request_id: str, error: BaseException) -> None:
        """An error of ours, with its traceback; written even where nothing else is."""
        told = "".join(traceback.format_exception(error))
        if self._format == "off":
            sys.stderr.write(f"bug {request_id}\n{told}")
        else:
            self.event("bug", id=request_id, traceback=told)

    def _json(self, facts: dict[str, Any]) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        self._line(json.dumps({"time": now + "Z", **facts}, ensure_ascii=False))

    def _line(self, text: str) -> None:
        if self._format != "off":
            sys.stderr.write(text + "\n")
            sys.stderr.flush()


def _clock() -> str:
    return time.strftime("%H:%M:%S")

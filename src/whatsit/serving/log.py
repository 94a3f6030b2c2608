"""One line a request on stderr: JSON for machines, words in a terminal. Never anything of people.

A line has no photo, file name, address of a client, address asked for, user agent, token or answer. What it
has is what an operator needs: which route, what came of it, how big, how long, and an id to find it by.

The log serves the service, and never the other way round: where a line cannot be written now (a full disk, a pipe
that nobody empties, a stream that is closed), it is lost and counted, and the next that can be says how many.
"""

from __future__ import annotations

import contextlib
import json
import select
import sys
import time
import traceback
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any, Literal, TextIO

from whatsit import words

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
    trace: str = ""  # the id of the trace that its spans are in, where there is one (traces.py)


# Characters: a pipe that takes anything takes PIPE_BUF, 4096 bytes, without a wait (pipe(7)); a character is up to
# four bytes.
AT_ONCE = 1024
RECORD = "whatsit.record"  # where the scope of a request has its RequestRecord


def record_of(scope: MutableMapping[str, Any]) -> RequestRecord:
    """The record of the request that an ASGI scope stands for."""
    record: RequestRecord = scope[RECORD]
    return record


class Log:
    """Writes records and events as lines."""

    def __init__(self, wanted: LogFormat = "auto") -> None:
        self._format = ("text" if _is_terminal() else "json") if wanted == "auto" else wanted
        self.lost = 0  # lines that could not be written since the last that could

    def request(self, record: RequestRecord) -> None:
        """A request that has ended; a person at a terminal is not told of the files of the page."""
        if self._format == "text":
            if record.route.startswith("/static/") and record.status < 400:
                return
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
            _write(f"bug {request_id}\n{told}")
        else:
            self.event("bug", id=request_id, traceback=told)

    def _json(self, facts: dict[str, Any]) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        self._line(json.dumps({"time": now + "Z", **facts}, ensure_ascii=False))

    def _line(self, text: str) -> None:
        if self._format == "off":
            return
        if self.lost and _write(self._lost_line()):
            self.lost = 0
        self.lost += not _write(text + "\n")

    def _lost_line(self) -> str:
        if self._format == "text":
            return f"{_clock()} {words.count(self.lost, 'line')} before this one could not be written\n"
        return json.dumps({"event": "lines lost", "count": self.lost}) + "\n"


def _write(text: str) -> bool:
    """Write some lines on stderr where that can be done now; whether it was."""
    try:
        stream = sys.stderr
        for start in range(0, len(text), AT_ONCE):
            if not _takes_more(stream):
                return False
            stream.write(text[start : start + AT_ONCE])
            stream.flush()
    except (OSError, ValueError, AttributeError):  # ValueError: closed; AttributeError: there is none
        return False
    return True


def _takes_more(stream: TextIO) -> bool:
    """Whether a stream takes AT_ONCE more without a wait; of one that cannot be asked, that it does."""
    if not hasattr(select, "poll"):  # Windows
        return True
    try:
        number = stream.fileno()
    except (OSError, ValueError, AttributeError):  # a stream in memory has no number
        return True
    asked = select.poll()
    asked.register(number, select.POLLOUT)
    return bool(asked.poll(0))


def _is_terminal() -> bool:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return sys.stderr.isatty()
    return False


def _clock() -> str:
    return time.strftime("%H:%M:%S")

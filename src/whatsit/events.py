"""What happens while a verb runs, told to whoever listens; and a listener's wish to stop.

The library never prints. It tells events, and a terminal, a notebook, a job of another process, a logger or a test
listens; where nobody does, notes and warnings go to the logger `whatsit`.

>>> with listening(print) as ear:       # ear.stop(), from any thread, asks the verb to end
...     whatsit.train("digits")

What takes long tells of its progress, and what falls back on a second way says so; a pure function tells nothing.
The listener travels in a context variable, which `engine.each` carries into its threads, so no function hands one
on.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Note:
    """A line of news."""

    text: str


@dataclass(frozen=True)
class Warn:
    """A line that a person should not miss."""

    text: str


@dataclass(frozen=True)
class Begin:
    """A piece of work begins: `total` steps of `unit`, None where nobody knows how many."""

    work: int
    what: str
    total: int | None
    unit: str


@dataclass(frozen=True)
class Step:
    """So many more steps of a piece of work are done."""

    work: int
    count: int


@dataclass(frozen=True)
class End:
    """A piece of work has ended, well or not."""

    work: int


@dataclass(frozen=True)
class Epoch:
    """An epoch of training has ended.

    row: what history.csv holds of it; epochs: how many are planned, in all; photos: how many it learnt from
    """

    row: Mapping[str, Any]
    epochs: float
    photos: int


@dataclass(frozen=True)
class FindingMade:
    """A check has found something in a photo."""

    photo: str
    check: str
    severity: str
    reason: str


@dataclass(frozen=True)
class Class:
    """A class begins to be collected; `goal` is how many photos are wanted of it, None for all there are."""

    name: str
    goal: int | None


@dataclass(frozen=True)
class CandidateSettled:
    """What has become of one address: "kept", "duplicate", "conflict", "bad" or "later"."""

    class_name: str
    source: str
    state: str


@dataclass(frozen=True)
class Saved:
    """A file or folder that people asked for is written."""

    what: str
    path: str


Event = Note | Warn | Begin | Step | End | Epoch | FindingMade | Class | CandidateSettled | Saved
Listener = Callable[[Event], object]
# in JSON an event goes by its class in lower case, but these two by what is told
_JSON_NAMES: dict[type, str] = {FindingMade: "finding", CandidateSettled: "candidate"}
Advance = Callable[[int], None]  # called with the size of each step


STOPPED = "Stopped. What was finished is kept; the same {way} goes on from there."  # way: a call, or a command


class Stopped(BaseException):  # like KeyboardInterrupt: no `except Exception` on the way may swallow it
    """A listener asked for a stop, and the work ended after the batch that was running.

    All is as after a kill: what was finished is kept, and the same call goes on from there.
    """

    def __init__(self) -> None:
        super().__init__(STOPPED.format(way="call"))


class Listening:
    """A listener while it listens."""

    def __init__(self, listener: Listener, outer: Listening | None) -> None:
        self._listener: Listener | None = listener
        self._outer = outer
        self._stop = threading.Event()
        self._one_at_a_time = threading.RLock()

    def stop(self) -> None:
        """Ask what is running to end; from any thread, and more than once without harm."""
        self._stop.set()

    @property
    def is_stopping(self) -> bool:
        """Whether a stop was asked for, here or by a listener around this one."""
        return self._stop.is_set() or (self._outer is not None and self._outer.is_stopping)

    def hear(self, event: Event) -> None:
        """Hand an event to the listener and to those around it.

        A listener that raises is shown with its traceback, once, and hears no more: the work goes on.
        """
        with self._one_at_a_time:
            if self._listener is not None:
                try:
                    self._listener(event)
                except Exception:
                    self._listener = None
                    _logger().exception("A listener failed and hears no more; the work goes on.")
        if self._outer is not None:
            self._outer.hear(event)


_listening: ContextVar[Listening | None] = ContextVar("whatsit_listening", default=None)
_by_default: Listening | None = None
_numbers = itertools.count(1)


def listen_by_default(listener: Listener) -> None:
    """Hand `listener` the events that nobody else in their context hears, from now on."""
    global _by_default
    _by_default = Listening(listener, None)


@contextlib.contextmanager
def listening(listener: Listener) -> Iterator[Listening]:
    """Hand all events of the block to `listener`, and then to the listeners around it.

    The yielded object's `stop()` asks what is running to end, which then raises `Stopped`; a listener itself may
    call `events.stop()`.
    """
    ear = Listening(listener, _listening.get())
    token = _listening.set(ear)
    try:
        yield ear
    finally:
        _listening.reset(token)


@contextlib.contextmanager
def overhearing(listener: Listener) -> Iterator[None]:
    """Hand all events of the block to `listener` too; whoever hears them anyway hears them as before."""

    def tell_both(event: Event) -> None:
        if outer is None:
            _tell_by_default(event)
        listener(event)

    outer = _listening.get()
    with listening(tell_both):
        yield


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """Tell nobody of the events of the block, as where another process tells the same."""
    token = _listening.set(Listening(lambda _event: None, None))
    try:
        yield
    finally:
        _listening.reset(token)


def stop() -> None:
    """Ask what is running to end; for a listener, while it is handed an event."""
    ear = _listening.get()
    if ear is not None:
        ear.stop()


def honour_stop() -> None:
    """Raise `Stopped` where a listener asked for it; for long loops, between two steps that are whole."""
    ear = _listening.get()
    if ear is not None and ear.is_stopping:
        raise Stopped


def note(text: str) -> None:
    """Tell a line of news."""
    _tell(Note(text))


def warn(text: str) -> None:
    """Tell a line that a person should not miss."""
    _tell(Warn(text))


@contextlib.contextmanager
def progress(what: str, total: int | None, unit: str = "photos") -> Iterator[Advance]:
    """Tell a piece of work from its begin to its end; call the yielded function with each step's size.

    Raises `Stopped` there, after a step, where a listener asked for it.
    """
    work = next(_numbers)
    _tell(Begin(work, what, total, unit))

    def advance(count: int) -> None:
        _tell(Step(work, count))
        honour_stop()

    try:
        honour_stop()
        yield advance
    finally:
        _tell(End(work))


@contextlib.contextmanager
def working(what: str) -> Iterator[None]:
    """Tell a piece of work whose steps cannot be counted, from its begin to its end."""
    with progress(what, None, ""):
        yield


def epoch(row: Mapping[str, Any], epochs: float, photos: int) -> None:
    """Tell that an epoch has ended and is kept; raises `Stopped` where a listener asked for it."""
    _tell(Epoch(row, epochs, photos))
    honour_stop()


def finding(photo: str, check: str, severity: str, reason: str) -> None:
    """Tell what a check has found in a photo."""
    _tell(FindingMade(photo, check, severity, reason))


def begin_class(name: str, goal: int | None) -> None:
    """Tell that photos of a class are collected from now on."""
    _tell(Class(name, goal))


def candidate(class_name: str, source: str, state: str) -> None:
    """Tell what has become of an address."""
    _tell(CandidateSettled(class_name, source, state))


def saved(what: str, path: object) -> None:
    """Tell that a file or folder is written."""
    _tell(Saved(what, str(path)))


def as_dict(event: Event) -> dict[str, Any]:
    """An event as JSON can hold it: `{"event": "note", "text": …}`."""
    return {"event": _JSON_NAMES.get(type(event), type(event).__name__.lower()), **asdict(event)}


def _tell(event: Event) -> None:
    ear = _listening.get()
    if ear is not None:
        ear.hear(event)
    else:
        _tell_by_default(event)


def _tell_by_default(event: Event) -> None:
    """Tell an event that nobody in this context listens to."""
    if _by_default is not None:
        _by_default.hear(event)
    elif isinstance(event, Warn):
        _logger().warning(event.text)
    elif isinstance(event, Note):
        _logger().info(event.text)


def _logger() -> Any:
    import logging

    return logging.getLogger("whatsit")

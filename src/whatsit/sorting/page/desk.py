"""A pile on a page: opened on a thread of its own, on which all that concerns it is done, one after another."""

from __future__ import annotations

import asyncio
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from whatsit import events
from whatsit.engine import working_on
from whatsit.errors import UserError
from whatsit.languages.speaking import gettext
from whatsit.sorting.learning.layout import Values, lay_out
from whatsit.sorting.opening import open_pile
from whatsit.sorting.pile import Pile

T = TypeVar("T")


@dataclass(frozen=True)
class Opening:
    """How far a pile is opened: photos looked at, of how many; what went wrong, as a sentence."""

    done: int = 0
    total: int = 0
    is_open: bool = False
    trouble: str = ""


class Desk:
    """The pile of a folder, being opened or open; `close` when it is no longer wanted.

    labels: what a photo has; see `open_pile`
    engine: what looks at the photos, see `whatsit.engine`; it is needed only while the pile is opened
    """

    def __init__(self, folder: Path, labels: str | None = None, engine: str = "threads") -> None:
        self.folder = folder
        self._labels, self._engine = labels, engine
        self.opening = Opening()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sorting")
        self._resources = ExitStack()
        self._listening: events.Listening | None = None
        self._turn = threading.Lock()
        self._is_wanted = True
        self._places: asyncio.Future[Values] | None = None
        self._pile = self._thread.submit(copy_context().run, self._open)  # in the language of who opens it

    async def do(self, work: Callable[[Pile], T]) -> T:
        """What `work` gives of the open pile. Raises UserError while it is being opened, or cannot be."""
        if not self.opening.is_open:
            raise UserError(
                self.opening.trouble or gettext("The photos are still being looked at."),
                hint=gettext("Wait a moment, then try again."),
            )
        try:
            doing = self._thread.submit(copy_context().run, lambda: work(self._pile.result()))
        except RuntimeError:  # it was closed
            raise UserError(
                gettext("This page was closed."), hint=gettext("Open it again: all that was answered is kept.")
            ) from None
        return await asyncio.wrap_future(doing)

    async def lay_out(self) -> Values:
        """(n, 2) in 0..1: where each photo lies on the map; made once, on another thread than all else."""
        if self._places is None:
            values = await self.do(lambda pile: pile.values)
            self._places = asyncio.ensure_future(asyncio.to_thread(lay_out, values))
        return await asyncio.shield(self._places)

    def close(self) -> None:
        """Stop what is being done; all that was answered is kept."""
        with self._turn:
            self._is_wanted = False
            if self._listening is not None:
                self._listening.stop()
        self._thread.submit(self._resources.close)
        self._thread.shutdown(wait=True)

    def _open(self) -> Pile:
        try:
            with events.listening(self._hear) as listening, working_on(self._engine):
                with self._turn:
                    self._listening = listening
                    if not self._is_wanted:
                        listening.stop()
                pile = self._resources.enter_context(open_pile(self.folder, labels=self._labels))
        except UserError as error:
            self.opening = Opening(trouble=str(error))
            raise
        except events.Stopped:
            self.opening = Opening(trouble=gettext("It was stopped."))
            raise
        except Exception as error:  # a fault; whoever waits for the photos would wait for ever
            events.warn("".join(traceback.format_exception(error)))
            self.opening = Opening(trouble=gettext("Something went wrong in whatsit itself."))
            raise
        self.opening = Opening(len(pile.names), len(pile.names), is_open=True)
        return pile

    def _hear(self, event: events.Event) -> None:
        if isinstance(event, events.Begin) and event.total:
            self.opening = Opening(0, event.total)
        elif isinstance(event, events.Step):
            self.opening = Opening(self.opening.done + event.count, self.opening.total)

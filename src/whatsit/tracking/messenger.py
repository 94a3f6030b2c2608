"""What a logger is told, on a thread of its own, so that no network holds training up."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable

from whatsit import events
from whatsit.tracking.tracker import Tracker

PATIENCE_S = 120.0  # at the end, for what is still on its way: a model of 100 MB over a slow line
Message = Callable[[Tracker], None]


class Messenger:
    """Tells a logger what it is sent, in its order. The first thing that fails is warned of, and is the last."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._messages: queue.Queue[Message | None] = queue.Queue()
        context = contextvars.copy_context()  # so that a warning reaches whoever listens
        self._thread = threading.Thread(target=context.run, args=(self._tell,), daemon=True)
        self._thread.start()

    def send(self, message: Message) -> None:
        """Have something told, when its turn comes."""
        self._messages.put(message)

    def close(self) -> None:
        """Wait until all is told, but not for ever."""
        self._messages.put(None)
        self._thread.join(PATIENCE_S)
        if self._thread.is_alive():
            events.warn(
                f"{self._tracker.label} has not taken everything within {PATIENCE_S:.0f} s; the run is whole."
            )

    def _tell(self) -> None:
        while (message := self._messages.get()) is not None:
            try:
                message(self._tracker)
            except Exception as error:  # of a logger's client, or the network below it
                reason = " ".join(str(error).split())[:160] or type(error).__name__
                events.warn(
                    f"{self._tracker.label} hears no more of this training ({reason}); the training goes on."
                )
                return

"""What is said when somebody stops a command with Ctrl-C: what is kept, and what the same command does then."""

from __future__ import annotations

import contextlib
import signal
import sys
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from whatsit import events

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

EXIT_CODE = 130
GOES_ON = events.STOPPED.format(way="command")
NOTHING = "Stopped. Nothing was written; the same command begins anew."


class Ended(BaseException):  # like KeyboardInterrupt: no `except Exception` on the way may swallow it
    """A command was stopped; the text says what that leaves."""


@contextlib.contextmanager
def leaves(sentence: str) -> Iterator[None]:
    """Around a command, or a part of one: what is said when it is stopped there. Without it that is GOES_ON.

    It decorates functions, too.
    """
    try:
        yield
    except BaseException as error:
        if is_stop(error) and not isinstance(error, Ended):
            raise Ended(sentence) from None
        raise


def is_stop(error: BaseException) -> bool:
    """Whether an error says that somebody stopped the command.

    That is a KeyboardInterrupt, or what became of one in an import: a library of C code that is being read at
    that moment says that it cannot be imported, and whoever wanted it that it is missing.
    """
    is_of_import = False
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, KeyboardInterrupt | events.Stopped | Ended):
            return link is error or is_of_import
        is_of_import |= isinstance(link, ImportError)
        link = link.__cause__ or link.__context__
    return False


@contextlib.contextmanager
def heard_everywhere(ear: events.Listening) -> Iterator[None]:
    """Have Ctrl-C stop the block's work also where Python could only complain about it.

    In the end of an object, or in a callback of C code, a KeyboardInterrupt goes nowhere: Python prints it with
    its traceback, and the work goes on.
    """

    def stop(one: UnraisableHookArgs) -> None:
        if isinstance(one.exc_value, KeyboardInterrupt):
            ear.stop()
        else:
            earlier(one)

    earlier, sys.unraisablehook = sys.unraisablehook, stop
    try:
        yield
    finally:
        sys.unraisablehook = earlier


def listen() -> None:
    """Let Ctrl-C be a KeyboardInterrupt from here on, as it is where a program does nothing about it."""
    if signal.getsignal(signal.SIGINT) not in (signal.SIG_IGN, signal.default_int_handler):
        signal.signal(signal.SIGINT, signal.default_int_handler)


def end() -> None:
    """Let Ctrl-C end the process where it is: all that was to be said is said."""
    warnings.filterwarnings("ignore", "coroutine .* was never awaited")  # what was stopped before it began
    # Python remembers a KeyboardInterrupt that left an exec of text, as in making a dataclass, and at the end of
    # `python -m` dies by the signal although it was caught; the next exec of text has it forget that.
    exec("")
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where the shell has it ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)

"""The command line: one file a command, each of which parses, makes one library call, and prints.

A command's module is imported only when that command runs, so `whatsit --help` answers at once.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from whatsit import events
from whatsit.cli.terminal import console, names, stopping, streams
from whatsit.cli.terminal.listener import Terminal
from whatsit.cli.terminal.overview import show_overview
from whatsit.cli.terminal.usage import WrongUsage
from whatsit.errors import UserError
from whatsit.version import __version__

if TYPE_CHECKING:
    from cyclopts import App

# part of the road → command → what `whatsit --help` says of it; the code is cli/COMMAND.py
ROAD = {
    "start": {
        "studio": "Open a page on which all of it is done by hand.",
        "demo": "Walk the whole road on a data set that is already here.",
        "make": "From words to a page: collect, clean, train, serve.",
    },
    "photos": {
        "collect": "Collect photos by search words, one folder a class.",
        "sources": "List where photos can be looked for, and check them.",
        "forget": "Take photos down, and keep them from coming back.",
        "info": "Look at a data set: counts, sizes, problems, photos.",
        "clean": "Find broken, blurred and duplicate photos.",
        "review": "Open a page to look through photos and decide.",
        "pack": "Write the clean set for training elsewhere.",
    },
    "models": {
        "backbones": "List pretrained networks, and measure them on your photos.",
        "train": "Train a classifier and measure it.",
        "evaluate": "Measure a finished run again, on its own photos or others.",
        "compare": "Put finished runs side by side.",
    },
    "answers": {
        "predict": "Ask a model about photos.",
        "serve": "Open a model as a page and an API.",
        "deploy": "Put a run online: a server, a container, or only a page.",
        "export": "Write a model for another runtime, proven there.",
        "push": "Put a run on the Hugging Face Hub.",
    },
    "machine": {
        "doctor": "Say what this machine can do, and where caches lie.",
    },
}
COMMANDS = {name: text for commands in ROAD.values() for name, text in commands.items()}
# How commands are called that take several of a thing, or none: by themselves ARGS, which no help explains.
USAGE = {
    "studio": "[OPTIONS] [FOLDER]",
    "make": "[OPTIONS] DATA CLASS...",
    "collect": "[OPTIONS] DATA CLASS...",
    "compare": "[OPTIONS] RUNS...",
    "predict": "[OPTIONS] RUN [PHOTO...]",
    "serve": "[OPTIONS] RUN...",
}
HELP = {"--help", "-h"}  # what asks for all commands on one screen, as no word at all does
ABOUT = "From photos to a classifier that is honestly measured and fits in one file."
BEGIN = "Start here: whatsit demo, or whatsit studio. More: whatsit COMMAND --help"


def app(chosen: str = "") -> App:
    """The command line application; the `chosen` command tells of itself in its own docstring's words."""
    from cyclopts import App, Parameter

    from whatsit.cli.terminal.usage import explain_usage

    whole = App(
        name="whatsit",
        version=__version__,
        help=ABOUT,
        help_format="markdown",
        suppress_keyboard_interrupt=False,  # it would end without a word
        error_formatter=explain_usage,
        default_parameter=Parameter(negative_iterable=(), show_default=_say_default),
    )
    for name, help_text in COMMANDS.items():
        usage = f"Usage: whatsit {name} {USAGE[name]}" if name in USAGE else None
        what = None if name == chosen else help_text
        whole.command(f"whatsit.cli.{name}:{name}", name=name, help=what, usage=usage)
    whole.register_install_completion_command(
        help="Have the shell complete commands and options (bash, zsh, fish).",
        show=False,  # done once, and named in the README
    )
    return whole


def _say_default(value: Any) -> str | None:
    """What the help says of a default; nothing of one that does no more than leaving the option out."""
    if value is None or isinstance(value, bool):
        return "yes" if value else None
    return (", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)) or None


@contextlib.contextmanager
def _written() -> Iterator[None]:
    """All events of the block as lines of JSON in the file that $WHATSIT_EVENTS names, if it names one."""
    place = os.environ.get("WHATSIT_EVENTS")
    if not place:
        yield
        return
    from pathlib import Path

    from whatsit.files import explain_disk_errors
    from whatsit.listeners import JsonLines

    with contextlib.ExitStack() as stack:
        with explain_disk_errors(Path(place)):
            file = stack.enter_context(Path(place).open("a", encoding="utf-8"))
        stack.enter_context(events.listening(JsonLines(file)))
        yield


def _explain(error: BaseException) -> int:
    """The exit code of a command that ended with an error, after its sentence; a fault of ours is raised."""
    if stopping.is_stop(error):
        stopping.end()
        console.note(str(error) if isinstance(error, stopping.Ended) else stopping.GOES_ON)
        return stopping.EXIT_CODE
    if isinstance(error, UserError):
        console.fail(error.sentence, error.hint)
        return WrongUsage.EXIT_CODE if isinstance(error, WrongUsage) else 1
    if isinstance(error, BrokenPipeError):  # as in `whatsit predict … | head`
        sys.stderr.close()
        return 0
    raise error


def main() -> None:
    """Run the command line; the exit code is 0, 1 for what the user can mend, 2 for usage, 130 for Ctrl-C."""
    names.read_as_utf8()
    try:
        with streams.ready(), events.listening(Terminal()) as ear, stopping.heard_everywhere(ear), _written():
            if HELP.issuperset(sys.argv[1:]):
                show_overview(ABOUT, ROAD, BEGIN)
                return
            chosen = sys.argv[1]
            program = app(chosen)
            if chosen in COMMANDS:
                import_module(f"whatsit.cli.{chosen}")
            stopping.listen()  # so far nothing was done: see __main__.py
            program()
    except BaseException as error:
        sys.exit(_explain(error))
    finally:
        stopping.end()

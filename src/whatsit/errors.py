"""What can go wrong in a way the user can mend: a sentence and a hint, never a traceback."""

from __future__ import annotations

import difflib
import platform
from collections.abc import Iterable


class UserError(Exception):
    """Something the user can put right: what it is, and what to do next.

    The command line prints both and exits with 1; a page or the API sends them as
    `{"error": sentence, "hint": hint}`. Any other exception is a bug of ours and keeps its traceback.
    """

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.sentence} {self.hint}".rstrip()


class DiskFull(UserError):
    """A disk takes no more: what else would be written there has to wait, too."""


# What to do where something was written by a newer version.
UPDATE = "Update whatsit: pip install -U whatsit, or in a checkout of its source: git pull, then pip install ."


def suggest_nearest(name: str, known: Iterable[str], what: str = "There are") -> str:
    """A sentence naming what `name` may have meant: `Did you mean 'fast'? There are: fast, simple.`

    what: what those are that are known, where that is not plain
    """
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=2, cutoff=0.5)
    guess = f"Did you mean {' or '.join(map(repr, close))}? " if close else ""
    return f"{guess}{what}: {', '.join(names)}."


def not_the_same_here(what: str) -> UserError:
    """The error for a process that does not find a file as the one did that gave it work; most likely it runs on
    another machine."""
    return UserError(
        f"On the machine {platform.node()!r} {what} cannot be found as it is where the work is led from.",
        hint="Let all machines see the same files, as in one shared folder; $WHATSIT_CACHE has to lie there too.",
    )


def missing_extra(package: str, extra: str, what_for: str) -> UserError:
    """The error for an optional package that is not installed, with the command that installs it."""
    return UserError(
        f"{what_for} needs {package}, which is not installed.",
        hint=f"Install it with: pip install 'whatsit[{extra}]'",
    )

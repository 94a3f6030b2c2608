"""stdin, stdout and stderr as they are found: in any encoding, closed, full, or cut off."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from collections.abc import Iterator

from whatsit.errors import UserError

ERRORS = "whatsit"  # how a stream writes what its encoding lacks
# what our own sentences and drawings use, for encodings that lack it
_PLAIN = str.maketrans(
    {
        "×": "x",
        "–": "-",
        "…": "...",
        "±": "+-",
        "→": "->",
        "≥": ">=",
        "≤": "<=",
        "·": "-",
        "’": "'",
        "−": "-",
        "≠": "!=",
    }
    | {"─": "-", "│": "|", "█": "#", "▓": "#", "▒": "+", "░": ".", "▀": "^"}
    | dict.fromkeys("▏▎▍▌", " ")
    | dict.fromkeys("▋▊▉", "#")
)


def _replace(error: UnicodeError) -> tuple[str | bytes, int]:
    """What stands for one character that an encoding lacks: the byte of a file name that is no text, a plain mark,
    or its number, as in \\u732b, so that nothing is lost."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    one = error.object[error.start]
    if "\udc80" <= one <= "\udcff":
        return bytes([ord(one) - 0xDC00]), error.start + 1
    plain = one.translate(_PLAIN)
    return plain if plain.isascii() else one.encode("ascii", "backslashreplace").decode(), error.start + 1


class Lost(UserError):
    """What is printed cannot be written."""


class _Out(io.FileIO):
    """stdout's file, which says what became of it where it takes no more."""

    def write(self, content: object) -> int | None:  # type: ignore[override]
        try:
            return super().write(content)  # type: ignore[arg-type]
        except BrokenPipeError:
            raise
        except OSError as error:
            raise Lost(
                f"What is printed could not be written: {error.strerror}.",
                hint="Free some space, or print into another file.",
            ) from error


@contextlib.contextmanager
def ready() -> Iterator[None]:
    """Streams that can be used, for the block; at its end all that was printed is written.

    Raises Lost or BrokenPipeError where it cannot be, with nothing left that would be tried again.
    """
    for name in (
        "COLUMNS",
        "LINES",
    ):  # a terminal that does not know its size; taken at its word, nothing is shown
        if not os.environ.get(name, "1").strip("0"):
            del os.environ[name]
    _open_closed()
    codecs.register_error(ERRORS, _replace)
    with contextlib.suppress(
        AttributeError, ValueError, io.UnsupportedOperation
    ):  # not ours: a test's, a notebook's
        sys.stderr.reconfigure(errors=ERRORS)  # type: ignore[union-attr]
    before = sys.stdout
    with contextlib.suppress(AttributeError, ValueError, io.UnsupportedOperation):
        before.flush()
        file = io.BufferedWriter(_Out(before.fileno(), "w", closefd=False))
        sys.stdout = io.TextIOWrapper(
            file,
            before.encoding,
            ERRORS,
            line_buffering=bool(before.line_buffering),
        )
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except (Lost, BrokenPipeError):
        _drop_rest()
        raise
    finally:
        sys.stdout = before


def _drop_rest() -> None:
    """Let what is still to be written go nowhere, and not fail once more at the end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _open_closed() -> None:
    """Closed streams (`<&-`, a service) are empty or lead nowhere; else the next file opened is taken for one."""
    if sys.stdin is not None and sys.stdout is not None and sys.stderr is not None:
        return
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), "utf-8")
    if sys.stdout is None:
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w", closefd=False)), "utf-8")
    if sys.stderr is None:
        sys.stderr = io.TextIOWrapper(io.BufferedWriter(io.FileIO(2, "w", closefd=False)), "utf-8")

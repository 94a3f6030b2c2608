"""Ctrl-C while a library is being read: it says that it cannot be imported, and a stop is still a stop."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from whatsit import events
from whatsit.cli.terminal.stopping import EXIT_CODE, Ended, is_stop, leaves
from whatsit.errors import UserError


def stopped_while_read(also: BaseException | None = None) -> BaseException:
    """What an import says in which Ctrl-C was heard, or what was said because of it."""
    try:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as stop:
            raise ImportError("initialization failed") from stop
    except ImportError as error:
        if also is None:
            return error
        try:
            raise also from None
        except BaseException as last:
            return last


@pytest.mark.parametrize(
    "error",
    [
        KeyboardInterrupt(),
        events.Stopped(),
        Ended("Stopped."),
        stopped_while_read(),
        stopped_while_read(UserError("This needs a library that is missing.")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_stop_is_known_in_every_form(error: BaseException) -> None:
    assert is_stop(error)


def test_what_cannot_be_saved_at_a_stop_is_not_passed_over() -> None:
    def save_at_a_stop() -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise UserError("The disk is full.")

    with pytest.raises(UserError) as full:
        save_at_a_stop()
    assert not is_stop(full.value)
    assert not is_stop(ImportError("missing"))


def test_what_a_part_of_a_command_leaves_is_said_then_too() -> None:
    with pytest.raises(Ended, match="Nothing was written"), leaves("Nothing was written."):
        raise stopped_while_read()


def test_the_command_ends_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text(
        "try:\n    raise KeyboardInterrupt\nexcept KeyboardInterrupt as stop:\n"
        "    raise ImportError('initialization failed') from stop\n"
    )
    source = Path(__file__).parent.parent.parent.parent / "src"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(source)])}
    done = subprocess.run(
        [sys.executable, "-m", "whatsit", "info", "digits"], capture_output=True, text=True, env=env, cwd=tmp_path
    )
    assert (done.returncode, "Traceback" in done.stderr) == (EXIT_CODE, False)
    assert done.stderr.startswith("Stopped.")


def test_work_that_never_began_is_not_complained_about() -> None:
    program = (
        "import warnings; from whatsit.cli.terminal.stopping import end\n"
        "async def serve(): pass\n"
        "waiting = serve(); end(); del waiting"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == ""

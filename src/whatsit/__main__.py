"""Where the command begins, as `python -m whatsit` does: Ctrl-C is a sentence from the first moment on."""

import os
import signal


def main() -> None:
    """Run the command line."""
    _hear_early()
    from whatsit import cli

    cli.main()


def _hear_early() -> None:
    """Let Ctrl-C end the process with a sentence while the program is read: until `cli.main` runs a command."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where the shell has it ignored
        signal.signal(signal.SIGINT, _end_at_once)


def _end_at_once(_signal: int, _frame: object) -> None:
    os.write(2, b"Stopped before anything was done.\n")
    os._exit(130)


if __name__ == "__main__":
    main()

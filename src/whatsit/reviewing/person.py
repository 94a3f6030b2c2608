"""Who decides on a page: the name that is kept with each decision, and shown to the others."""

from __future__ import annotations

import getpass

from whatsit.errors import UserError

LONGEST = 60  # characters


def name_person(name: str | None) -> str:
    """A name as it was given; the system user's where none was, or nothing where the system knows none.

    Raises UserError where a given name is empty, long, or not of one line.
    """
    if name is None:
        return _system_user()
    if not _is_a_name(name.strip()):
        raise UserError(
            f"{name!r:.100} is no name to decide by.", hint=f"It has 1 to {LONGEST} letters, in one line."
        )
    return name.strip()


def _system_user() -> str:
    try:
        name = getpass.getuser()
    except (KeyError, OSError, ImportError):  # as in a container whose user is a number only
        return ""
    return name if _is_a_name(name) else ""


def _is_a_name(text: str) -> bool:
    return 0 < len(text) <= LONGEST and text.isprintable()

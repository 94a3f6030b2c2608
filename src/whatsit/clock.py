"""The time that files are written with: now, or the one that SOURCE_DATE_EPOCH names.

Who builds the same thing twice sets that variable, and gets the same bytes (the specification of
reproducible-builds.org). It stands for dates in runs, model cards, data sets and archives. What happened when (a
decision, a correction, a line of a log) and how long something took is told as it was.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

from whatsit.errors import UserError

VARIABLE = "SOURCE_DATE_EPOCH"
_EARLIEST_ZIP = datetime(1980, 1, 1, tzinfo=UTC)  # an archive's entries hold no earlier one


def now() -> datetime:
    """The time for a file that is being written, in UTC. Raises UserError where SOURCE_DATE_EPOCH is no time."""
    named = os.environ.get(VARIABLE, "")
    if not named:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(named), UTC)
    except (ValueError, OverflowError, OSError):
        raise UserError(
            f"{VARIABLE} cannot be {named!r}.", hint="Give seconds since 1970, as `git log -1 --format=%ct` does."
        ) from None


def stamp() -> str:
    """That time in ISO 8601, to the second."""
    return now().isoformat(timespec="seconds")


def zip_stamp() -> tuple[int, int, int, int, int, int]:
    """That time as the entries of a zip have it."""
    year, month, day, hour, minute, second, *_ = max(now(), _EARLIEST_ZIP).timetuple()
    return year, month, day, hour, minute, second

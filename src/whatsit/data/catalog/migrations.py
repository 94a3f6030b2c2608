"""How the catalog changed from format to format. A format is never changed after it was released.

1: as released with 0.1.0
2: the check that a decision rests on, and the batch it is undone with, are columns of their own. Before, they
   stood in `why` ("blurred: …") and in `by` ("clean 12", "review 7").
3: who decided on a page has a column.
"""

from __future__ import annotations

FORMAT = 3


def _take_batch_from(by: str) -> str:
    """A statement that takes the number out of `by` where it is that of a batch."""
    number = f"substr(by, {len(by) + 2})"
    return (
        f"UPDATE decisions SET batch = CAST({number} AS INTEGER), by = '{by}'"
        f" WHERE by GLOB '{by} [1-9]*' AND {number} NOT GLOB '*[^0-9]*'"
    )


MIGRATIONS = {
    1: (
        "ALTER TABLE decisions ADD COLUMN check_name TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE decisions ADD COLUMN batch INTEGER NOT NULL DEFAULT 0",
        _take_batch_from("clean"),
        _take_batch_from("review"),
        "UPDATE decisions SET check_name = substr(why, 1, instr(why, ': ') - 1),"
        " why = substr(why, instr(why, ': ') + 2) WHERE by = 'clean' AND batch > 0 AND instr(why, ': ') > 1",
        "CREATE INDEX decisions_by_batch ON decisions (by, batch)",
        "CREATE INDEX findings_by_check ON findings (check_name)",
    ),
    2: ("ALTER TABLE decisions ADD COLUMN person TEXT NOT NULL DEFAULT ''",),
}

"""What whatsit gives, as data frames of pandas or polars: both optional, and imported when a frame is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas
    import polars


def to_pandas(thing: Any, table: str | None = None) -> pandas.DataFrame:
    """A table of what whatsit gave, as a frame of pandas.

    thing: answers (what `predict` gives, a list, one alone), a run, a data set of `read`, or what `evaluate`,
           `compare` or `clean` gave
    table: which of its tables, without a name the first. Of answers "answers"; of a run "predictions",
           "classes", "confusion", "calibration", "coverage" (of several labels "precision-and-recall"),
           "distances", "history", "split", "skipped", and where it has them "folds", "suspects"; of what
           `evaluate` gave the same up to "distances"; of what `compare` gave "runs", "differences", "photos"; of a
           data set "photos", "skipped"; of what `clean` gave "findings", "photos", "skipped"

    What is not known of a row (everything of a photo that could not be read) is missing: None, NaN or NA. Raises
    UserError where there is no such table, or where pandas is not installed.
    """
    from whatsit.frames.columns import make_pandas
    from whatsit.frames.tables import make_table

    return make_pandas(make_table(thing, table))


def to_polars(thing: Any, table: str | None = None) -> polars.DataFrame:
    """The same as a frame of polars, with the same columns; see `to_pandas`.

    Raises UserError where there is no such table, or where polars is not installed.
    """
    from whatsit.frames.columns import make_polars
    from whatsit.frames.tables import make_table

    return make_polars(make_table(thing, table))

"""What whatsit gives, as data frames of pandas or polars: both optional, and imported when a frame is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas
    import polars


def to_pandas(thing: Any, table: str | None = None) -> pandas.DataFrame:
    """Answers, a run, what `evaluate`, `compare` or `clean` gave, or a data set, as a frame of pandas.

    table: which of its tables, the first where none is named; what a frame lacks is None or NaN
           answers (an iterable of `Answer`, or one): "answers", a row a photo
           a `Run`: "predictions", "classes", "confusion", "calibration", "coverage" (of several labels
           "precision-and-recall"), "distances", "history", "split", "folds", "suspects", "skipped"
           what `evaluate` gave: the same up to "distances", of the photos that it was measured on
           what `compare` gave: "runs", "differences", "photos"
           a data set of `read`: "photos", "skipped"; what `clean` gave: before these "findings"

    Raises UserError where there is no such table, or where pandas is not installed.
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

"""Columns whose kinds are known before any library of frames is: what is missing stays missing in each of them."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from whatsit.errors import missing_extra
from whatsit.files import readable


class Kind(enum.Enum):
    """What stands in a column."""

    TEXT = enum.auto()
    NUMBER = enum.auto()
    WHOLE = enum.auto()
    FLAG = enum.auto()
    LIST = enum.auto()  # of texts


@dataclass(frozen=True)
class Column:
    """Values of one kind; None is what is missing, of numbers nan too."""

    kind: Kind
    values: Sequence[Any]

    @property
    def has_gaps(self) -> bool:
        """Whether something is missing."""
        return any(value is None for value in self.values)


Columns = Mapping[str, Column]


def texts(values: Iterable[str | None]) -> Column:
    """Texts. A byte of a file name that is no UTF-8 is written `\\xNN`: no frame can hold it."""
    return Column(Kind.TEXT, [None if value is None else readable(value) for value in values])


def numbers(values: Iterable[float | None]) -> Column:
    """Numbers with digits behind the point."""
    return Column(Kind.NUMBER, [math.nan if value is None else float(value) for value in values])


def wholes(values: Iterable[int | None]) -> Column:
    """Whole numbers."""
    return Column(Kind.WHOLE, [None if value is None else int(value) for value in values])


def flags(values: Iterable[bool | None]) -> Column:
    """True or False."""
    return Column(Kind.FLAG, [None if value is None else bool(value) for value in values])


def lists(values: Iterable[Iterable[str] | None]) -> Column:
    """Lists of texts, of any length."""
    return Column(Kind.LIST, [None if value is None else [readable(one) for one in value] for value in values])


def make_pandas(columns: Columns) -> Any:
    """A frame of pandas: whole numbers and flags of numpy's kinds, or of pandas' own where some are missing."""
    try:
        import pandas
    except ImportError:
        raise missing_extra("pandas", "pandas", "A data frame of pandas") from None

    def kind_of(column: Column) -> Any:
        if column.kind is Kind.WHOLE:
            return "Int64" if column.has_gaps else "int64"
        if column.kind is Kind.FLAG:
            return "boolean" if column.has_gaps else "bool"
        if column.kind is Kind.TEXT:
            return pandas.StringDtype(na_value=np.nan)
        return "float64" if column.kind is Kind.NUMBER else object

    return pandas.DataFrame(
        {readable(name): pandas.Series(one.values, dtype=kind_of(one)) for name, one in columns.items()}
    )


def make_polars(columns: Columns) -> Any:
    """A frame of polars: what is missing is null, of numbers too."""
    try:
        import polars
    except ImportError:
        raise missing_extra("polars", "polars", "A data frame of polars") from None
    kinds = {
        Kind.TEXT: polars.String,
        Kind.NUMBER: polars.Float64,
        Kind.WHOLE: polars.Int64,
        Kind.FLAG: polars.Boolean,
        Kind.LIST: polars.List(polars.String),
    }

    def series_of(name: str, column: Column) -> Any:
        values = np.array(column.values, np.float64) if column.kind is Kind.NUMBER else column.values
        return polars.Series(readable(name), values, kinds[column.kind], nan_to_null=True)

    return polars.DataFrame([series_of(name, column) for name, column in columns.items()])

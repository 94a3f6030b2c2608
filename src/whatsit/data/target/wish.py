"""What a model is wished to be best at: a share of answers that it promises, or what its mistakes cost."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from whatsit.errors import UserError

Measure = Literal["f1", "precision", "recall", "costs"]
Costs = tuple[tuple[float, ...], ...]

NOT_SURE = "not sure"  # the column of what it costs not to answer
PROMISED: tuple[Measure, ...] = ("precision", "recall")  # may stand with a share
_HOW = "Write precision=0.99, recall=0.95, or the .csv file of a table of costs."


@dataclass(frozen=True)
class Wish:
    """What decides when something is said.

    least: the share of it that is promised; None: it is only leant towards
    costs: what mistakes cost, in the form of the target: see `Target.read_costs`
    """

    measure: Measure = "f1"
    least: float | None = None
    costs: Costs | None = None

    def __str__(self) -> str:
        return self.measure if self.least is None else f"{self.measure}={self.least:g}"

    @property
    def is_point(self) -> bool:
        """Whether a model says what it promises by it, or costs decide."""
        return self.least is not None or self.costs is not None


NO_WISH = Wish()


@dataclass(frozen=True)
class CostTable:
    """The cells of a table of costs by row (what is true) and column, as they were typed."""

    name: str
    columns: tuple[str, ...]
    rows: Mapping[str, Mapping[str, str]]

    def check_names(self, classes: Sequence[str], answers: Sequence[str]) -> None:
        """Raise a UserError unless it has a row a class and a column an answer, and no others."""
        self._compare("row", tuple(self.rows), classes)
        self._compare("column", self.columns, answers)

    def read_cost(self, row: str, column: str) -> float:
        """A cell as a number. Raises UserError where it is missing or negative."""
        text = (self.rows[row].get(column) or "").strip()
        try:
            cost = float(text)
        except ValueError:
            cost = math.nan
        if not 0 <= cost < math.inf:
            what = f"is {text!r:.40}" if text else "is empty"
            hint = "Give what a mistake costs as a number from 0 on, 0 where it is none."
            raise UserError(f"The cost in {self.name!r}, row {row!r:.60}, column {column!r:.60}, {what}.", hint)
        return cost

    def _compare(self, what: str, found: Sequence[str], wanted: Sequence[str]) -> None:
        for name in found:
            if name not in wanted:
                hint = f"There are: {', '.join(wanted[:20])}."
                raise UserError(f"{self.name!r} has a {what} {name!r:.60}, which is none of the data set's.", hint)
        for name in wanted:
            if name not in found:
                raise UserError(f"{self.name!r} has no {what} {name!r:.60}.", hint="Every one takes a cost.")


def read_measure(text: str, plain: Sequence[str]) -> Wish | None:
    """A wish that is typed as words, such as `precision=0.99`; None where it is the name of a file.

    plain: the words that may stand without a share. Raises UserError where it is neither.
    """
    measure, equals, share = text.partition("=")
    if not equals and text in plain:
        return Wish(measure)  # type: ignore[arg-type]  # it is one of `plain`
    if not equals and (text.casefold().endswith(".csv") or Path(text).is_file()):
        return None
    if not equals and measure in ("f1", *PROMISED):
        either = measure if measure in PROMISED else "precision"
        raise UserError(
            f"--prefer {text} does not say how much of it, and a photo has one class.",
            hint=f"Write {either}=0.95: the share that the model is to promise.",
        )
    if measure not in PROMISED:
        raise UserError(f"--prefer {text!r:.60} is no wish.", hint=_HOW)
    try:
        least = float(share)
    except ValueError:
        least = math.nan
    if not 0 < least < 1:
        raise UserError(
            f"--prefer {text:.60} names no share that can be promised.",
            hint=f"Give one between 0 and 1, such as {measure}=0.95. Nobody can promise 1.",
        )
    return Wish(measure, least)


def read_table(path: Path) -> CostTable:
    """The table of costs in a CSV file, whose first column is what is true. Raises UserError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [[cell.strip() for cell in line] for line in csv.reader(file) if any(map(str.strip, line))]
    except OSError as error:
        raise UserError(f"The costs in {str(path)!r} cannot be read ({error.strerror}).", hint=_HOW) from None
    except (UnicodeDecodeError, csv.Error):
        raise UserError(f"{str(path)!r} is no CSV file in UTF-8.", hint=_HOW) from None
    if len(lines) < 2 or len(lines[0]) < 2:
        raise UserError(
            f"{str(path)!r} is no table of costs.",
            hint="The first line names the answers, and each other line a class and what each answer costs there.",
        )
    (_corner, *columns), rows = lines[0], {}
    for name, *cells in lines[1:]:
        if name in rows or len(cells) > len(columns):
            what = f"has the row {name!r:.60} twice" if name in rows else f"has too many cells in row {name!r:.60}"
            raise UserError(f"{str(path)!r} {what}.", hint="Give one line a class, as wide as the first.")
        rows[name] = dict(zip(columns, cells, strict=False))
    if len(set(columns)) < len(columns):
        raise UserError(f"{str(path)!r} has a column twice.", hint="Give one column an answer.")
    return CostTable(str(path), tuple(columns), rows)

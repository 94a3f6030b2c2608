"""The tables beside run.json, whose size is that of the data: files that were skipped, classes taken for others.

skipped.csv           name, reason
confusion.csv         part, true, predicted, photos: a line for every cell of the matrix that is not zero
confusion-NAME.csv    the same for other photos than the run's own
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whatsit.data.dataset import Skipped
from whatsit.errors import UserError
from whatsit.files import read_csv, write_csv

SKIPPED = "skipped.csv"
CONFUSION = "confusion.csv"

Matrix = NDArray[np.int64]  # (classes, classes) counts; a row a true class, a column a predicted one


def write_skipped(path: Path, skipped: Iterable[Skipped]) -> None:
    """Write one line a file that is not in the data set: its name, and why."""
    write_csv(path, ("name", "reason"), ({"name": one.name, "reason": one.reason} for one in skipped))


def read_skipped(path: Path) -> tuple[Skipped, ...]:
    """The files in a table that `write_skipped` wrote. Raises UserError where it is missing or not whole."""
    try:
        return tuple(Skipped(row["name"], row["reason"]) for row in read_csv(path))
    except FileNotFoundError:
        raise UserError(f"There is no file {str(path)!r}.", hint="Train the run again.") from None
    except (KeyError, csv.Error):
        raise UserError(f"{str(path)!r} is damaged: it is not the table we wrote.") from None


def write_confusion(path: Path, classes: Sequence[str], matrices: Mapping[str, Matrix]) -> None:
    """Write the cells that are not zero of a confusion matrix a part, `matrices` by the part's name."""
    write_csv(
        path,
        ("part", "true", "predicted", "photos"),
        (
            {"part": part, "true": classes[true], "predicted": classes[guess], "photos": int(matrix[true, guess])}
            for part, matrix in matrices.items()
            for true, guess in np.argwhere(matrix)
        ),
    )

"""The tables beside run.json, whose size is that of the data: files that were skipped, classes taken for others,
and where classes are very many the figures of each.

skipped.csv           name, reason
confusion.csv         part, true, predicted, photos: a line for every cell of the matrix that is not zero
classes.csv           of more than MANY_CLASSES: part, and the figures of each class; of fewer they are in run.json
confusion-NAME.csv, classes-NAME.csv    the same for other photos than the run's own
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from whatsit.data.dataset import Skipped
from whatsit.errors import UserError
from whatsit.files import read_csv, write_csv
from whatsit.model.facts.confusion import Confusion
from whatsit.model.facts.figures import Figures, PartFigures
from whatsit.records import as_json

SKIPPED = "skipped.csv"
CONFUSION = "confusion.csv"
CLASSES = "classes.csv"
MANY_CLASSES = 1_000  # from one more on, what is said of each class is said beside run.json: it would be megabytes


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


def write_confusion(path: Path, classes: Sequence[str], matrices: Mapping[str, Confusion]) -> None:
    """Write the cells that are not zero of a confusion matrix a part, `matrices` by the part's name."""
    write_csv(
        path,
        ("part", "true", "predicted", "photos"),
        (
            {"part": part, "true": classes[true], "predicted": classes[guess], "photos": photos}
            for part, matrix in matrices.items()
            for true, guess, photos in zip(
                matrix.true.tolist(), matrix.predicted.tolist(), matrix.photos.tolist(), strict=True
            )
        ),
    )


def leave_classes(figures: Figures) -> Figures:
    """The figures as run.json has them: of more than MANY_CLASSES without those of each class."""
    if len(figures.per_class) <= MANY_CLASSES:
        return figures
    several = figures.several and replace(figures.several, each=())
    val = figures.val and replace(
        figures.val, per_class=(), several=figures.val.several and replace(figures.val.several, each=())
    )
    return replace(figures, per_class=(), several=several, val=val)


def write_class_figures(path: Path, figures: Figures) -> None:
    """Write the figures of each class, a line a part and class, where they are too many for run.json."""
    if len(figures.per_class) <= MANY_CLASSES:
        path.unlink(missing_ok=True)
        return
    parts: list[PartFigures] = [figures, *([] if figures.val is None else [figures.val])]
    lines = [line for part in parts for line in list_class_figures(part)]
    write_csv(path, list(lines[0]), lines)


def list_class_figures(figures: PartFigures) -> Iterator[dict[str, Any]]:
    """The figures of each class of a part, a line as classes.csv has it."""
    each = [None] * len(figures.per_class) if figures.several is None else figures.several.each
    for row, label in zip(figures.per_class, each, strict=True):
        line = {"part": figures.part, **as_json(row)} | ({} if label is None else as_json(label))
        for share in ("precision", "recall"):
            low, high = line.pop(f"{share}_interval")
            line |= {f"{share}_low": low, f"{share}_high": high}
        line.pop("label", None)
        yield line

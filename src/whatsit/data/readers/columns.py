"""Which column of a table says what, and which cells are no class."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from whatsit.data.readers.rows import Cells
from whatsit.errors import UserError

# What people call the columns, best first.
PATH_COLUMNS = (
    "path",
    "file",
    "filename",
    "file_name",
    "filepath",
    "file_path",
    "image_path",
    "image",
    "img",
    "photo",
    "image_id",
    "image_name",
    "filenames",
    "id_code",
)
LABEL_COLUMNS = ("label", "class", "class_name", "classname", "category", "target", "species", "breed")
_SURE = 4  # of LABEL_COLUMNS: where one of these is there, others are known to say something else
PART_COLUMNS = ("part", "split", "set", "subset", "partition")
# How programs write that there is nothing. 'none' in small letters is a word that people use.
NO_LABEL = frozenset(
    {"nan", "NaN", "NAN", "-nan", "null", "NULL", "Null", "None", "NA", "N/A", "n/a", "<NA>", "#N/A", "NaT"}
    | {"#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "undefined", "inf", "-inf"}
)
_MARKS = frozenset({"-", "--", "---", "–", "—", "?", "??", "???", ".", "..", "...", "…", "*", "_", "/", "\\", "#"})
_BETWEEN = re.compile(r"[|;,+&/]")  # what people put between several classes of a photo


@dataclass(frozen=True)
class Columns:
    """Where the path, class and part of a photo stand.

    label:   the column of classes; None where there is a column a class
    classes: (place, class) of those
    """

    path: int
    label: int | None
    part: int | None
    classes: tuple[tuple[int, str], ...] = ()

    @property
    def last(self) -> int:
        """The last column that is needed."""
        return max(self.path, self.label or 0, self.part or 0, *(place for place, _ in self.classes))

    def label_of(self, path: Path, row: Cells) -> str:
        """The class that a row states. Raises UserError where several columns hold a 1, or none."""
        if self.label is not None:
            return row.cells[self.label].strip()
        said = [name for place, name in self.classes if _is_one(row.cells[place])]
        if len(said) != 1:
            several = f"{' and '.join(map(repr, said))} at once" if said else "of no class"
            raise UserError(
                f"The photo in line {row.line} of {str(path)!r} is {several}: one of the columns should hold a 1.",
                hint="A photo has one class here: correct or remove the row.",
            )
        return said[0]


def find_columns(path: Path, header: Sequence[str], rows: Sequence[Cells]) -> Columns:
    """Where the path, class and part stand. Raises UserError where one is missing, or there are two."""
    written, header = header, [name.casefold() for name in header]
    place = _column(path, header, "path", PATH_COLUMNS)
    part = next((header.index(name) for name in PART_COLUMNS if name in header), None)
    label = _label_column(path, header, rows)
    if label is not None:
        return Columns(place, label, part)
    classes = tuple((at, written[at]) for at in _one_hot(header, rows, {place, part}))
    if len(classes) > 1:
        return Columns(place, None, part, classes)
    _column(path, header, "class", LABEL_COLUMNS)
    raise AssertionError


def refuse_no_label(path: Path, line: int, label: str, what: str = "Line") -> None:
    """Raise a UserError where a cell is no class: empty, or what a program writes for nothing."""
    if not label:
        raise UserError(
            f"The photo in {what.lower()} {line} of {str(path)!r} has no class: a class without a name.",
            hint="Give every photo a class, or remove its row.",
        )
    if label in NO_LABEL:
        raise UserError(
            f"{what} {line} of {str(path)!r} gives a photo the class {label!r}, which is how programs write "
            "that there is none.",
            hint="Give the photo its class or remove the row; if it is a class, spell it otherwise, as in 'none'.",
        )


def refuse_strange(path: Path, labels: Sequence[tuple[int, str]], what: str = "Line") -> None:
    """Raise a UserError where a class, given with its line, is a mark for none or several others in one."""
    lines = {label: line for line, label in reversed(labels)}
    marks = [label for label in lines if label in _MARKS]
    if len(marks) == 1 and any(any(map(str.isalnum, label)) for label in lines):  # "+", "-" and "=" may be signs
        raise UserError(
            f"{what} {lines[marks[0]]} of {str(path)!r} gives a photo the class {marks[0]!r}, as people mark that "
            "there is none.",
            hint="Give the photo its class or remove the row; if it is a class, call it by a word.",
        )
    for label, line in lines.items():
        pieces = [piece.strip() for piece in _BETWEEN.split(label)]
        if len(pieces) > 1 and all(piece in lines for piece in pieces):
            raise UserError(
                f"{what} {line} of {str(path)!r} gives a photo the class {label!r}, which are "
                f"{' and '.join(map(repr, pieces))} at once.",
                hint="A photo has one class here: correct or remove the row.",
            )


def _column(path: Path, header: Sequence[str], what: str, names: Sequence[str]) -> int:
    for name in names:
        if header.count(name) > 1:
            raise UserError(f"{str(path)!r} has two columns {name!r}.", hint="Rename or remove one of them.")
        if name in header:
            return header.index(name)
    raise UserError(
        f"{str(path)!r} has no column for the {what} of a photo; its first line is {', '.join(header)[:80]!r}.",
        hint=f"The first line names the columns, as in: {PATH_COLUMNS[0]},{LABEL_COLUMNS[0]},{PART_COLUMNS[0]}",
    )


def _label_column(path: Path, header: Sequence[str], rows: Sequence[Cells]) -> int | None:
    """The column of classes; None where there is none. Raises UserError where two may be meant."""
    there = [name for name in LABEL_COLUMNS if name in header]
    if not there:
        return None
    best = _column(path, header, "class", there)
    if header[best] not in LABEL_COLUMNS[:_SURE]:
        for name in there[1:]:
            if not _divide_alike(rows, best, header.index(name)):
                raise UserError(
                    f"{str(path)!r} has two columns that may be the class, {header[best]!r} and {name!r}.",
                    hint="Call the right one label, or remove the other.",
                )
    return best


def _divide_alike(rows: Sequence[Cells], first: int, second: int) -> bool:
    """Whether two columns tell the same photos apart, as a class and its number do."""
    pairs = {(row.cells[first], row.cells[second]) for row in rows if len(row.cells) > max(first, second)}
    return len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})


def _one_hot(header: Sequence[str], rows: Sequence[Cells], taken: set[int | None]) -> list[int]:
    """The columns that hold only 0 and 1 (or false and true, or nothing and x), and a 1 somewhere."""
    filled = [row.cells for row in rows if any(cell.strip() for cell in row.cells)]
    found = []
    for place in range(len(header)):
        values = [cells[place] for cells in filled if len(cells) > place]
        if (
            place not in taken
            and header[place]
            and values
            and all(_is_one(one) or _is_zero(one) for one in values)
            and any(map(_is_one, values))
        ):
            found.append(place)
    return found


def _is_one(cell: str) -> bool:
    return cell.strip().casefold() in ("1", "1.0", "1.", "true", "x")


def _is_zero(cell: str) -> bool:
    return cell.strip().casefold() in ("0", "0.0", "0.", "false", "")

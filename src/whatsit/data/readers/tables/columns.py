"""Which column of a table says what, and which cells are no class."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from whatsit.data.readers.labels import (
    ONE,
    SEVERAL_ALWAYS,
    is_mark,
    is_object,
    is_one,
    is_zero,
    read_labels,
    read_marks,
)
from whatsit.data.readers.tables.rows import Cells
from whatsit.data.target.several import NOT_LOOKED_FOR, SEPARATOR
from whatsit.errors import UserError, suggest_nearest

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
LABELS_COLUMN = "labels"  # says any number of labels of a photo
PART_COLUMNS = ("part", "split", "set", "subset", "partition")
# How programs write that there is nothing. 'none' in small letters is a word that people use.
NO_LABEL = frozenset(
    {"nan", "NaN", "NAN", "-nan", "null", "NULL", "Null", "None", "NA", "N/A", "n/a", "<NA>", "#N/A", "NaT"}
    | {"#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "undefined", "inf", "-inf"}
)
_MARKS = frozenset({"-", "--", "---", "–", "—", "?", "??", "???", ".", "..", "...", "…", "*", "_", "/", "\\", "#"})
_BETWEEN = re.compile(r"[|;,+&/]")  # what people put between several classes of a photo
_MOSTLY = 0.5  # a column with more 1s and 0s than this, and something else, was perhaps meant as a label's


@dataclass(frozen=True)
class Columns:
    """Where the path, class and part of a photo stand.

    label:   the column of classes; None where there is a column a class
    classes: (place, class) of those
    are_several: whether a photo has any number of labels, and not one class
    ticked:  the labels whose column has no 0 at all: there a blank says that the label is not there
    """

    path: int
    label: int | None
    part: int | None
    classes: tuple[tuple[int, str], ...] = ()
    are_several: bool = False
    ticked: frozenset[str] = frozenset()

    @property
    def last(self) -> int:
        """The last column that is needed."""
        return max(self.path, self.label or 0, self.part or 0, *(place for place, _ in self.classes))

    def label_of(self, path: Path, row: Cells) -> str:
        """The class that a row states; of several labels all, as `data.target` writes them in one cell.

        Raises UserError where a cell says none, or where several columns hold a 1 and one should.
        """
        if self.are_several:
            if self.label is not None:
                return read_labels(path, row.line, row.cells[self.label])
            cells = [(name, row.cells[place]) for place, name in self.classes]
            filled = [(name, "0" if name in self.ticked and not cell.strip() else cell) for name, cell in cells]
            return read_marks(path, row.line, filled)
        if self.label is not None:
            label = row.cells[self.label].strip()
            if label.startswith("[") or is_object(label):
                _refuse_parts(path, row.line, label)
            return label
        said = [name for place, name in self.classes if is_one(row.cells[place])]
        if len(said) != 1:
            several = f"{' and '.join(map(repr, said))} at once" if said else "of no class"
            raise UserError(
                f"The photo in line {row.line} of {str(path)!r} is {several}: one of the columns should hold a 1.",
                hint="A photo has one class here: correct or remove the row, or give --labels several.",
            )
        return said[0]


def find_columns(path: Path, header: Sequence[str], rows: Sequence[Cells], labels: str | None = None) -> Columns:
    """Where the path, class and part stand. Raises UserError where one is missing, or there are two.

    labels: what photos have: ONE class, SEVERAL_ALWAYS, or the names of the columns that say 1 or 0, with commas;
            None: several labels where a column is called `labels`
    """
    written, header = header, [name.casefold() for name in header]
    place = _column(path, header, "path", PATH_COLUMNS)
    part = next((header.index(name) for name in PART_COLUMNS if name in header), None)
    if labels not in (None, ONE, SEVERAL_ALWAYS):
        named = _named_columns(path, written, str(labels))
        return Columns(place, None, part, named, are_several=True, ticked=_find_ticked(named, rows))
    if LABELS_COLUMN in header:
        found = Columns(place, _labels_column(path, header), part)
        return replace(found, are_several=labels != ONE)
    if labels == SEVERAL_ALWAYS:
        label = _label_column(path, header, rows)
        marks = () if label is not None else _mark_columns(path, written, rows, {place, part})
        return Columns(place, label, part, marks, are_several=True, ticked=_find_ticked(marks, rows))
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


def refuse_joined(path: Path, texts: Sequence[tuple[int, str]]) -> None:
    """Raise a UserError where a label, given with its line, is others in one: `sky, water` in a column where sky
    and water stand in other labels too. `texts` are those of photos, as `data.target` writes them."""
    lines: dict[str, int] = {}
    for line, text in texts:
        for label in filter(None, text.split(SEPARATOR)):
            lines.setdefault(label.removeprefix(NOT_LOOKED_FOR), line)
    pieces = {label: [piece.strip() for piece in _BETWEEN.split(label)] for label in lines}
    times = Counter(piece for several in pieces.values() for piece in set(several))
    for label, several in pieces.items():
        if len(several) > 1 and all(times[piece] > 1 for piece in several):
            raise UserError(
                f"Line {lines[label]} of {str(path)!r} gives a photo the label {label[:60]!r}, which are "
                f"{' and '.join(map(repr, several))[:80]} at once.",
                hint="Put ; between the labels of a photo, as in sky;water.",
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


def _labels_column(path: Path, header: Sequence[str]) -> int:
    """The column `labels`. Raises UserError where there are two, or another that says the class."""
    other = next((name for name in LABEL_COLUMNS[:_SURE] if name in header), None)
    if other:
        raise UserError(
            f"{str(path)!r} has two columns that may say what a photo shows, {LABELS_COLUMN!r} and {other!r}.",
            hint="Rename or remove one: label says one class a photo, labels any number.",
        )
    return _column(path, header, "labels", (LABELS_COLUMN,))


def _named_columns(path: Path, header: Sequence[str], names: str) -> tuple[tuple[int, str], ...]:
    """The columns of these names, with commas between them. Raises UserError where one is not there."""
    there = {name.casefold(): place for place, name in enumerate(header)}
    found = []
    for name in filter(None, map(str.strip, names.split(","))):
        if name.casefold() not in there:
            raise UserError(
                f"{str(path)!r} has no column {name!r} for --labels.", hint=suggest_nearest(name, header)
            )
        found.append((there[name.casefold()], header[there[name.casefold()]]))
    if not found:
        raise UserError(
            f"--labels {names} names no column.", hint="Give several, one, or names of columns: --labels sky,water"
        )
    return tuple(dict.fromkeys(found))


def _mark_columns(
    path: Path, header: Sequence[str], rows: Sequence[Cells], taken: set[int | None]
) -> tuple[tuple[int, str], ...]:
    """The columns that hold nothing but 1, 0 and blanks, and not blanks alone. Raises UserError for none, and for
    one that holds these mostly."""
    found = []
    for place, name in enumerate(header):
        if place in taken or not name:
            continue
        cells = [
            (row.line, row.cells[place].strip())
            for row in rows
            if len(row.cells) > place and row.cells[place].strip()
        ]
        others = [(line, cell) for line, cell in cells if not is_mark(cell)]
        if others and len(others) < (1 - _MOSTLY) * len(cells):
            raise UserError(
                f"The column {name!r} of {str(path)!r} holds 1s and 0s, and {others[0][1][:40]!r} in line "
                f"{others[0][0]}: is it a label's?",
                hint="Correct that cell, or say which columns are labels: --labels sky,water",
            )
        if cells and not others:
            found.append((place, name))
    if not found:
        raise UserError(
            f"{str(path)!r} has no column of labels, and none of 1s and 0s.",
            hint="Add a column called labels, as in sky;water, or one column a label that holds 1 or 0.",
        )
    return tuple(found)


def _find_ticked(columns: Sequence[tuple[int, str]], rows: Sequence[Cells]) -> frozenset[str]:
    """The labels of the columns that hold no 0."""
    return frozenset(
        name for at, name in columns if not any(is_zero(row.cells[at]) for row in rows if len(row.cells) > at)
    )


def _refuse_parts(path: Path, line: int, label: str) -> None:
    what = "a list" if label.startswith("[") else "an object of JSON"
    raise UserError(
        f"The photo in line {line} of {str(path)!r} has {what} for its class: {label[:60]}.",
        hint="Call the column labels, or give --labels several: then a photo has any number of labels.",
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
            and all(is_mark(one) or not one.strip() for one in values)
            and any(map(is_one, values))
        ):
            found.append(place)
    return found

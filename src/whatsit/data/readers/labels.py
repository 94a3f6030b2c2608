"""Several labels a photo, as tables, lists and folders say them; and a data set of them.

In between they are one text a photo, as `SeveralLabels.write` has it: `sky;water;?boats`, where nobody looked for
boats.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from whatsit.data.dataset import NO_PART, Dataset, check_names, sort_names
from whatsit.data.photos import Photos
from whatsit.data.target import SEVERAL
from whatsit.data.target.several import NOT_LOOKED_FOR, SEPARATOR
from whatsit.errors import UserError
from whatsit.records import decode_json

ONE, SEVERAL_ALWAYS = "one", "several"  # what `--labels` may be, beside names of columns
SEPARATORS = (";", "|")  # between labels in a cell


def is_one(cell: str) -> bool:
    """Whether a cell says yes."""
    return cell.strip().casefold() in ("1", "1.0", "1.", "true", "x")


def is_zero(cell: str) -> bool:
    """Whether a cell says no."""
    return cell.strip().casefold() in ("0", "0.0", "0.", "false")


def is_mark(cell: str) -> bool:
    """Whether a cell says yes or no."""
    return is_one(cell) or is_zero(cell)


def is_object(cell: str) -> bool:
    """Whether a cell is an object of JSON, such as {"sky": 1}."""
    if not cell.startswith("{"):
        return False
    try:
        return isinstance(decode_json(cell), dict)
    except ValueError:
        return False


def read_labels(path: Path, line: int, cell: str) -> str:
    """The labels that a cell lists, with `;` or `|` between them, or as a list of JSON. Blank: none of them;
    `?name`: nobody looked for that one.

    Raises UserError where both separators stand in it, or a list holds other things than names.
    """
    cell = cell.strip()
    if cell.startswith("[") or is_object(cell):
        names = _read_list(path, line, cell)
    else:
        between = [separator for separator in SEPARATORS if separator in cell]
        if len(between) > 1:
            raise UserError(
                f"The labels in line {line} of {str(path)!r} have both ; and | between them: {cell[:60]!r}.",
                hint="Use one of them throughout.",
            )
        names = cell.split(between[0]) if between else [cell]
    marked = [name.strip().startswith(NOT_LOOKED_FOR) for name in names]
    there = [name for name, is_unknown in zip(names, marked, strict=True) if not is_unknown]
    unknown = [name.strip()[1:] for name, is_unknown in zip(names, marked, strict=True) if is_unknown]
    return write_labels(f"line {line} of {str(path)!r}", there, unknown)


def read_marks(path: Path, line: int, marks: Sequence[tuple[str, str]]) -> str:
    """The labels that columns of 1s and 0s give; a blank says that nobody looked. `marks` are (name, cell).

    Raises UserError where a cell is none of these.
    """
    odd = next(((name, cell) for name, cell in marks if cell.strip() and not is_mark(cell)), None)
    if odd:
        raise UserError(
            f"The column {odd[0]!r} in line {line} of {str(path)!r} holds {odd[1][:40]!r}.",
            hint="A label's column holds 1 (it is there), 0 (it is not), or nothing (nobody looked).",
        )
    unknown = [name for name, cell in marks if not cell.strip()]
    there = [name for name, cell in marks if is_one(cell)]
    return write_labels(f"line {line} of {str(path)!r}", there, unknown)


def write_labels(where: str, names: Iterable[str], unknown: Iterable[str] = ()) -> str:
    """The labels of one photo as one text; `where` they stand is for sentences.

    Raises UserError for a name that cannot stand in one.
    """
    found = sorted({name.strip() for name in names if name.strip()})
    others = sorted({name.strip() for name in unknown})
    for name in (*found, *others):
        if any(sign in name for sign in SEPARATORS) or name.startswith(NOT_LOOKED_FOR):
            raise UserError(
                f"The label {name[:60]!r} in {where} cannot be told from several.",
                hint="Labels have no ; and no | in them, and do not begin with ?.",
            )
    return SEPARATOR.join([*found, *(NOT_LOOKED_FOR + name for name in others)])


def join_labels(first: str, second: str) -> str:
    """What two texts say of one photo: a label is there where either says so, and unknown where neither knows."""
    said = [set(filter(None, text.split(SEPARATOR))) for text in (first, second)]
    there = {name for one in said for name in one if not name.startswith(NOT_LOOKED_FOR)}
    unknown = {name for name in said[0] & said[1] if name.startswith(NOT_LOOKED_FOR)}
    return SEPARATOR.join([*sorted(there), *sorted(unknown)])


def labelled(
    name: str, photos: Photos, texts: Sequence[str], parts: Sequence[str] | None = None, **facts: Any
) -> Dataset:
    """A data set of several labels from one text a photo. Raises UserError where no photo has a label."""
    said = {one.removeprefix(NOT_LOOKED_FOR) for text in texts for one in text.split(SEPARATOR) if one}
    classes = sort_names(said)
    if not any(one and not one.startswith(NOT_LOOKED_FOR) for text in texts for one in text.split(SEPARATOR)):
        raise UserError(
            f"No photo in {name!r} has a label.", hint="Name the labels of each photo, as in: path,labels"
        )
    check_names(name, classes)
    places = {label: place for place, label in enumerate(classes)}
    labels = np.array([SEVERAL.read(text, places) for text in texts], np.int64)
    part_names = np.array(parts if parts is not None else [NO_PART] * len(texts), dtype="<U5")
    return Dataset(name, classes, photos, labels, part_names, target=SEVERAL, **facts)


def _read_list(path: Path, line: int, cell: str) -> list[str]:
    try:
        names = decode_json(cell)
    except ValueError:
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UserError(
            f"The labels in line {line} of {str(path)!r} are no list of names: {cell[:60]!r}.",
            hint='As in: ["sky", "water"], or sky;water',
        )
    return names

"""The rows of a Parquet file that holds encoded photos: each a photo with its class, or the reason why it is none.

The column of photos holds bytes, or {bytes, path} as the Hugging Face Hub has them. Classes are texts, or numbers
whose names stand in the file's metadata.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from whatsit import words
from whatsit.data.objects import photos_in
from whatsit.data.readers.tables.columns import PART_COLUMNS, refuse_no_label
from whatsit.errors import UserError, missing_extra
from whatsit.image import SUFFIXES
from whatsit.records import decode_json

if TYPE_CHECKING:
    import pyarrow

PHOTOS = ("image", "img", "photo", "picture")  # what the columns are called where nobody told their kinds
CLASSES = ("label", "labels", "class", "fine_label", "category", "class_name", "target")
NO_PHOTO = "no photo in its row"
NO_CLASS = "no class in its row"
_AT_ONCE = 256  # rows in memory


@dataclass(frozen=True)
class Embedded:
    """A row, counted from 1: a photo with its class, the part that is stated and the other cells, or a reason."""

    row: int
    reason: str = ""
    content: bytes = b""
    suffix: str = ""
    label: str = ""
    part: str = ""
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Layout:
    """Which column says what; `names` of the classes where these are numbers."""

    photo: str
    label: str
    names: Sequence[str]
    part: str | None
    others: Sequence[str]


def holds_photos(file: Path) -> bool:
    """Whether it is a Parquet file with a column of encoded photos; False too where nothing here reads any."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        return False
    try:
        schema = parquet.read_schema(file)
    except (pyarrow.ArrowException, OSError):
        return False
    return bool(_photo_columns(schema, _features(schema)))


def read_embedded(file: Path, called: str, beside: Path | None = None) -> Iterator[Embedded]:
    """Every row of a file.

    called: the data set, in what is said about it
    beside: where photos lie whose row has a path and no bytes; None where no file of this machine is meant
    Raises UserError where the file is damaged, a column is missing or a class cannot have been meant.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise missing_extra("pyarrow", "parquet", "Reading Parquet files") from None
    try:
        with contextlib.closing(parquet.ParquetFile(file)) as table:
            layout = _find_columns(table.schema_arrow, called)
            wanted = [layout.photo, layout.label, *([layout.part] if layout.part else []), *layout.others]
            row = 0
            for batch in table.iter_batches(_AT_ONCE, columns=wanted):
                for cells in batch.to_pylist():
                    row += 1
                    yield _read_row(file, row, cells, layout, beside)
    except (pyarrow.ArrowException, OSError) as error:
        raise UserError(f"A Parquet file of {called!r} is damaged ({error}).", hint="Get it again.") from None


def _read_row(file: Path, row: int, cells: Mapping[str, Any], layout: _Layout, beside: Path | None) -> Embedded:
    photo = cells[layout.photo]
    path = (photo.get("path") or "") if isinstance(photo, dict) else ""
    content = photo.get("bytes") if isinstance(photo, dict) else photo
    if not content and path and beside is not None:
        try:
            content = photos_in(beside, [path]).read(0)
        except (OSError, ValueError, KeyError):
            return Embedded(row, f"its photo is not there ({path})")
    label = _read_label(file, row, cells[layout.label], layout.names)
    if not content or not label:
        return Embedded(row, NO_CLASS if content else NO_PHOTO)
    suffix = PurePosixPath(path).suffix
    part = "" if layout.part is None else str(cells[layout.part] or "").strip()
    others = {name: "" if cells[name] is None else str(cells[name]) for name in layout.others}
    return Embedded(row, "", content, suffix if suffix.casefold() in SUFFIXES else ".png", label, part, others)


def _read_label(file: Path, row: int, answer: Any, names: Sequence[str]) -> str:
    """The class that a cell states; "" where it states none: nothing, or -1 as where the answers are kept back."""
    if answer is None or answer == -1 or (isinstance(answer, float) and math.isnan(answer)):
        return ""
    if isinstance(answer, list | dict):
        raise UserError(
            f"Row {row} of {str(file)!r} has several things in place of a class.",
            hint="A photo has one class here: write one in each row.",
        )
    if isinstance(answer, float) and answer.is_integer():  # a table that once had gaps
        answer = int(answer)
    if names and isinstance(answer, int):
        if not 0 <= answer < len(names):
            raise UserError(
                f"Row {row} of {str(file)!r} has the class {answer}, and the table names "
                f"{words.count(len(names), 'class')}.",
                hint="Classes count from 0.",
            )
        return names[answer]
    label = answer.decode("utf-8", "backslashreplace") if isinstance(answer, bytes) else str(answer).strip()
    refuse_no_label(file, row, label, "Row")
    return str(answer).lower() if isinstance(answer, bool) else label


def _find_columns(schema: pyarrow.Schema, called: str) -> _Layout:
    features = _features(schema)
    photos = _photo_columns(schema, features)
    labels = [name for name, feature in features.items() if feature.get("_type") == "ClassLabel"]
    labels += [name for name in CLASSES if name in features]
    if not photos or not labels:
        raise UserError(
            f"{called!r} has no column of photos with a column of classes; its columns: "
            f"{', '.join(schema.names)}.",
            hint="Choose a data set for image classification.",
        )
    label = "label" if "label" in labels else labels[0]
    part = next((name for name in schema.names if name.casefold() in PART_COLUMNS), None)
    taken = (photos[0], label, part)
    others = [column.name for column in schema if column.name not in taken and _is_plain(column)]
    return _Layout(photos[0], label, list(features[label].get("names") or []), part, others)


def _features(schema: pyarrow.Schema) -> dict[str, dict[str, Any]]:
    """What the metadata says of each column."""
    try:
        said = decode_json((schema.metadata or {}).get(b"huggingface", b"{}"))
        told = said.get("info", {}).get("features", {})
        return {name: told.get(name) or {} for name in schema.names}
    except (ValueError, AttributeError):  # written by something else
        return {name: {} for name in schema.names}


def _photo_columns(schema: pyarrow.Schema, features: Mapping[str, Mapping[str, Any]]) -> list[str]:
    told = [name for name, feature in features.items() if feature.get("_type") == "Image"]
    return told + [name for name in PHOTOS if name in features and _holds_bytes(schema.field(name).type)]


def _holds_bytes(kind: pyarrow.DataType) -> bool:
    from pyarrow import types

    if types.is_struct(kind):
        return any(kind.field(place).name == "bytes" for place in range(kind.num_fields))
    return bool(types.is_binary(kind) or types.is_large_binary(kind))


def _is_plain(column: pyarrow.Field) -> bool:
    from pyarrow import types

    kind = column.type
    return not (types.is_nested(kind) or types.is_binary(kind) or types.is_large_binary(kind))

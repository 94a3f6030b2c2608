"""What a model said of photos, as tables: CSV, JSON lines, Parquet.

A CSV of many classes names the likeliest of each photo, and the probability of every class lies beside it as an
array of numpy's (see model/likeliest.py); the other formats have them all.
"""

from __future__ import annotations

import csv
import functools
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.target import as_texts
from whatsit.errors import UserError, missing_extra
from whatsit.files import NAMES, as_cell, writing
from whatsit.model.answer import Answer
from whatsit.model.classifier import Classifier, no_answer
from whatsit.model.likeliest import (
    are_many,
    find_named,
    join_could_be,
    matrix_file,
    share_cells,
    share_columns,
)

HOW_SURE = ("distance", "known", "could_be")  # columns of a table, behind the name and what is said
SURE = "sure"  # behind these, of a model that leaves photos to a person; then follow `reason` and probabilities
ROWS = 10_000  # of Parquet written together


@dataclass(frozen=True)
class Said:
    """What a model said of a photo, (classes,) probabilities and a distance, or the reason why it said nothing."""

    name: str
    reason: str = ""
    distance: float = math.nan
    shares: NDArray[np.float32] | None = None

    def answer(self, model: Classifier) -> Answer:
        """The answer that it stands for."""
        if self.shares is None:
            return no_answer(self.name, self.reason)
        return model.answer(self.shares, self.distance, self.name)


Writer = Callable[[Path, Classifier, Iterable[Said]], None]


def writer_of(path: Path) -> Writer:
    """What writes a table of this name. Raises UserError where the name says no format."""
    writers: dict[str, Writer] = {".csv": _write_csv, ".jsonl": _write_jsonl, ".parquet": _write_parquet}
    suffix = path.suffix.casefold()
    if suffix not in writers:
        raise UserError(
            f"{str(path)!r} says no format by its name.", hint=f"End it with one of {', '.join(writers)}."
        )
    if suffix == ".parquet":
        _pyarrow()
    return writers[suffix]


def _write_csv(path: Path, model: Classifier, found: Iterable[Said]) -> None:
    """The table, and of many classes their whole matrix beside it; where there is no answer its row is not a
    number."""
    with writing(path) as file:
        if not are_many(model.classes):
            _write_lines(_Encoded(file), model, found)
            return
        with writing(matrix_file(path)) as matrix:
            rows = 0

            def keep() -> Iterator[Said]:
                nonlocal rows
                for said in found:
                    nothing = np.full(len(model.classes), np.nan)
                    matrix.write((nothing if said.shares is None else said.shares).astype("<f4").tobytes())
                    rows += 1
                    yield said

            _write_header(matrix, 0, len(model.classes))
            _write_lines(_Encoded(file), model, keep())
            matrix.seek(0)
            _write_header(matrix, rows, len(model.classes))


def _write_header(matrix: IO[bytes], rows: int, columns: int) -> None:
    """The header of an array of numpy's. It has room for any number of rows: it is written again in its place."""
    np.lib.format.write_array_header_1_0(
        matrix, {"descr": "<f4", "fortran_order": False, "shape": (rows, columns)}
    )


class _Encoded:
    """A file for bytes that takes text."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode("utf-8", NAMES))


def write_csv(file: Any, model: Classifier, found: Iterable[Answer]) -> None:
    """Write answers as CSV to an open file: the columns of a run's predictions.csv but `true`, and `reason`, which
    says why there is no answer."""
    _write_lines(file, model, map(functools.partial(_unpack, model), found))


def _unpack(model: Classifier, answer: Answer) -> Said:
    if answer.reason:
        return Said(answer.name, answer.reason)
    shares = np.array([answer.probabilities[label] for label in model.classes], np.float32)
    return Said(answer.name, "", answer.distance, shares)


def _write_lines(file: Any, model: Classifier, found: Iterable[Said]) -> None:
    sure = (SURE,) if model.facts.thresholds.rule.may_be_unsure else ()
    columns = ["name", *model.target.columns, *HOW_SURE, *sure, "reason", *share_columns(model.classes)]
    table = csv.DictWriter(file, columns, restval="", lineterminator="\n")
    table.writeheader()
    places = {label: place for place, label in enumerate(model.classes)}
    for said in found:
        cells = {} if said.shares is None else _cells(said.shares, said.distance, model, places)
        row = {"name": said.name, "reason": said.reason} | cells
        table.writerow({column: as_cell(value) for column, value in row.items()})


def _cells(
    shares: NDArray[np.float32], distance: float, model: Classifier, places: Mapping[str, int]
) -> dict[str, str]:
    classes, limits, target = model.classes, model.facts.thresholds, model.target
    said = target.names(target.decide(shares[None], limits.rule)[0], classes)
    sure = "yes" if target.are_sure(shares[None], limits.rule)[0] else "no"
    is_in = [at for at in find_named(shares, classes).tolist() if float(shares[at]) >= limits.probability]
    in_all = int((shares.astype(np.float64) >= limits.probability).sum())
    return {
        **as_texts(target.cells(said, {label: float(shares[places[label]]) for label in said})),
        "distance": f"{distance:.9g}",
        "known": "yes" if distance <= limits.distance else "no",
        "could_be": join_could_be([classes[at] for at in is_in], classes, in_all),
        **({SURE: sure} if limits.rule.may_be_unsure else {}),
        **share_cells(shares, classes),
    }


def _write_jsonl(path: Path, model: Classifier, found: Iterable[Said]) -> None:
    with writing(path) as file:
        for said in found:
            line = json.dumps(said.answer(model).as_dict(), ensure_ascii=False)
            file.write((line + "\n").encode("utf-8", NAMES))


def _write_parquet(path: Path, model: Classifier, found: Iterable[Said]) -> None:
    """The columns of the CSV; probabilities are one list column, in the order of the classes in the metadata."""
    arrow, parquet = _pyarrow()
    text, real = arrow.string(), arrow.float32()
    kinds: dict[type, Any] = {str: text, float: real}
    schema = arrow.schema(
        [
            ("name", text),
            *((column, kinds[kind]) for column, kind in model.target.columns.items()),
            ("distance", real),
            ("known", arrow.bool_()),
            ("could_be", arrow.list_(text)),
            *([(SURE, arrow.bool_())] if model.facts.thresholds.rule.may_be_unsure else []),
            ("reason", text),
            ("probabilities", arrow.list_(real, len(model.classes))),
        ],
        metadata={"classes": json.dumps(model.classes, ensure_ascii=False), "model": model.digest},
    )
    with writing(path) as file, parquet.ParquetWriter(file, schema) as table:
        found = iter(found)
        while rows := [_parquet_row(said.answer(model), model) for said in islice(found, ROWS)]:
            table.write_table(arrow.Table.from_pylist(rows, schema))


def _parquet_row(answer: Answer, model: Classifier) -> dict[str, Any]:
    # Parquet's text is UTF-8: a file name that is none is kept readable, as \xNN for each such byte
    name = answer.name.encode("utf-8", NAMES).decode("utf-8", "backslashreplace")
    if answer.reason:
        return {"name": name, "reason": answer.reason}
    return {
        "name": name,
        **model.target.cells(answer.said, answer.probabilities),
        "distance": answer.distance,
        "known": answer.known,
        "could_be": list(answer.could_be),
        **({} if answer.sure is None else {SURE: answer.sure}),
        "reason": "",
        "probabilities": [answer.probabilities[label] for label in model.classes],
    }


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise missing_extra("pyarrow", "parquet", "Writing Parquet") from None
    return pyarrow, pyarrow.parquet

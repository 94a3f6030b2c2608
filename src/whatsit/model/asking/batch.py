"""Many photos asked, at full speed, into a table that is whole or not there, and that goes on after a kill."""

from __future__ import annotations

import csv
import functools
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np

from whatsit import engine
from whatsit.data.target import as_texts
from whatsit.engine import ALL_CORES, Workers
from whatsit.errors import UserError, missing_extra
from whatsit.fetch.errors import FetchError
from whatsit.files import NAMES, as_cell, explain_disk_errors, hold_lock, writing
from whatsit.model.answer import Answer
from whatsit.model.asking.photos import NamedPhoto
from whatsit.model.classifier import Classifier, no_answer
from whatsit.words import brief

HOW_SURE = ("distance", "known", "could_be")  # columns of a table, behind the name and what is said
SURE = "sure"  # behind these, of a model that leaves photos to a person; then follow `reason` and probabilities
FORMAT = 1
EVERY = 64  # answers between two writes to the disk: a kill costs at most these


def answer_photos(
    model: Classifier, photos: Iterable[NamedPhoto], workers: Workers = ALL_CORES
) -> Iterator[Answer]:
    """The answers for photos, in their order, a few dozen photos in memory at a time.

    A photo that cannot be had or read is an answer whose `reason` says why.
    """
    return engine.each(functools.partial(_ask, model), photos, workers)


def _ask(model: Classifier, photo: NamedPhoto) -> Answer:
    """One photo by itself: in a batch its last digits would depend on its neighbours, for no gain in speed."""
    try:
        return model.answers(model.pixels(photo.read())[None], [photo.name])[0]
    except UserError as error:
        return no_answer(photo.name, error.sentence)
    except FetchError as error:
        return no_answer(photo.name, f"It cannot be fetched: {error.reason}.")


@dataclass(frozen=True)
class AnswerCounts:
    """What came of a table: photos answered now, those answered by an earlier run of it, and those that failed."""

    photos: int
    earlier: int
    failed: int

    __repr__ = brief


def write_table(
    model: Classifier, photos: Iterable[NamedPhoto], path: Path, step: Callable[[int], None] = lambda _count: None
) -> AnswerCounts:
    """Write the answers for `photos` to `path`, a .csv, .jsonl or .parquet, whole or not at all.

    While it works the answers lie beside it, in PATH.part; the same call goes on from there. `step` is told how
    many more are answered. Raises UserError where the suffix is another one, or PATH.part is of another model.
    """
    write = _writer(path)
    part = path.with_name(path.name + ".part")
    with hold_lock(path.with_name(path.name + ".lock"), f"{str(path)!r} is being written by another whatsit."):
        done = _resume(part, model)
        step(len(done))
        asked = 0
        with explain_disk_errors(part), part.open("a", encoding="utf-8", errors=NAMES) as progress:
            for answer in answer_photos(model, (photo for photo in photos if photo.name not in done)):
                progress.write(_line(answer, model) + "\n")
                asked += 1
                step(1)
                if asked % EVERY == 0:
                    progress.flush()
            progress.flush()
            os.fsync(progress.fileno())
        if not asked and not done:
            part.unlink()
            raise UserError("There are no photos to ask about.", hint="Name files, folders or a list.")
        failed = sum(1 for answer in _answers_in(part, model) if answer.reason)
        write(path, model, _answers_in(part, model))
        part.unlink()
    path.with_name(path.name + ".lock").unlink(missing_ok=True)
    return AnswerCounts(asked, len(done), failed)


def _resume(part: Path, model: Classifier) -> set[str]:
    """The names of photos that PART has answers for; a line that was cut short by a kill is taken off."""
    header = json.dumps({"format": FORMAT, "model": model.digest})
    if not part.exists():
        with explain_disk_errors(part):
            part.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(header + "\n", encoding="utf-8")
        return set()
    names: set[str] = set()
    with part.open("r+b") as file:
        first, whole = file.readline(), 0
        if first.decode("utf-8", "replace").strip() != header:
            raise UserError(
                f"{str(part)!r} has answers of another model.", hint="Remove it, or write to another file."
            )
        whole = file.tell()
        for line in file:
            if not line.endswith(b"\n"):
                break
            names.add(json.loads(line.decode("utf-8", NAMES))[0])
            whole += len(line)
        file.truncate(whole)
    return names


def _line(answer: Answer, model: Classifier) -> str:
    """An answer as PART keeps it: name, reason, distance, and the probabilities in the order of the classes."""
    shares = [_short(answer.probabilities[label]) for label in model.classes] if not answer.reason else []
    return json.dumps([answer.name, answer.reason, _short(answer.distance), *shares], ensure_ascii=False)


def _short(value: float) -> float | None:
    """As it is, or None for what JSON has no word for."""
    return None if math.isnan(value) else float(np.float32(value))


def _answers_in(part: Path, model: Classifier) -> Iterator[Answer]:
    with part.open(encoding="utf-8", errors=NAMES) as file:
        next(file)
        for line in file:
            name, reason, distance, *shares = json.loads(line)
            if reason:
                yield no_answer(name, reason)
            else:
                yield model.answer(np.array(shares, np.float32), distance, name)


Writer = Callable[[Path, Classifier, Iterable[Answer]], None]


def _writer(path: Path) -> Writer:
    writers: dict[str, Writer] = {".csv": _write_csv, ".jsonl": _write_jsonl, ".parquet": _write_parquet}
    suffix = path.suffix.casefold()
    if suffix not in writers:
        raise UserError(
            f"{str(path)!r} says no format by its name.", hint=f"End it with one of {', '.join(writers)}."
        )
    if suffix == ".parquet":
        _pyarrow()
    return writers[suffix]


def _write_csv(path: Path, model: Classifier, found: Iterable[Answer]) -> None:
    with writing(path) as file:
        write_csv(_Encoded(file), model, found)


class _Encoded:
    """A file for bytes that takes text."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode("utf-8", NAMES))


def write_csv(file: Any, model: Classifier, found: Iterable[Answer]) -> None:
    """Write answers as CSV to an open file: the columns of a run's predictions.csv but `true`, and `reason`, which
    says why there is no answer."""
    shares = [f"p({label})" for label in model.classes]
    sure = (SURE,) if model.facts.thresholds.rule.may_be_unsure else ()
    columns = ["name", *model.target.columns, *HOW_SURE, *sure, "reason", *shares]
    table = csv.DictWriter(file, columns, restval="", lineterminator="\n")
    table.writeheader()
    for answer in found:
        cells = {} if answer.reason else _cells(answer, model)
        row = {"name": answer.name, "reason": answer.reason} | cells
        table.writerow({column: as_cell(value) for column, value in row.items()})


def _cells(answer: Answer, model: Classifier) -> dict[str, str]:
    return {
        **as_texts(model.target.cells(answer.said, answer.probabilities)),
        "distance": f"{answer.distance:.9g}",
        "known": "yes" if answer.known else "no",
        "could_be": " | ".join(answer.could_be),
        **({} if answer.sure is None else {SURE: "yes" if answer.sure else "no"}),
        **{f"p({label})": f"{share:.9g}" for label, share in answer.probabilities.items()},
    }


def _write_jsonl(path: Path, _model: Classifier, found: Iterable[Answer]) -> None:
    with writing(path) as file:
        for answer in found:
            file.write((json.dumps(answer.as_dict(), ensure_ascii=False) + "\n").encode("utf-8", NAMES))


def _write_parquet(path: Path, model: Classifier, found: Iterable[Answer]) -> None:
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
        while rows := [_parquet_row(answer, model) for answer in islice(found, 10_000)]:
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

"""Which tables a thing has, by name, the usual one first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from whatsit.cleaning.cleaning import Cleaned
from whatsit.data.dataset import Dataset
from whatsit.errors import UserError, suggest_nearest
from whatsit.evaluating.compare import Comparison
from whatsit.evaluating.remeasure import Remeasured
from whatsit.frames.answers import tables_of_answers
from whatsit.frames.columns import Columns
from whatsit.frames.comparing import tables_of_comparison
from whatsit.frames.measured import Tables, tables_of_measured, tables_of_run
from whatsit.frames.photos import tables_of_cleaned, tables_of_dataset
from whatsit.model.answer import Answer
from whatsit.model.run import Run


def make_table(thing: Any, name: str | None) -> Columns:
    """The columns of one of a thing's tables. Raises UserError where it has none, or not this one."""
    tables = _tables_of(thing)
    wanted = next(iter(tables)) if name is None else name
    if wanted not in tables:
        raise UserError(f"There is no table {wanted!r} of it.", hint=suggest_nearest(str(wanted), tables))
    return tables[wanted]()


def _tables_of(thing: Any) -> Tables:
    if isinstance(thing, Run):
        return tables_of_run(thing)
    if isinstance(thing, Remeasured):
        return tables_of_measured(thing)
    if isinstance(thing, Comparison):
        return tables_of_comparison(thing)
    if isinstance(thing, Dataset):
        return tables_of_dataset(thing)
    if isinstance(thing, Cleaned):
        return tables_of_cleaned(thing)
    if isinstance(thing, Answer):
        return tables_of_answers([thing])
    if isinstance(thing, Iterable) and not isinstance(thing, str | bytes):
        return tables_of_answers(thing)
    raise UserError(
        f"There is no table of {type(thing).__name__!r}.",
        hint="Give answers, a run (whatsit.open_run), a data set (whatsit.read), or what evaluate, compare or "
        "clean gave.",
    )

"""The databases that a catalog may lie in, a module each, and what a catalog asks of any of them.

Statements stand in the files of the subjects, one text for all databases: with `?` for values, `ON CONFLICT` where
a row may be there already, and SQLite's names of types. What a database wants otherwise, its module changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Layout:
    """How a catalog is laid out.

    format:     today's number
    tables:     the statements that make a new one
    migrations: an earlier format → the statements that make the next one of it
    """

    format: int
    tables: str
    migrations: Mapping[int, Sequence[str]]


class Answer(Protocol):
    """What a statement gave: its rows, and how many it changed."""

    @property
    def rowcount(self) -> int: ...

    def __iter__(self) -> Iterator[tuple[Any, ...]]: ...


class Connection(Protocol):
    """An open database. Each statement is kept when it returns, unless a transaction was begun.

    place: where it lies, as people are told
    """

    @property
    def place(self) -> str: ...

    @property
    def is_in_transaction(self) -> bool: ...

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Answer: ...

    def execute_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None: ...

    def begin(self) -> None:
        """Begin a transaction; nobody else writes until its end."""

    def commit(self) -> None: ...

    def roll_back(self) -> None:
        """Take back all that the transaction wrote."""

    def explain_errors(self) -> AbstractContextManager[None]:
        """What the database refuses in the block, as a UserError that says what to do."""

"""What a subject of the catalog is made of: rows, statements, and transactions."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from whatsit.data.catalog.dialect import explain_database_errors, roll_back

_KEYS_AT_ONCE = 500  # SQLite takes at least 999 values in a statement


class Database:
    """An open file of ours. What a subject of the catalog is made of, and nobody else: statements stay here."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    def rows(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """The rows a query gives."""
        with explain_database_errors(self.path):
            yield from self._connection.execute(query, values)

    def rows_among(self, query: str, keys: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """The rows a query gives about some keys, in as few statements as a database takes.

        query: with {keys} where it lists them; what it is ordered by holds among the rows of a key
        """
        for begin in range(0, len(keys), _KEYS_AT_ONCE):
            some = keys[begin : begin + _KEYS_AT_ONCE]
            yield from self.rows(query.format(keys=", ".join("?" * len(some))), *some)

    def write(self, statement: str, *values: Any) -> int:
        """Execute one statement; gives back how many rows it changed."""
        with explain_database_errors(self.path):
            return self._connection.execute(statement, values).rowcount

    def write_many(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Execute a statement once a row of values; several times faster than one call each."""
        with explain_database_errors(self.path):
            self._connection.executemany(statement, rows)

    @contextlib.contextmanager
    def together(self) -> Iterator[Self]:
        """All that is written in the block, or nothing of it; inside another, it is a part of that."""
        if self._connection.in_transaction:
            yield self
            return
        with explain_database_errors(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self
            except BaseException:
                roll_back(self._connection)
                raise
            self._connection.execute("COMMIT")


def now() -> str:
    """The time in UTC, as in `2026-11-21T12:00:00Z`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_json(detail: Mapping[str, Any]) -> str:
    """A record's details as one column has them."""
    return _encode(detail)


_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode  # made once: findings come by the 100,000

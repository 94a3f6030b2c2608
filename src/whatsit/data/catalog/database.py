"""What a subject of the catalog is made of: rows, statements, and transactions."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Self

from whatsit.data.catalog.dialects import Connection

_KEYS_AT_ONCE = 500  # SQLite takes at least 999 values in a statement


class Database:
    """An open database. What subjects of the catalog are made of, and nobody else: statements stay here."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def place(self) -> str:
        """Where it lies, as people are told: a file, or an address."""
        return self._connection.place

    def rows(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """The rows a query gives."""
        with self._connection.explain_errors():
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
        with self._connection.explain_errors():
            return self._connection.execute(statement, values).rowcount

    def write_many(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Execute a statement once a row of values; several times faster than one call each."""
        with self._connection.explain_errors():
            self._connection.execute_many(statement, rows)

    @contextlib.contextmanager
    def together(self) -> Iterator[Self]:
        """All that is written in the block, or nothing of it; inside another, it is a part of that."""
        if self._connection.is_in_transaction:
            yield self
            return
        with self._connection.explain_errors():
            self._connection.begin()
            try:
                yield self
            except BaseException:
                self._connection.roll_back()
                raise
            self._connection.commit()


def now() -> str:
    """The time in UTC, as in `2026-11-21T12:00:00Z`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def put(table: str, keys: Sequence[str], others: Sequence[str]) -> str:
    """A statement that writes a row, in the place of the one that has its keys; the keys are the first columns."""
    marks = ", ".join("?" * (len(keys) + len(others)))
    news = ", ".join(f"{name} = excluded.{name}" for name in others)
    return f"INSERT INTO {table} VALUES ({marks}) ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {news}"


def as_json(detail: Mapping[str, Any]) -> str:
    """A record's details as one column has them."""
    return _encode(detail)


_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode  # made once: findings come by the 100,000

"""Remembered answers and settings of a folder: a text by its name."""

from __future__ import annotations

from whatsit.data.catalog.database import Database, put

TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
FOUND = "found altered"  # a fact: how often what was found in photos was written


class Facts(Database):
    """What is remembered by name."""

    def fact(self, name: str) -> str:
        """A remembered answer or setting; empty where there is none."""
        return next((str(value) for (value,) in self.rows("SELECT value FROM facts WHERE name = ?", name)), "")

    def set_fact(self, name: str, value: str) -> None:
        """Remember an answer or a setting."""
        self.write(put("facts", ("name",), ("value",)), name, value)

    def count_up(self, name: str) -> None:
        """Count one more of something."""
        self.write(_COUNT, name)

    def counted(self, name: str) -> int:
        """How many were counted."""
        return int(self.fact(name) or 0)


_COUNT = (
    "INSERT INTO facts VALUES (?, '1')"
    " ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(facts.value AS BIGINT) + 1 AS TEXT)"
)

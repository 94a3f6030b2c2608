"""How far each search of a collection has been read."""

from __future__ import annotations

from whatsit.data.catalog.database import Database, now

TABLES = """
CREATE TABLE searches (
    class TEXT NOT NULL, source TEXT NOT NULL, words TEXT NOT NULL, cursor TEXT NOT NULL,
    pages INTEGER NOT NULL, is_done INTEGER NOT NULL, time TEXT NOT NULL, PRIMARY KEY (class, source, words)
) WITHOUT ROWID;
"""


class Searches(Database):
    """The searches that were begun."""

    def search_state(self, class_name: str, source: str, words: str) -> tuple[str, int, bool]:
        """Where a search stands: (cursor, pages read, whether it is done)."""
        query = "SELECT cursor, pages, is_done FROM searches WHERE class = ? AND source = ? AND words = ?"
        for cursor, pages, is_done in self.rows(query, class_name, source, words):
            return cursor, pages, bool(is_done)
        return "", 0, False

    def advance_search(self, class_name: str, source: str, words: str, cursor: str, is_done: bool) -> None:
        """Write down that one more page was read, and where to go on."""
        self.write(
            "INSERT INTO searches VALUES (?, ?, ?, ?, 1, ?, ?) ON CONFLICT (class, source, words) DO UPDATE"
            " SET cursor = excluded.cursor, pages = searches.pages + 1, is_done = excluded.is_done,"
            " time = excluded.time",
            *(class_name, source, words, cursor, int(is_done), now()),
        )

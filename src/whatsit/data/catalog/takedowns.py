"""What was taken down: never to be fetched again."""

from __future__ import annotations

from collections.abc import Iterable

from whatsit.data.catalog.database import Database, now

TABLES = """
CREATE TABLE forgotten (
    kind TEXT NOT NULL, value TEXT NOT NULL, time TEXT NOT NULL, PRIMARY KEY (kind, value)
) WITHOUT ROWID;
"""
# what can be taken down → the candidates meant by it, and three examples of what is known
_MEANT = {
    "photo": "SELECT id, sha256 FROM candidates WHERE ? IN (photo, address, final_address)",
    "creator": "SELECT DISTINCT id, sha256 FROM candidates JOIN sightings ON candidate = id WHERE author = ?",
    "host": "SELECT id, sha256 FROM candidates WHERE host = lower(?) OR host LIKE '%.' || lower(?)"
    " OR lower(final_address) LIKE '%://' || lower(?) || '/%'",
}
_EXAMPLES = {
    "photo": "SELECT path FROM photos LIMIT 3",
    "creator": "SELECT author FROM sightings WHERE author != '' GROUP BY 1 ORDER BY count(*) DESC LIMIT 3",
    "host": "SELECT host FROM candidates WHERE host != '' GROUP BY 1 ORDER BY count(*) DESC LIMIT 3",
}


class Takedowns(Database):
    """What somebody asked to be deleted: addresses, contents, creators and hosts."""

    def forgotten(self) -> set[tuple[str, str]]:
        """(kind, value) of all that was taken down; kinds are "address", "sha256", "creator" and "host"."""
        return set(self.rows("SELECT kind, value FROM forgotten"))

    def is_forgotten(self, kind: str, value: str) -> bool:
        """Whether this was taken down."""
        return any(True for _ in self.rows("SELECT 1 FROM forgotten WHERE kind = ? AND value = ?", kind, value))

    def candidates_meant(self, kind: str, value: str) -> list[tuple[int, str]]:
        """(id, SHA-256 or nothing) of all candidates of a "photo", "creator" or "host", and of the same bytes."""
        rows = list(self.rows(_MEANT[kind], *[value] * _MEANT[kind].count("?")))
        contents = {sha256 for _id, sha256 in rows if sha256}
        same = "SELECT id, sha256 FROM candidates WHERE sha256 = ?"
        return sorted({*rows, *(row for sha256 in contents for row in self.rows(same, sha256))})

    def names_to_forget(self, kind: str) -> list[str]:
        """Up to three photos, creators or hosts that are known."""
        return [str(name) for (name,) in self.rows(_EXAMPLES[kind])]

    def forget(self, candidates: Iterable[int], named: Iterable[tuple[str, str]]) -> None:
        """Keep these candidates, their addresses and all that is `named` (kind, value) from ever coming back."""
        ids = [(candidate,) for candidate in candidates]
        with self.together():
            query = "SELECT 'address', address FROM candidates WHERE id = ?"
            barred = {*named, *(row for one in ids for row in self.rows(query, *one))}
            self.write_many(
                "UPDATE candidates SET state = 'skipped', kind = 'forgotten', reason = 'taken down', photo = NULL"
                " WHERE id = ?",
                ids,
            )
            rows = ((kind, value, now()) for kind, value in sorted(barred))
            self.write_many("INSERT INTO forgotten VALUES (?, ?, ?) ON CONFLICT DO NOTHING", rows)

"""Photos that belong together: a number a photo, equal for those of one group."""

from __future__ import annotations

from collections.abc import Mapping

from whatsit.data.catalog.database import Database

TABLES = """
CREATE TABLE groups (
    photo TEXT NOT NULL, kind TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (photo, kind)
) WITHOUT ROWID;
"""
GROUP_KINDS = DUPLICATES, PARTS_OF_OTHERS = ("duplicates", "parts")  # that a split keeps on one side


class Groups(Database):
    """The groups of each kind."""

    def put_groups(self, kind: str, numbers: Mapping[str, int]) -> None:
        """Replace the groups of a kind: photos with one number belong together."""
        with self.together():
            self.write("DELETE FROM groups WHERE kind = ?", kind)
            rows = ((photo, kind, number) for photo, number in numbers.items())
            self.write_many("INSERT INTO groups VALUES (?, ?, ?)", rows)

    def groups(self, kind: str) -> dict[str, int]:
        """The group number of each photo that is in a group of this kind."""
        return dict(self.rows("SELECT photo, number FROM groups WHERE kind = ?", kind))

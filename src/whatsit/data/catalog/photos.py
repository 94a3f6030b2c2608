"""Photos on disk, as they were when last looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from typing import NamedTuple

from whatsit.data.catalog.database import put
from whatsit.data.catalog.facts import FOUND, Facts

TABLES = """
CREATE TABLE photos (
    path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, format TEXT NOT NULL, changed_ns INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX photos_by_content ON photos (sha256);
"""


@dataclass(frozen=True)
class KnownPhoto:
    """A photo on disk: its size in bytes and pixels, its true format, and when the file was last changed."""

    path: str
    sha256: str
    bytes: int
    width: int
    height: int
    format: str
    changed_ns: int


class Fingerprint(NamedTuple):
    """What tells a photo from another that took its name."""

    sha256: str
    bytes: int
    changed_ns: int


class Photos(Facts):
    """The photos that are known."""

    def photos(self) -> dict[str, KnownPhoto]:
        """All known photos, by path."""
        query = "SELECT path, sha256, bytes, width, height, format, changed_ns FROM photos ORDER BY path"
        return {row[0]: KnownPhoto(*row) for row in self.rows(query)}

    def each_fingerprint(self) -> Iterator[tuple[str, Fingerprint]]:
        """What each known photo is told by, beside its path."""
        for path, *known in self.rows("SELECT path, sha256, bytes, changed_ns FROM photos"):
            yield path, Fingerprint(*known)

    def photos_of(self, class_name: str) -> list[str]:
        """The paths of a class's known photos."""
        # '0' is the character after '/', so this is every path below the class folder, by the index
        query = "SELECT path FROM photos WHERE path > ? AND path < ? ORDER BY path"
        return [path for (path,) in self.rows(query, f"{class_name}/", f"{class_name}0")]

    def photos_with(self, sha256: str) -> list[str]:
        """The paths of the known photos with this content."""
        return [path for (path,) in self.rows("SELECT path FROM photos WHERE sha256 = ?", sha256)]

    def put_photos(self, photos: Iterable[KnownPhoto]) -> None:
        """Remember photos as they are now."""
        with self.together():
            self.write_many(_PUT, map(astuple, photos))

    def add_photo(self, photo: KnownPhoto) -> bool:
        """Remember a photo where its path is not known yet; whether it was not."""
        return (
            self.write("INSERT INTO photos VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", *astuple(photo))
            > 0
        )

    def drop_photos(self, paths: Iterable[str]) -> None:
        """Forget photos that are no longer on disk, with what was found in them; decisions stay."""
        rows = [(path,) for path in paths]
        with self.together():
            self.write_many("DELETE FROM photos WHERE path = ?", rows)
            for table in ("findings", "groups", "faces"):
                self.write_many(f"DELETE FROM {table} WHERE photo = ?", rows)
            self.count_up(FOUND)


_PUT = put("photos", ("path",), ("sha256", "bytes", "width", "height", "format", "changed_ns"))

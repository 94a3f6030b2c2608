"""Faces that were found in photos."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any

from whatsit.data.catalog.database import as_json
from whatsit.data.catalog.facts import FOUND, Facts
from whatsit.image import Box
from whatsit.records import decode_json

TABLES = """
CREATE TABLE faces (
    photo TEXT NOT NULL, "left" REAL NOT NULL, top REAL NOT NULL, "right" REAL NOT NULL, bottom REAL NOT NULL,
    turn REAL NOT NULL, score REAL NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX faces_by_photo ON faces (photo);
"""


@dataclass(frozen=True)
class Face:
    """A face in a photo; `score` is the detector's, larger is surer."""

    photo: str
    box: Box
    score: float
    detail: Mapping[str, Any] = field(default_factory=dict)


class Faces(Facts):
    """The faces of all photos."""

    def put_faces(self, photos: Iterable[str], faces: Iterable[Face]) -> None:
        """Replace the faces of these photos."""
        with self.together():
            self.write_many("DELETE FROM faces WHERE photo = ?", ((photo,) for photo in photos))
            rows = ((one.photo, *astuple(one.box), one.score, as_json(one.detail)) for one in faces)
            self.write_many("INSERT INTO faces VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            self.count_up(FOUND)

    def faces(self) -> list[Face]:
        """All faces, in the order of photos, the surest of a photo first."""
        return [_face_of(row) for row in self.rows("SELECT * FROM faces ORDER BY photo, score DESC")]

    def photos_with_faces(self) -> list[str]:
        """The photos in which faces were found."""
        return [photo for (photo,) in self.rows("SELECT DISTINCT photo FROM faces ORDER BY photo")]

    def faces_of(self, photos: Sequence[str]) -> list[Face]:
        """The faces of some photos, the surest of each first."""
        rows = self.rows_among("SELECT * FROM faces WHERE photo IN ({keys}) ORDER BY photo, score DESC", photos)
        return [_face_of(row) for row in rows]


def _face_of(row: tuple[Any, ...]) -> Face:
    return Face(row[0], Box(*row[1:6]), row[6], decode_json(row[7]))

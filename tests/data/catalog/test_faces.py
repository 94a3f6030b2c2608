"""Faces, and photos that belong together."""

from __future__ import annotations

from pathlib import Path

import pytest

from whatsit.data.catalog import Face, open_catalog
from whatsit.image import Box

pytestmark = pytest.mark.usefixtures("each_database")


def test_groups_and_faces_come_back(tmp_path: Path) -> None:
    face = Face("a.jpg", Box(0.1, 0.2, 0.3, 0.4, 5.0), 0.9, {"eyes": [1, 2]})
    with open_catalog(tmp_path) as known:
        known.put_groups("duplicate", {"a.jpg": 1, "b.jpg": 1})
        known.put_faces(["a.jpg"], [face])
        assert known.groups("duplicate") == {"a.jpg": 1, "b.jpg": 1}
        assert known.groups("other") == {}
        assert known.faces() == [face]

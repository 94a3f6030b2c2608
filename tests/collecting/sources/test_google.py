"""Pages of Google that somebody saved, and walls that are none."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources import ITEMS
from web.services import (
    GOOGLE_WALLS,
    google_page,
)
from whatsit.collecting.search.found import SourceError
from whatsit.collecting.sources import google

GOOGLE = [
    replace(item, thumbnail=f"https://encrypted-tbn0.gstatic.com/images?q=tbn:{number}")
    for number, item in enumerate(ITEMS[:9])
]


@pytest.mark.parametrize("kind", ["links", "scripts"])
def test_a_saved_page_gives_the_originals(kind: str) -> None:
    some = google.read_results(google_page(GOOGLE, kind))
    assert [one.address for one in some] == [item.address for item in GOOGLE]
    assert [one.page for one in some] == [item.page for item in GOOGLE]
    assert (some[0].width, some[0].height) == (160, 120)


def test_a_saved_page_gives_small_pictures_where_there_is_no_more() -> None:
    assert [one.address for one in google.read_results(google_page(GOOGLE, "tiles"))] == [
        item.thumbnail for item in GOOGLE
    ]


def test_a_page_saved_with_its_pictures_gives_those_files_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "page_files").mkdir()
    (tmp_path / "page_files" / "images(1).jpg").write_bytes(b"x")
    (tmp_path.parent / "secret.jpg").write_bytes(b"x")
    items = [
        replace(GOOGLE[0], thumbnail=where)
        for where in ("page_files/images(1).jpg", "../secret.jpg", "/etc/passwd")
    ]
    [one] = google.read_results(google_page(items, "tiles"), tmp_path / "page.html")
    assert one.address == (tmp_path / "page_files" / "images(1).jpg").as_uri()


@pytest.mark.parametrize("wall", GOOGLE_WALLS)
def test_a_page_that_is_a_wall_says_which_and_what_else_to_do(wall: str) -> None:
    with pytest.raises(SourceError, match="no page of pictures, but a page that") as blocked:
        google.read_results(GOOGLE_WALLS[wall])
    assert "--source" in blocked.value.hint


def test_a_page_of_another_kind_says_what_to_save() -> None:
    with pytest.raises(SourceError, match="no pictures on this page") as refused:
        google.read_results("<html><body><a href='/search?q=x'>Web</a></body></html>")
    assert "Webpage, complete" in refused.value.hint


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_any_page_is_read_or_refused(text: str) -> None:
    assert google.read_results(google_page(GOOGLE[:2]) + text)
    with suppress(SourceError):
        google.read_results(text)

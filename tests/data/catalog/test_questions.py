"""What is asked often is answered by an index, also in a catalog of a million rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from whatsit.data.catalog import Catalog, Decision, Face, Finding, KnownPhoto, open_catalog
from whatsit.image import Box

ASKED = {
    "findings by check": lambda catalog: catalog.findings("blurred"),
    "findings of a photo": lambda catalog: catalog.findings_of("cat/a.jpg"),
    "the decision about a photo": lambda catalog: catalog.decision_of("cat/a.jpg"),
    "the last batch": lambda catalog: catalog.undo_batch("clean"),
    "faces of a photo": lambda catalog: catalog.faces_of("cat/a.jpg"),
    "photos of a class": lambda catalog: catalog.photos_of("cat"),
    "photos with a content": lambda catalog: catalog.photos_with("00ff"),
    "the next candidates": lambda catalog: catalog.next_candidates("cat", 0, 10),
    "the outcomes with a content": lambda catalog: catalog.paths_kept_with("00ff"),
    "whether something was taken down": lambda catalog: catalog.is_forgotten("sha256", "00ff"),
}


def plans(catalog: Catalog, question: str) -> list[str]:
    """How SQLite goes about the statements of a question."""
    statements: list[str] = []
    connection = catalog._connection  # the only way to see what SQLite was asked
    connection.set_trace_callback(statements.append)
    list(ASKED[question](catalog) or ())
    connection.set_trace_callback(None)
    asked = [one for one in statements if one.startswith(("SELECT", "UPDATE", "DELETE"))]
    return [row[3] for one in asked for row in connection.execute(f"EXPLAIN QUERY PLAN {one}")]


@pytest.mark.parametrize("question", ASKED)
def test_a_question_about_a_few_rows_reads_a_few_rows(question: str, tmp_path: Path) -> None:
    with open_catalog(tmp_path) as catalog:
        found = plans(catalog, question)
    assert found
    assert not [step for step in found if step.startswith("SCAN")]


def test_photos_that_are_gone_take_what_was_found_with_them_and_leave_decisions(tmp_path: Path) -> None:
    photos = [KnownPhoto(name, "00", 1, 2, 3, "JPEG", 4) for name in ("cat/a.jpg", "cat/b.jpg", "cats/c.jpg")]
    with open_catalog(tmp_path) as catalog:
        catalog.put_photos(photos)
        catalog.put_findings(["dark"], [Finding(one.path, "dark", "hint", 1, 2, "why") for one in photos])
        catalog.put_faces([], [Face("cat/a.jpg", Box(0, 0, 1, 1), 0.5)])
        catalog.put_groups("duplicates", {one.path: 1 for one in photos})
        catalog.decide(Decision("cat/a.jpg", "keep"))
        catalog.drop_photos(["cat/a.jpg"])
        assert catalog.photos_of("cat") == ["cat/b.jpg"]
        assert catalog.photos_with("00") == ["cat/b.jpg", "cats/c.jpg"]
        assert catalog.fingerprints() == {one.path: ("00", 1, 4) for one in photos[1:]}
        assert (catalog.findings_of("cat/a.jpg"), catalog.faces_of("cat/a.jpg")) == ([], [])
        assert catalog.groups("duplicates").keys() == {"cat/b.jpg", "cats/c.jpg"}
        assert catalog.decisions().keys() == {"cat/a.jpg"}


def test_a_photo_that_is_known_is_not_added_again(tmp_path: Path) -> None:
    photo = KnownPhoto("cat/a.jpg", "00", 1, 2, 3, "JPEG", 4)
    with open_catalog(tmp_path) as catalog:
        assert catalog.add_photo(photo)
        assert not catalog.add_photo(photo)


def test_what_was_found_in_one_photo_comes_in_the_order_of_checks(tmp_path: Path) -> None:
    found = [Finding("a", check, "hint", None, None, check) for check in ("dark", "blurred", "tiny")]
    with open_catalog(tmp_path) as catalog:
        catalog.put_findings([], [*found, Finding("b", "dark", "hint", None, None, "")])
        assert [one.check for one in catalog.findings_of("a")] == ["blurred", "dark", "tiny"]
        assert [one.photo for one in catalog.findings("dark")] == ["a", "b"]

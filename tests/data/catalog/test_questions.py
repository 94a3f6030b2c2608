"""What is asked often is answered by an index, also in a catalog of a million rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from whatsit.data.catalog import Catalog, open_catalog

ASKED = {
    "findings by check": lambda catalog: catalog.findings("blurred"),
    "findings of a photo": lambda catalog: catalog.findings_of(["cat/a.jpg"]),
    "the decision about a photo": lambda catalog: catalog.decision_of("cat/a.jpg"),
    "the last batch": lambda catalog: catalog.undo_batch("clean"),
    "faces of a photo": lambda catalog: catalog.faces_of(["cat/a.jpg"]),
    "photos of a class": lambda catalog: catalog.photos_of("cat"),
    "photos with a content": lambda catalog: catalog.photos_with("00ff"),
    "the next candidates": lambda catalog: catalog.next_candidates("cat", 0, 10),
    "the outcomes with a content": lambda catalog: catalog.paths_kept_with("00ff"),
    "whether something was taken down": lambda catalog: catalog.is_forgotten("sha256", "00ff"),
}


def plans(catalog: Catalog, question: str) -> list[str]:
    """How SQLite goes about the statements of a question."""
    statements: list[str] = []
    connection = catalog._connection.inner  # the only way to see what SQLite was asked
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

"""The suspect labels of a run on the review page: proposals in front of what cleaning found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from labelled import write_labelled
from models import tiny_run
from whatsit.data.catalog import Finding, open_catalog
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.files import write_csv
from whatsit.image import encode_png
from whatsit.model.suspects import COLUMNS, LABEL_COLUMNS
from whatsit.reviewing.desk import Desk
from whatsit.reviewing.labels import Sought
from whatsit.reviewing.suspects import read_suspects


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_run(tmp_path_factory.mktemp("runs") / "tiny").run.folder


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_labelled(tmp_path / "set", photos=12)


def write(run: Path, columns: tuple[str, ...], *rows: tuple[object, ...]) -> None:
    write_csv(run / "suspects.csv", columns, (dict(zip(columns, row, strict=True)) for row in rows))


def test_the_labels_that_a_run_doubts_come_first_and_are_answered_one_by_one(run: Path, table: Path) -> None:
    write(
        run,
        LABEL_COLUMNS,
        ("photos/3.png", "red", "yes", 0.01),
        ("photos/1.png", "striped", "no", 0.9),
        ("photos/3.png", "striped", "no", 0.8),
        ("photos/gone.png", "red", "no", 0.8),
    )
    dataset = read(table)
    with open_catalog(table.parent) as catalog:
        stale = Finding("photos/2.png", "suspect-label", "likely", 0.1, 0.5, "", {"labels": {"red": True}})
        catalog.put_findings([], [stale, Finding("photos/0.png", "dark", "hint", 1, 10, "dark")])
        desk = Desk(dataset, catalog, {"dark": False, "suspect-label": False}, read_suspects(run, dataset))
        first, dark, *_ = desk.queues()
        assert (first.name, dark.name, first.waiting) == ("suspect-label", "dark", 2)
        three, one = first.photos.tolist()
        assert [desk.names[row] for row in first.photos] == ["photos/3.png", "photos/1.png"]
        assert desk.states([three])[0][3] == [("red", True, 0.01), ("striped", False, 0.8)]
        assert "is marked red and does not look like it" in desk.facts([three])[0]["found"][0]
        desk.decide([three], "has-not", "red")
        assert desk.states([three])[0][3] == [("striped", False, 0.8)]
        assert desk.queues()[0].waiting == 2
        desk.decide([three], "has-not", "striped")
        assert (desk.queues()[0].waiting, desk.queues()[0].first) == (1, 1)
        desk.decide([one], "keep")
        assert desk.states([one])[0][3] == []
        assert desk.queues()[0].waiting == 0
        desk.undo()
        assert desk.queues()[0].waiting == 1


def test_of_one_class_another_class_is_proposed(run: Path, folder: Path) -> None:
    write(run, COLUMNS, ("cat/0.jpg", "cat", "dog", 0.02, 0.95))
    dataset = read(folder)
    with open_catalog(folder) as catalog:
        desk = Desk(dataset, catalog, {}, read_suspects(run, dataset))
        assert desk.states(desk.queues()[0].photos) == [(0, "", "cat", [("dog", False, 0.95)])]
        desk.decide([0], "relabel", "dog")
        assert desk.states([0]) == [(0, "relabel", "dog", [])]
        with pytest.raises(UserError, match="no label 'cat'"):
            desk.find(desk.queues()[-1], Sought(has="cat"))


@pytest.mark.parametrize(
    ("columns", "row", "sentence"),
    [
        (LABEL_COLUMNS, ("elsewhere/1.png", "red", "yes", 0.01), "of other photos"),
        (COLUMNS, ("photos/1.png", "red", "striped", 0.1, 0.9), "of other photos"),
        (LABEL_COLUMNS, ("photos/1.png", "red", "yes", "nearly"), "was changed"),
    ],
    ids=["other photos", "one class", "no number"],
)
def test_a_table_of_suspects_that_does_not_belong_is_refused(
    run: Path, table: Path, columns: tuple[str, ...], row: tuple[object, ...], sentence: str
) -> None:
    write(run, columns, row)
    with pytest.raises(UserError, match=sentence):
        read_suspects(run, read(table))
    (run / "suspects.csv").unlink()
    with pytest.raises(UserError, match="looked for no suspect labels"):
        read_suspects(run, read(table))


def test_many_unseen_labels_are_told_as_runs(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encode_png(np.zeros((4, 4, 3), np.uint8)))
    (tmp_path / "b.png").write_bytes(encode_png(np.full((4, 4, 3), 9, np.uint8)))
    labels = [f"label {number:04}" for number in range(2000)]
    unseen = ";".join(f"?{label}" for place, label in enumerate(labels) if place not in (3, 700))
    rows = [{"path": "a.png", "labels": unseen}, {"path": "b.png", "labels": ";".join(labels)}]
    write_csv(tmp_path / "labels.csv", ("path", "labels"), rows)
    dataset = read(tmp_path / "labels.csv")
    with open_catalog(tmp_path) as catalog:
        desk = Desk(dataset, catalog)
        assert desk.facts([0])[0]["unseen"] == [(0, 3), (4, 700), (701, 2000)]
        assert len(desk.on_keys) == 9
        assert desk.states([1])[0][2] == ";".join(labels)

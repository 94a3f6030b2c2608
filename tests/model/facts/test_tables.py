"""The tables beside run.json come back, are small, and can be opened by people."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from whatsit.data.dataset import Skipped
from whatsit.errors import UserError
from whatsit.files import read_csv
from whatsit.model.facts.confusion import sparse
from whatsit.model.facts.figures import (
    ClassFigures,
    CouldBeFigures,
    Figures,
    GuessFigures,
    PartFigures,
    ShareFigures,
)
from whatsit.model.facts.tables import (
    MANY_CLASSES,
    leave_classes,
    read_skipped,
    write_class_figures,
    write_confusion,
    write_skipped,
)
from whatsit.records import as_json


def test_skipped_files_come_back_whatever_their_names(tmp_path: Path) -> None:
    skipped = (Skipped('a,"b"\n.jpg', "cut short"), Skipped("caf\udce9.jpg", "no photo: it is text"))
    write_skipped(tmp_path / "skipped.csv", skipped)
    assert read_skipped(tmp_path / "skipped.csv") == skipped
    assert b"caf\xe9.jpg" in (tmp_path / "skipped.csv").read_bytes()


def test_no_skipped_files_are_a_table_too(tmp_path: Path) -> None:
    write_skipped(tmp_path / "skipped.csv", ())
    assert (tmp_path / "skipped.csv").read_text() == "name,reason\n"
    assert read_skipped(tmp_path / "skipped.csv") == ()


def test_a_missing_or_another_table_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no file"):
        read_skipped(tmp_path / "skipped.csv")
    (tmp_path / "skipped.csv").write_text("file,why\na.jpg,odd\n")
    with pytest.raises(UserError, match="is damaged: it is not the table we wrote"):
        read_skipped(tmp_path / "skipped.csv")


def test_only_the_cells_that_are_not_zero_are_written(tmp_path: Path) -> None:
    matrix = np.array([[5, 0, 1], [0, 7, 0], [0, 0, 0]])
    write_confusion(
        tmp_path / "confusion.csv",
        ("cat", "dog", "emu"),
        {"test": sparse(matrix), "val": sparse(np.eye(3, dtype=int))},
    )
    assert (tmp_path / "confusion.csv").read_text().splitlines() == [
        "part,true,predicted,photos",
        *("test,cat,cat,5", "test,cat,emu,1", "test,dog,dog,7"),
        *("val,cat,cat,1", "val,dog,dog,1", "val,emu,emu,1"),
    ]


def test_of_thousands_of_classes_it_stays_small(tmp_path: Path) -> None:
    classes = 3000
    matrix = np.diag(np.full(classes, 10))
    write_confusion(
        tmp_path / "confusion.csv", [f"class {number}" for number in range(classes)], {"test": sparse(matrix)}
    )
    assert (tmp_path / "confusion.csv").stat().st_size < 120_000


def test_the_figures_of_very_many_classes_lie_beside_run_json(tmp_path: Path) -> None:
    figures, path = figures_of(MANY_CLASSES + 1), tmp_path / "classes.csv"
    write_class_figures(path, figures)
    rows = read_csv(path)
    assert [(row["part"], row["class"]) for row in rows[:: MANY_CLASSES + 1]] == [
        ("test", "class 0"),
        ("val", "class 0"),
    ]
    assert (rows[3]["photos"], rows[3]["recall"], rows[3]["recall_low"]) == ("2", "0.5", "0.1")
    kept = leave_classes(figures)
    assert kept.val is not None
    assert (kept.per_class, kept.val.per_class, kept.accuracy) == ((), (), figures.accuracy)
    assert len(json.dumps(as_json(kept))) < 5_000


def test_those_of_a_thousand_stay_in_it(tmp_path: Path) -> None:
    figures, path = figures_of(MANY_CLASSES), tmp_path / "classes.csv"
    path.write_text("of another measuring")
    write_class_figures(path, figures)
    assert not path.exists()
    assert leave_classes(figures) == figures


def figures_of(classes: int) -> Figures:
    """Figures of two parts, as if two photos a class had been asked about."""
    share = ShareFigures(0.5, (0.1, 0.9), 1, 2)
    each = tuple(
        ClassFigures(f"class {place}", 0.5, (0.1, 0.9), 0.5, (0.1, 0.9), 0.5, 2, 2, 1) for place in range(classes)
    )
    part = PartFigures(
        part="val",
        accuracy=0.5,
        interval=(0.4, 0.6),
        right=classes,
        n=2 * classes,
        guessing=GuessFigures("class 0", 0.001),
        macro_f1=0.5,
        weighted_f1=0.5,
        top_5=None,
        log_loss=1.0,
        brier=0.5,
        ece=0.1,
        ece_by_chance=0.1,
        could_be=CouldBeFigures(0.5, (0.1, 0.9), 1, 2, 3.0),
        not_one_of_these=share,
        per_class=each,
    )
    return Figures(
        **vars(replace(part, part="test")), val=part, leaked=0, random_leaks=0, test_leaked=0, without_leaked=share
    )

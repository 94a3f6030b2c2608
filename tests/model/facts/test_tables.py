"""The tables beside run.json come back, are small, and can be opened by people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from whatsit.data.dataset import Skipped
from whatsit.errors import UserError
from whatsit.model.facts.tables import read_skipped, write_confusion, write_skipped


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
        tmp_path / "confusion.csv", ("cat", "dog", "emu"), {"test": matrix, "val": np.eye(3, dtype=int)}
    )
    assert (tmp_path / "confusion.csv").read_text().splitlines() == [
        "part,true,predicted,photos",
        *("test,cat,cat,5", "test,cat,emu,1", "test,dog,dog,7"),
        *("val,cat,cat,1", "val,dog,dog,1", "val,emu,emu,1"),
    ]


def test_of_thousands_of_classes_it_stays_small(tmp_path: Path) -> None:
    classes = 3000
    matrix = np.diag(np.full(classes, 10))
    write_confusion(tmp_path / "confusion.csv", [f"class {number}" for number in range(classes)], {"test": matrix})
    assert (tmp_path / "confusion.csv").stat().st_size < 120_000

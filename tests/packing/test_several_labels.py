"""Packs of photos with several labels, and back."""

from __future__ import annotations

import csv
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

import whatsit
from labelled import write_labelled
from whatsit.data.dataset import Dataset
from whatsit.data.readers import read
from whatsit.data.target import SEVERAL


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table in which nobody looked for stripes in one photo."""
    made = write_labelled(tmp_path_factory.mktemp("set"), photos=40)
    lines = made.read_text().splitlines()
    columns = ["path,red,striped"]
    for line in lines[1:]:
        name, said = line.split(",")
        columns.append(f"{name},{int('red' in said)},{int('striped' in said)}")
    columns[1] = columns[1][:-1]
    made.write_text("\n".join(columns) + "\n")
    return made


def said(dataset: Dataset) -> list[str]:
    assert dataset.target is SEVERAL
    return sorted(dataset.written(row) for row in range(len(dataset)))


@pytest.mark.parametrize("to", ["folders", "npz"])
def test_a_pack_is_read_back_as_it_was_packed(table: Path, tmp_path: Path, to: str) -> None:
    whatsit.pack(table, into=tmp_path / "out", to=to, size=24, labels="several")
    again = read(tmp_path / "out" / "data.npz", labels="several") if to == "npz" else read(tmp_path / "out")
    assert again.classes == ("red", "striped")
    assert said(again) == said(read(table, labels="several"))
    assert any("?striped" in one for one in said(again))
    assert set(again.parts) == {"train", "val", "test"}


def test_shards_have_the_labels_beside_each_photo(table: Path, tmp_path: Path) -> None:
    whatsit.pack(table, into=tmp_path / "out", to="shards", size=24, labels="several")
    found = []
    for file in sorted((tmp_path / "out").glob("*.tar")):
        with tarfile.open(file) as archive:
            names = archive.getnames()
            assert not any(name.endswith(".cls") for name in names)
            found += [json.loads(archive.extractfile(name).read()) for name in names if name.endswith(".json")]
    texts = [";".join([*one["labels"], *(f"?{name}" for name in one.get("unknown", ()))]) for one in found]
    assert sorted(texts) == said(read(table, labels="several"))


def test_the_contents_name_the_labels(table: Path, tmp_path: Path) -> None:
    contents = whatsit.pack(table, into=tmp_path / "out", size=24, labels="several")
    rows = list(csv.DictReader((tmp_path / "out" / "contents.csv").read_text().splitlines()))
    assert sorted(row["labels"] for row in rows) == said(read(table, labels="several"))
    fields = json.loads((tmp_path / "out" / "croissant.json").read_text())["recordSet"][0]["field"]
    assert "labels" in [field["name"] for field in fields]
    assert contents.has("train", 0).sum() == contents.dataset.having(0)[contents.split.rows("train")].sum()


def test_a_row_of_several_ones_is_a_question_until_somebody_says_so(tmp_path: Path) -> None:
    rows = np.array([[1, 1], [0, 1], [0, 0]])
    np.savez(tmp_path / "x.npz", images=np.zeros((3, 4, 4), np.uint8), labels=rows, classes=np.array(["a", "b"]))
    with pytest.raises(whatsit.UserError, match="--labels several"):
        read(tmp_path / "x.npz")
    assert said(read(tmp_path / "x.npz", labels="several")) == ["", "a;b", "b"]
    np.savez(tmp_path / "y.npz", images=np.zeros((3, 4, 4), np.uint8), labels=rows * 2)
    with pytest.raises(whatsit.UserError, match="no row of 1s and 0s"):
        read(tmp_path / "y.npz", labels="several")

"""Packs of photos with several labels, and back."""

from __future__ import annotations

import csv
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import whatsit
from labelled import write_labelled
from whatsit.data.dataset import Dataset
from whatsit.data.readers import read
from whatsit.data.target import SEVERAL
from whatsit.packing.evening import choose_evenly


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
    of_train = contents.dataset.having(0)[contents.split.rows("train")]
    assert (contents.labels("train")[:, 0] == 1).sum() == of_train.sum()


def test_a_row_of_several_ones_is_a_question_until_somebody_says_so(tmp_path: Path) -> None:
    rows = np.array([[1, 1], [0, 1], [0, 0]])
    np.savez(tmp_path / "x.npz", images=np.zeros((3, 4, 4), np.uint8), labels=rows, classes=np.array(["a", "b"]))
    with pytest.raises(whatsit.UserError, match="--labels several"):
        read(tmp_path / "x.npz")
    assert said(read(tmp_path / "x.npz", labels="several")) == ["", "a;b", "b"]
    np.savez(tmp_path / "y.npz", images=np.zeros((3, 4, 4), np.uint8), labels=rows * 2)
    with pytest.raises(whatsit.UserError, match="no row of 1s and 0s"):
        read(tmp_path / "y.npz", labels="several")


def test_coco_has_an_annotation_a_label_and_says_what_nobody_looked_for(table: Path, tmp_path: Path) -> None:
    whatsit.pack(table, into=tmp_path / "out", to="coco", size=24, labels="several")
    again = read(tmp_path / "out")
    assert again.classes == ("red", "striped")
    assert said(again) == said(read(table, labels="several"))
    assert set(again.parts) == {"train", "val", "test"}
    files = sorted((tmp_path / "out" / "annotations").iterdir())
    assert [file.name for file in files] == ["labels_test.json", "labels_train.json", "labels_val.json"]
    parts = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    for part in parts:
        assert part["categories"] == [{"id": 1, "name": "red"}, {"id": 2, "name": "striped"}]
        assert all(set(one) == {"id", "image_id", "category_id"} for one in part["annotations"])
        assert len({one["id"] for one in part["annotations"]}) == len(part["annotations"])
        assert all((one["width"], one["height"]) == (24, 24) for one in part["images"])
    federated = [one for part in parts for one in part["images"] if "neg_category_ids" in one]
    assert len(federated) == 1
    about = json.loads((tmp_path / "out" / "croissant.json").read_text())
    assert "annotations/labels_train.json" in [one["contentUrl"] for one in about["distribution"]]


def test_coco_of_one_class_is_read_back(folder: Path, tmp_path: Path) -> None:
    whatsit.pack(folder, into=tmp_path / "out", to="coco", size=24)
    again = read(tmp_path / "out", labels="one")
    assert again.classes == ("cat", "dog")
    assert again.counts().tolist() == [6, 6]


def test_each_label_has_at_least_as_many_as_wanted(tmp_path: Path) -> None:
    rows = [
        (f"photos/{number}.png", "a" if number < 30 else "a;rare" if number < 32 else "") for number in range(60)
    ]
    source = write_labelled(tmp_path / "set", photos=60)
    source.write_text("path,labels\n" + "".join(f"{name},{labels}\n" for name, labels in rows))
    contents = whatsit.pack(source, into=tmp_path / "out", size=16, per_class=10, val=0, test=0)
    assert (contents.labels("train")[:, contents.dataset.classes.index("rare")] == 1).sum() == 10
    assert (contents.labels("train")[:, contents.dataset.classes.index("a")] == 1).sum() == 10
    entries = contents.entries["train"]
    without = [one for one in entries if contents.dataset.written(one.row) == ""]
    assert len(without) == 10
    assert all(one.copy == 0 for one in without)
    rare = [one.copy for one in entries if "rare" in contents.dataset.written(one.row)]
    assert sorted(rare) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    again = read(tmp_path / "out")
    assert again.counts().tolist() == [10, 10]


@given(st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_evening_reaches_what_is_wanted_and_uses_photos_before_copies(wanted: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    has = random.random((random.integers(1, 30), random.integers(1, 6))) < random.random()
    chosen = choose_evenly(has, wanted, random)
    assert len(set(chosen)) == len(chosen)
    counts = sum((has[row].astype(int) for row, _ in chosen), np.zeros(has.shape[1], int))
    assert (counts[has.any(axis=0)] >= wanted).all()
    assert (counts[~has.any(axis=0)] == 0).all()
    for row, copy in chosen:
        assert copy == 0 or (row, copy - 1) in chosen

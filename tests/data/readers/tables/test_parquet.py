"""Parquet files with a photo a row: each row a photo or a named reason, in a file or a folder of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drawing import drawn, put
from whatsit.data.readers import read
from whatsit.data.readers.tables import parquet as parquet_reader
from whatsit.errors import UserError
from whatsit.image import encode_png

pyarrow = pytest.importorskip("pyarrow")
from pyarrow import parquet  # noqa: E402

NAMES = ("cat", "dog")


def content(seed: int) -> bytes:
    return encode_png(drawn(seed=seed))


def embedded(count: int, first: int = 0) -> list[dict[str, Any]]:
    return [{"bytes": content(first + row), "path": f"{first + row}.png"} for row in range(count)]


def told(names: tuple[str, ...] = NAMES) -> dict[str, str]:
    features = {"image": {"_type": "Image"}, "label": {"_type": "ClassLabel", "names": list(names)}}
    return {"huggingface": json.dumps({"info": {"features": features}})}


def write(file: Path, columns: dict[str, Any], metadata: dict[str, str] | None = None) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.table(columns).replace_schema_metadata(metadata), file)
    return file


def labels_of(dataset: Any) -> list[str]:
    return [dataset.classes[label] for label in dataset.labels]


def test_a_file_as_the_hub_writes_it_has_its_classes_by_name(tmp_path: Path) -> None:
    file = write(tmp_path / "pets.parquet", {"image": embedded(4), "label": [0, 1, 1, 0]}, told())
    for _ in range(2):  # and as it is kept
        dataset = read(file)
        assert (dataset.name, labels_of(dataset)) == ("pets", ["cat", "dog", "dog", "cat"])
        assert [bytes(dataset.photos.read(row)) for row in range(4)] == [content(row) for row in range(4)]
        assert set(dataset.parts) == {""}
        assert not dataset.skipped


def test_a_folder_of_files_has_their_parts_and_accounts_for_its_entries(tmp_path: Path) -> None:
    for part, first in (("train", 0), ("validation", 4), ("test", 8)):
        file = tmp_path / "pets" / "data" / f"{part}-00000-of-00001.parquet"
        write(file, {"image": embedded(4, first), "label": [0, 1, 0, 1]}, told())
    (tmp_path / "pets" / "README.md").write_text("pets")
    dataset = read(tmp_path / "pets")
    assert [dataset.parts.tolist().count(part) for part in ("train", "val", "test")] == [4, 4, 4]
    assert [one.name for one in dataset.skipped] == ["README.md"]
    assert dataset.root == tmp_path / "pets"


def test_rows_without_a_photo_or_a_class_are_named_and_counted(tmp_path: Path) -> None:
    images = [*embedded(4), {"bytes": None, "path": "gone.png"}, None, {"bytes": b"", "path": None}]
    file = write(tmp_path / "a.parquet", {"image": images, "label": [0, 1, -1, None, 0, 1, 0]}, told())
    dataset = read(file)
    assert len(dataset) + len(dataset.skipped) == 7
    assert [(one.name, one.reason) for one in dataset.skipped] == [
        ("a.parquet, row 3", "no class in its row"),
        ("a.parquet, row 4", "no class in its row"),
        ("a.parquet, row 5", "its photo is not there (gone.png)"),
        ("a.parquet, row 6", "no photo in its row"),
        ("a.parquet, row 7", "no photo in its row"),
    ]


def test_a_row_with_a_path_and_no_bytes_means_the_file_beside(tmp_path: Path) -> None:
    put(tmp_path / "photos" / "x.png", seed=7)
    images = [{"bytes": None, "path": "photos/x.png"}, *embedded(1)]
    dataset = read(write(tmp_path / "a.parquet", {"image": images, "label": ["cat", "dog"]}))
    assert dataset.photos.read(0) == (tmp_path / "photos" / "x.png").read_bytes()


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [
        (["b", "a", "b"], ["b", "a", "b"]),
        ([5, 10, 5], ["5", "10", "5"]),
        ([0.0, 1.0, 0.0], ["0", "1", "0"]),
        ([True, False, True], ["true", "false", "true"]),
        (["a/b", "a-b", ".."], ["a/b", "a-b", ".."]),  # one name as a folder, and never one class
    ],
)
@pytest.mark.parametrize("kind", ["struct", "bytes", "large"])
def test_classes_are_what_the_column_holds(tmp_path: Path, kind: str, labels: list, wanted: list[str]) -> None:
    images: Any = embedded(3)
    if kind != "struct":
        of = pyarrow.binary() if kind == "bytes" else pyarrow.large_binary()
        images = pyarrow.array([content(row) for row in range(3)], of)
    assert labels_of(read(write(tmp_path / "a.parquet", {"image": images, "label": labels}))) == wanted


def test_further_columns_are_kept_and_the_group_column_is_followed(tmp_path: Path) -> None:
    columns = {"image": embedded(4), "label": list("abab"), "group": list("xxyy"), "age": [1, None, 3, 4]}
    dataset = read(write(tmp_path / "a.parquet", columns | {"split": ["train", "test", "val", ""]}))
    assert dataset.columns == {"group": list("xxyy"), "age": ["1", "", "3", "4"]}
    assert dataset.grouped_by == "group"
    assert dataset.groups is not None
    assert np.array_equal(dataset.groups[:2], [dataset.groups[0]] * 2)
    assert dataset.parts.tolist() == ["train", "test", "val", ""]


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"label": [0, 7, 0]}, "Row 2 of .* has the class 7, and the table names 2 classes"),
        ({"label": ["a", "nan", "b"]}, "Row 2 of .* gives a photo the class 'nan'"),
        ({"label": ["a", " ", "b"]}, "row 2 .* has no class"),
        ({"label": [[0, 1], [1], [0]]}, "Row 1 of .* several things in place of a class"),
        ({"label": ["a", "b", "a"], "split": ["train", "third", ""]}, "Row 2 .* into the part 'third'"),
        (
            {"caption": ["a", "b", "c"]},
            "no column of photos with .* classes; its columns: image, caption",
        ),
    ],
)
def test_what_nobody_can_have_meant_is_asked_about(tmp_path: Path, columns: dict, sentence: str) -> None:
    file = write(tmp_path / "a.parquet", {"image": embedded(3)} | columns, told() if "7" in sentence else None)
    with pytest.raises(UserError, match=sentence) as refusal:
        read(file)
    assert refusal.value.hint


def test_a_file_that_changed_is_read_anew(tmp_path: Path) -> None:
    file = write(tmp_path / "a.parquet", {"image": embedded(3), "label": ["a", "b", "a"]})
    read(file)
    write(file, {"image": embedded(4), "label": ["a", "b", "a", "c"]})
    assert labels_of(read(file)) == ["a", "b", "a", "c"]


def test_class_folders_beside_a_table_are_still_class_folders(tmp_path: Path) -> None:
    write(tmp_path / "pets" / "a.parquet", {"image": embedded(2), "label": ["x", "y"]})
    for label in NAMES:
        put(tmp_path / "pets" / label / "1.png", seed=len(label))
    dataset = read(tmp_path / "pets")
    assert dataset.classes == NAMES
    assert [one.name for one in dataset.skipped] == ["a.parquet"]


def test_a_table_of_paths_is_no_file_of_photos(tmp_path: Path) -> None:
    put(tmp_path / "1.png")
    assert not parquet_reader.matches(write(tmp_path / "a.parquet", {"image": ["1.png"], "label": ["a"]}))


def test_a_cut_file_of_a_folder_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    whole = write(tmp_path / "pets" / "train.parquet", {"image": embedded(3), "label": ["a", "b", "a"]})
    whole.write_bytes(whole.read_bytes()[:200])
    with pytest.raises(UserError, match="A Parquet file of 'pets' is damaged"):
        read(tmp_path / "pets")

"""What a Parquet file's own words say of its columns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drawing import drawn
from whatsit.data.readers.tables.embedded import holds_photos, read_embedded
from whatsit.image import encode_png

pyarrow = pytest.importorskip("pyarrow")
from pyarrow import parquet  # noqa: E402

PHOTO = {"bytes": encode_png(drawn()), "path": "a.JPG"}


@pytest.mark.parametrize("metadata", [b"no json", b"[]", b"{}", json.dumps({"info": None}).encode()])
def test_metadata_of_another_kind_says_nothing(tmp_path: Path, metadata: bytes) -> None:
    table = pyarrow.table({"image": [PHOTO], "label": ["a"]}).replace_schema_metadata({b"huggingface": metadata})
    parquet.write_table(table, tmp_path / "a.parquet")
    (row,) = read_embedded(tmp_path / "a.parquet", "a")
    assert (row.row, row.label, row.suffix, row.content) == (1, "a", ".JPG", PHOTO["bytes"])


def test_columns_of_any_name_are_found_by_what_is_told_of_them(tmp_path: Path) -> None:
    features = {"x": {"_type": "Image"}, "y": {"_type": "ClassLabel", "names": ["cat", "dog"]}}
    told = {"huggingface": json.dumps({"info": {"features": features}})}
    parquet.write_table(
        pyarrow.table({"y": [1], "x": [PHOTO]}).replace_schema_metadata(told), tmp_path / "a.parquet"
    )
    assert holds_photos(tmp_path / "a.parquet")
    (row,) = read_embedded(tmp_path / "a.parquet", "a")
    assert row.label == "dog"


def test_what_is_no_parquet_file_holds_no_photos(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    assert not holds_photos(tmp_path / "a.parquet")


def test_a_path_without_bytes_is_no_file_of_this_machine_unless_one_is_meant(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(PHOTO["bytes"])
    table = pyarrow.table({"image": [{"bytes": None, "path": str(tmp_path / "secret.png")}], "label": ["a"]})
    parquet.write_table(table, tmp_path / "a.parquet")
    (row,) = read_embedded(tmp_path / "a.parquet", "a")
    assert (row.content, row.reason) == (b"", "no photo in its row")

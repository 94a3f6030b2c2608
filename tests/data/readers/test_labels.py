"""Several labels a photo, in every form that people have them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from drawing import drawn, put
from whatsit.data.dataset import Dataset
from whatsit.data.readers import read
from whatsit.data.target import SEVERAL
from whatsit.errors import UserError
from whatsit.image import encode_png


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for seed, name in enumerate("abcd"):
        (tmp_path / f"{name}.png").write_bytes(encode_png(drawn(16, 16, seed)))
    return tmp_path


def said(dataset: Dataset) -> dict[str, str]:
    assert dataset.target is SEVERAL
    return {Path(name).stem: dataset.written(row) for row, name in enumerate(dataset.photos.names)}


def table(folder: Path, *lines: str, name: str = "t.csv") -> Path:
    (folder / name).write_text("\n".join(lines) + "\n")
    return folder / name


FOUND = {"a": "sky;water", "b": "sky", "c": "", "d": "boats"}


@pytest.mark.parametrize("separator", [";", "|"])
def test_a_column_of_labels(photos: Path, separator: str) -> None:
    found = read(
        table(photos, "path,labels", f"a.png,water{separator}sky", "b.png, sky ", "c.png,", "d.png,boats")
    )
    assert found.classes == ("boats", "sky", "water")
    assert said(found) == FOUND
    assert found.labels.tolist() == [[0, 1, 1], [0, 1, 0], [0, 0, 0], [1, 0, 0]]


def test_lists_in_json_lines(photos: Path) -> None:
    lines = [
        json.dumps({"path": f"{name}.png", "labels": text.split(";") if text else []})
        for name, text in FOUND.items()
    ]
    assert said(read(table(photos, *lines, name="t.jsonl"))) == FOUND


def test_lists_in_parquet(photos: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    lists = [text.split(";") if text else [] for text in FOUND.values()]
    columns = {"path": [f"{name}.png" for name in FOUND], "labels": lists}
    parquet.write_table(pyarrow.table(columns), photos / "t.parquet")
    assert said(read(photos / "t.parquet")) == FOUND


NUMBERED = {"a": [0, 3], "b": [0], "c": [], "d": [12]}


def test_numbers_in_lists_are_names(photos: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    expected = {name: ";".join(map(str, numbers)) for name, numbers in NUMBERED.items()}
    lines = [json.dumps({"path": f"{name}.png", "labels": numbers}) for name, numbers in NUMBERED.items()]
    assert said(read(table(photos, *lines, name="t.jsonl"))) == expected
    columns = {"path": [f"{name}.png" for name in NUMBERED], "labels": list(NUMBERED.values())}
    parquet.write_table(pyarrow.table(columns), photos / "t.parquet")
    assert said(read(photos / "t.parquet")) == expected


@pytest.mark.parametrize("labels", [{"sky": 1}, ["sky", None], [["sky"]], [{"name": "sky"}], {}])
def test_what_is_no_list_of_names_is_asked_about_and_not_read_as_none(photos: Path, labels: Any) -> None:
    lines = [json.dumps({"path": "a.png", "labels": ["sky"]}), json.dumps({"path": "b.png", "labels": labels})]
    with pytest.raises(UserError, match=r"line 2 of .* are no list of names"):
        read(table(photos, *lines, name="t.jsonl"))


def test_the_metadata_of_a_folder(photos: Path) -> None:
    lines = [
        json.dumps({"file_name": f"{name}.png", "labels": text.split(";") if text else []})
        for name, text in FOUND.items()
    ]
    table(photos, *lines, name="metadata.jsonl")
    assert said(read(photos)) == FOUND


MARKS = ("path,id,boats,sky,water", "a.png,7,0,1,1", "b.png,8,0,1.0,0", "c.png,9,0,,0", "d.png,10,1,0,")


def test_columns_of_ones_and_zeros_when_asked_and_blanks_are_unknown(photos: Path) -> None:
    expected = {"a": "sky;water", "b": "sky", "c": "?sky", "d": "boats;?water"}
    assert said(read(table(photos, *MARKS), labels="several")) == expected
    assert said(read(table(photos, *MARKS), labels="sky,water, boats")) == expected
    assert said(read(table(photos, *MARKS), labels="boats,sky"))["d"] == "boats"


def test_a_blank_beside_ticks_says_no(photos: Path) -> None:
    ticks = table(photos, "path,boats,sky,water", "a.png,,x,X", "b.png,,x,", "c.png,,,", "d.png,TRUE,,")
    assert said(read(ticks, labels="several")) == FOUND


def test_folders_that_name_several_and_a_photo_in_several_folders(photos: Path) -> None:
    root = photos / "set"
    for folder, name in (("beach+boats", "a"), ("sky", "b"), ("boats", "b"), ("none", "c"), ("sky", "d")):
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / f"{name}.png").write_bytes((photos / f"{name}.png").read_bytes())
    found = read(root, labels="several")
    assert said(found) == {"a": "beach;boats", "b": "boats;sky", "c": "", "d": "sky"}
    assert len(found) + len(found.skipped) == 5
    assert "labels joined" in found.skipped[0].reason
    assert read(root).classes == ("beach+boats", "boats", "none", "sky")  # nobody asked


def test_an_empty_folder_whose_labels_other_photos_have_is_nothing_that_is_missed(tmp_path: Path) -> None:
    put(tmp_path / "set" / "beach+boats" / "a.png", seed=1)
    for empty in ("beach", "boats", "gulls"):
        (tmp_path / "set" / empty).mkdir()
    dataset = read(tmp_path / "set", labels="several")
    assert dataset.classes == ("beach", "boats")
    assert [one.name for one in dataset.skipped] == ["gulls"]


def test_rows_of_one_photo_are_joined_when_asked_else_a_question(photos: Path) -> None:
    path = table(photos, "path,labels", "a.png,sky", "b.png,water", "./a.png,boats")
    with pytest.raises(UserError, match=r"two things of 'a.png'.*--labels several"):
        read(path)
    assert said(read(path, labels="several"))["a"] == "boats;sky"


def test_one_class_where_people_say_so_and_a_semicolon_in_a_class_stays(photos: Path) -> None:
    one = read(table(photos, "path,labels", "a.png,sky", "b.png,water"), labels="one")
    assert (one.classes, one.labels.tolist()) == (("sky", "water"), [0, 1])
    kept = read(table(photos, "path,label", "a.png,sky;water", "b.png,water"))
    assert kept.classes == ("sky;water", "water")


@pytest.mark.parametrize(
    ("lines", "labels", "match"),
    [
        (("path,labels", "a.png,sky;water|boats"), None, "line 2 .* both ; and |"),
        (("path,labels", "a.png,?sky"), None, "No photo in 't' has a label"),
        (("path,labels", "a.png,??sky;water"), None, "cannot be told from several"),
        (("path,labels", "a.png,", "b.png,"), None, "No photo in 't' has a label"),
        (("path,labels,label", "a.png,sky,cat"), None, "'labels' and 'label'"),
        (("path,labels", "a.png,sky", "b.png,Sky"), None, "differ only by"),
        (("path,sky,water", "a.png,1,2", "b.png,0,1"), "sky,water", "'water' in line 2 .* holds '2'"),
        (("path,sky", "a.png,1", "b.png,0"), "sky,moon", "no column 'moon'"),
        (("path,note", "a.png,nice"), "several", "no column of labels"),
        (("path,sky,water", "a.png,1,1", "b.png,0,1"), None, "--labels several"),
        (("path,label", 'a.png,"[""sky""]"'), None, "has a list for its class"),
        (("path,labels", "a.png,[1]"), None, "no list of names"),
        (("path,labels", 'a.png,"{""sky"": 1}"'), None, "no list of names"),
        (("path,label", 'a.png,"{""sky"": 1}"'), None, "an object of JSON for its class"),
        (("path,labels", "a.png,sky"), "", "--labels is empty"),
    ],
)
def test_what_cannot_be_meant_is_a_sentence(
    photos: Path, lines: tuple[str, ...], labels: str | None, match: str
) -> None:
    with pytest.raises(UserError) as refused:
        read(table(photos, *lines), labels=labels)

    assert re.search(match, str(refused.value))


def test_formats_of_one_class_say_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does nothing for 'digits'"):
        read("digits", labels="several")
    (tmp_path / "set" / "sky").mkdir(parents=True)
    (tmp_path / "set" / "sky" / "a.png").write_bytes(encode_png(drawn(8, 8, 0)))
    with pytest.raises(UserError, match="is a folder"):
        read(tmp_path / "set", labels="sky,water")


@pytest.mark.parametrize(
    "cells",
    [
        ("sky;water", "sky|water", '"sky, water"', "sky"),  # a third way to write what the others say
        ('"sky, water"', '"sky, boats"', '"water, boats"', ""),
        ("sky;water", "sky/water", "sky", "water"),
    ],
)
def test_labels_joined_by_another_sign_are_asked_about(photos: Path, cells: tuple[str, ...]) -> None:
    rows = [f"{name}.png,{cell}" for name, cell in zip("abcd", cells, strict=True)]
    with pytest.raises(UserError, match=r"Line \d of .* gives a photo the label 'sky[,/] ?water', which are"):
        read(table(photos, "path,labels", *rows))


def test_a_label_with_a_comma_is_one_where_its_pieces_are_none(photos: Path) -> None:
    found = read(
        table(photos, "path,labels", 'a.png,"Paris, France"', 'b.png,"Lyon, France"', "c.png,sky", "d.png,")
    )
    assert found.classes == ("Lyon, France", "Paris, France", "sky")


def test_a_column_of_ones_and_noughts_with_another_value_is_asked_about(photos: Path) -> None:
    lines = ("path,sky,water,width", "a.png,1,0,640", "b.png,0,2,480", "c.png,1,1,640", "d.png,0,0,1")
    with pytest.raises(UserError, match=r"The column 'water' of .* holds 1s and 0s, and '2' in line 3"):
        read(table(photos, *lines), labels="several")
    assert read(table(photos, *lines), labels="sky").classes == ("sky",)


def test_names_of_no_column(photos: Path) -> None:
    with pytest.raises(UserError, match="--labels , names no column"):
        read(table(photos, "path,sky", "a.png,1"), labels=",")


def test_a_label_of_every_photo_and_one_of_none(photos: Path) -> None:
    rows = [f"{name}.png,1,0,{place % 2}" for place, name in enumerate("abcd")]
    found = read(table(photos, "path,all,none,some", *rows), labels="several")
    assert found.classes == ("all", "some")
    assert found.counts().tolist() == [4, 2]


def test_two_hundred_labels_a_photo(photos: Path) -> None:
    names = [f"label {number}" for number in range(200)]
    rows = [f"{name}.png,{';'.join(names[place:])}" for place, name in enumerate("abcd")]
    found = read(table(photos, "path,labels", *rows))
    assert (found.labels == 1).sum(axis=1).tolist() == [200, 199, 198, 197]
    assert found.classes[:3] == ("label 0", "label 1", "label 2")

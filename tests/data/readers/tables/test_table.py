from __future__ import annotations

import csv
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drawing import put
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.files import write_csv


@pytest.fixture
def photos(tmp_path):
    for number in range(4):
        put(tmp_path / "photos" / f"{number}.png", seed=number)
    return tmp_path


def table(folder, text: str, name: str = "table.csv", encoding: str = "utf-8"):
    (folder / name).write_text(text, encoding=encoding)
    return folder / name


def test_paths_are_relative_to_the_table(photos):
    data = read(table(photos, "path,label\nphotos/0.png,cat\nphotos/1.png,dog\n"))
    assert list(data.photos.names) == ["photos/0.png", "photos/1.png"]
    assert [data.classes[label] for label in data.labels] == ["cat", "dog"]
    assert (data.name, data.root) == ("table", photos)


@pytest.mark.parametrize(
    "header", ["path,label,part", "File Name;Class;Split", "IMAGE\tCategory\tset", "img,species,subset"]
)
def test_columns_are_known_by_the_names_people_give_them(photos, header):
    header = header.replace("File Name", "filename")
    mark = next(mark for mark in ",;\t" if mark in header)
    rows = [header, mark.join(["photos/0.png", "cat", "Train"]), mark.join(["photos/1.png", "dog", "validation"])]
    data = read(table(photos, "\n".join(rows)))
    assert data.classes == ("cat", "dog")
    assert data.parts.tolist() == ["train", "val"]


def test_columns_may_stand_in_any_order_with_others_between(photos):
    data = read(table(photos, "id,label,width,path\n1,cat,5,photos/0.png\n2,dog,6,photos/1.png\n"))
    assert list(data.photos.names) == ["photos/0.png", "photos/1.png"]


def test_a_tsv_may_have_commas_in_its_cells(photos):
    data = read(table(photos, 'path\tlabel\nphotos/0.png\tcat, black\nphotos/1.png\t"dog"\n', "t.tsv"))
    assert data.classes == ("cat, black", "dog")


def test_a_spreadsheets_mark_at_the_start_and_empty_lines_do_not_matter(photos):
    data = read(
        table(photos, "path,label\r\n\r\nphotos/0.png, cat \r\nphotos/1.png,dog\r\n,\r\n", encoding="utf-8-sig")
    )
    assert data.classes == ("cat", "dog")


def test_class_names_may_be_any_text(photos):
    data = read(table(photos, 'path,label\nphotos/0.png,"<a/b> ""x"""\nphotos/1.png,кот/猫\n'))
    assert set(data.classes) == {'<a/b> "x"', "кот/猫"}


def test_a_photo_named_twice_is_read_once_and_said(photos):
    data = read(table(photos, "path,label\nphotos/0.png,cat\nphotos/1.png,dog\nphotos/0.png,cat\n"))
    assert len(data) == 2
    assert [(skipped.name, skipped.reason) for skipped in data.skipped] == [
        ("photos/0.png", "named again in line 4")
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no column for the path"),
        ("photos/0.png,cat\nphotos/1.png,dog\n", "no column for the path"),
        ("path,colour\nphotos/0.png,red\n", "no column for the class"),
        ("path,label\n", "There are no photos"),
        ("path,label\nphotos/0.png\n", "Line 2 of .* has 1 cell, its header 2"),
        (
            "path,label\nphotos/0.png,cat\nphotos/9.png,dog\n",
            "1 of the 2 files .* the first is 'photos/9.png' in line 3",
        ),
        ("path,label,part\nphotos/0.png,cat,holdout\n", "Line 2 of .* puts a photo into the part 'holdout'"),
        (
            "path,label\nphotos/0.png,cat\nphotos/0.png,dog\n",
            "two things of 'photos/0.png': 'cat' in line 2, 'dog' in line 3",
        ),
        ("path,label\nphotos/0.png,cat\nphotos/1.png,\n", "a class without a name"),
        ('path,label\nphotos/0.png,"cat\n', "is not CSV"),
    ],
)
def test_a_table_that_is_not_whole_is_refused(photos, text, sentence):
    with pytest.raises(UserError, match=sentence) as refusal:
        read(table(photos, text))
    assert refusal.value.hint or "CSV" in sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "path,label\nphotos/0.png,cat\n./photos/0.png,dog\n",
            "two things of 'photos/0.png': 'cat' in line 2, 'dog' in line 3",
        ),
        ("path,label\nphotos/0.png,cat\nphotos/../photos/0.png,dog\n", "two things of"),
        ("path,label\nphotos/0.png,cat\nlink.png,dog\n", "two things of 'link.png'"),
        ("path,label\nphotos/0.png,cat\nphotos/1.png,nan\n", "Line 3 of .* the class 'nan'"),
        ("path,label\nphotos/0.png,cat\nphotos/1.png,None\n", "Line 3 of .* the class 'None'"),
        ("path,label\nphotos/0.png,cat\nphotos/1.png,#N/A\n", "Line 3 of .* the class '#N/A'"),
        ("path,label\nphotos/0.png,cat\nphotos/1.png,  \n", "in line 3 of .* has no class"),
        ("path,label\nphotos/0.png,cat\n,dog\n", "Line 3 of .* names no photo"),
        ("path,label\nphotos/0.png,cat, black\nphotos/1.png,dog\n", "Line 2 of .* has 3 cells, its header 2"),
        ("path,label,label\nphotos/0.png,cat,dog\n", "two columns 'label'"),
        ("path,category,breed\nphotos/0.png,a,b\nphotos/1.png,a,c\n", "two columns that may be the class"),
        ("path,label\nphotos/0.png,1\nphotos/1.png,1.0\n", "differ only by how"),
        (
            'path,label,note\nphotos/0.png,cat,"open\nphotos/1.png,dog,x\nphotos/2.png,dog,closed"\n',
            "A double quote is left open in line 2",
        ),
        ("path,cat,dog\nphotos/0.png,1,0\nphotos/1.png,1,1\n", "in line 3 of .* is 'cat' and 'dog' at once"),
        ("path,cat,dog\nphotos/0.png,1,0\nphotos/1.png,0,0\nphotos/2.png,0,1\n", "line 3 of .* is of no class"),
    ],
)
def test_a_label_that_nobody_can_have_meant_is_a_question_with_its_line(photos, text, sentence):
    (photos / "link.png").symlink_to("photos/0.png")
    with pytest.raises(UserError, match=sentence) as refusal:
        read(table(photos, text))
    assert refusal.value.hint


def test_a_photo_by_two_names_is_read_once(photos):
    data = read(table(photos, "path,label\nphotos/0.png,cat\n./photos/0.png,cat\n././photos/1.png,dog\n"))
    assert list(data.photos.names) == ["photos/0.png", "photos/1.png"]
    assert [one.reason for one in data.skipped] == ["named again in line 3"]


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nimage;class\nphotos/0.png;cat\nphotos/1.png;dog\n",
        "path|label\nphotos/0.png|cat\nphotos/1.png|dog\n",
        "path,label\nphotos\\0.png,cat\nphotos\\1.png,dog\n",
        "path,label\rphotos/0.png,cat\rphotos/1.png,dog\r",
        "path,cat,dog\nphotos/0.png,1,0\nphotos/1.png,0,1\n",
        "image,cat,dog,fox\nphotos/0,1.0,0.0,0.0\nphotos/1,0.0,1.0,0.0\n",
        f'path,label,thumbnail\nphotos/0.png,cat,"{"A" * 300_000}"\nphotos/1.png,dog,\n',
        'path,label,note\nphotos/0.png,cat,"two\nlines, a comma"\nphotos/1.png,dog,\n',
        "path,label,class\nphotos/0.png,cat,0\nphotos/1.png,dog,1\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_tables_are_read_as_programs_write_them(photos, text, encoding):
    data = read(table(photos, text, encoding=encoding))
    assert list(data.photos.names) == ["photos/0.png", "photos/1.png"]
    assert [data.classes[label] for label in data.labels] == ["cat", "dog"]


def test_a_name_may_hold_what_others_take_for_the_end_of_a_line(photos):
    for name in ("a\u2028b.png", "c\x0cd.png", "e\x85f.png"):
        put(photos / name)
    data = read(table(photos, "path,label\na\u2028b.png,cat\nc\x0cd.png,dog\ne\x85f.png,dog\n"))
    assert len(data) == 3


def test_json_lines_and_parquet_are_tables_too(photos):
    rows = [{"path": "photos/0.png", "label": 0}, {"path": "photos/1.png", "label": False}]
    rows[1]["label"] = 1
    lines = table(photos, "\n".join(map(json.dumps, rows)), "t.jsonl")
    assert read(lines).classes == ("0", "1")
    for line in ("[1]", "[" * 100_000, '{"path": ' * 10_000):
        with pytest.raises(UserError, match=r"Line 1 of .* is no JSON object"):
            read(table(photos, line + "\n", "t.jsonl"))
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pyarrow.Table.from_pylist(rows), photos / "t.parquet")
    assert read(photos / "t.parquet").classes == ("0", "1")


def test_paths_of_another_place_are_refused_with_what_to_do(photos):
    for first, remedy in (
        ("C:\\me\\0.png", "Windows machine"),
        ("0.png", "They are in 'photos': write photos/0.png"),
    ):
        with pytest.raises(UserError, match="in line 2") as refusal:
            read(table(photos, f"path,label\n{first},cat\n"))
        assert remedy in refusal.value.hint


CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["cat", "dog", "", "nan", "0"]), CELLS), max_size=8))
def test_in_any_table_every_row_is_a_photo_or_has_a_reason_or_is_asked_about(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("any")
    for number in range(4):
        (folder / f"{number}.png").write_bytes(b"x")
    with (folder / "t.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "label", "note"])
        writer.writerows((f"{number}.png", label, note) for number, label, note in rows)
    try:
        data = read(folder / "t.csv")
    except UserError as refusal:
        assert refusal.hint  # noqa: PT017 - either of the two is right
        return
    assert len(data) + len(data.skipped) == len(rows)
    said = {f"{number}.png": label for number, label, _ in rows}
    assert {name: data.classes[label] for name, label in zip(data.photos.names, data.labels, strict=True)} == said


def test_addresses_in_a_table_point_to_collect(photos):
    with pytest.raises(UserError) as refusal:
        read(table(photos, "path,label\nhttps://example.org/a.jpg,cat\nphotos/0.png,dog\n"))
    assert "whatsit collect" in refusal.value.hint


def test_a_table_in_another_encoding_is_refused_with_its_line(photos):
    (photos / "t.csv").write_bytes("path,label\nphotos/0.png,été\n".encode("latin-1"))
    with pytest.raises(UserError, match=r"Line 2 of .* is not UTF-8"):
        read(photos / "t.csv")


def test_a_table_that_we_wrote_gives_back_what_looked_like_a_formula(photos):
    rows = [{"path": f"x{row}.png", "label": label} for row, label in enumerate(("=1+1", "-cat", "'@x"))]
    for seed, row in enumerate(rows):
        put(photos / row["path"], seed=seed)
    write_csv(photos / "t.csv", ("path", "label"), rows)
    dataset = read(photos / "t.csv")
    assert [dataset.classes[label] for label in dataset.labels] == ["=1+1", "-cat", "'@x"]

"""The cells of a table, whatever program wrote it, with the line that each row begins in."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.data.readers.tables.rows import decode_table, find_delimiter, read_cells
from whatsit.errors import UserError

CELLS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


def read(
    folder: Path, content: str | bytes, suffix: str = ".csv"
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    file = folder / f"table{suffix}"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    table = read_cells(file)
    return list(table.header), [(row.line, list(row.cells)) for row in table.rows]


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=5),
    delimiter=st.sampled_from(",;\t|"),
    coding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_a_spreadsheet_writes_is_read_cell_by_cell(folder, rows, delimiter, coding):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("path", "label"), *rows])
    header, found = read(folder, out.getvalue().encode(coding))
    assert header == ["path", "label"]
    assert found == [(line, list(row)) for line, row in enumerate(rows, 2)]


def test_the_header_is_stripped_and_the_cells_are_not(folder):
    assert read(folder, " path , label\n a , b \n") == (["path", "label"], [(2, [" a ", " b "])])


def test_a_row_begins_where_it_begins_also_behind_cells_of_several_lines(folder):
    header, rows = read(folder, 'path,"la\nbel"\n1.jpg,"one\ntwo"\n2.jpg,cat\n')
    assert header == ["path", "la\nbel"]
    assert rows == [(3, ["1.jpg", "one\ntwo"]), (5, ["2.jpg", "cat"])]


def test_an_empty_table_has_no_header(folder):
    assert read(folder, "") == ([], [])


@pytest.mark.parametrize(
    ("text", "suffix", "found"),
    [
        ("path,label\n1;2;3;4", ".csv", (",", 0)),
        ("path;label", ".csv", (";", 0)),
        ("path|label;x|y", ".csv", ("|", 0)),
        ("path,a\tb\tc", ".csv", ("\t", 0)),
        ("path,a,b\tc", ".TSV", ("\t", 0)),
        ("path,label", ".tsv", (",", 0)),
        ("path", ".csv", (",", 0)),
        ("sep=;\npath,a;b", ".csv", (";", 1)),
        ('"SEP=|"\npath', ".csv", ("|", 1)),
        ("sep=\t\npath", ".csv", ("\t", 1)),
        ("sep=path;x\n", ".csv", (";", 0)),
    ],
)
def test_what_stands_between_cells_is_said_or_is_the_most_frequent_in_the_header(text, suffix, found):
    assert find_delimiter(text, suffix) == found


def test_a_line_that_only_says_what_stands_between_is_no_header(folder):
    assert read(folder, "sep=;\npath;label\n1.jpg;cat\n") == (["path", "label"], [(3, ["1.jpg", "cat"])])


@pytest.mark.parametrize(
    ("content", "line"), [(b"path,label\n\xff.jpg,cat\n", 2), (b"\xe4", 1), (b"a\n\nb\n\xff", 4)]
)
def test_what_is_no_text_is_refused_with_its_line(content, line):
    with pytest.raises(UserError, match=rf"Line {line} of 'a\.csv' is not UTF-8"):
        decode_table(Path("a.csv"), content)


def test_a_quote_that_is_left_open_to_the_end_is_refused_with_its_line(folder):
    with pytest.raises(UserError, match=r"Line 3 of .* is not CSV"):
        read(folder, 'path,label\n1.jpg,cat\n2.jpg,"dog\n3.jpg,emu\n')


def test_a_quote_that_swallows_rows_is_refused_with_the_row(folder):
    with pytest.raises(UserError, match=r"open in line 2 of .* its cell holds the row '2\.JPG,dog'"):
        read(folder, 'path,label\n1.jpg,"cat\n2.JPG,dog\n3.jpg,emu"\n')


@pytest.mark.parametrize("cell", ["one\n2.jpg", "one\ntwo,three", "see 2.jpg, 3.jpg", "one\r\n\r\n"])
def test_a_cell_of_several_lines_that_are_no_rows_is_one(folder, cell):
    assert read(folder, f'path,label\n1.jpg,"{cell}"\n')[1] == [(2, ["1.jpg", cell])]


def test_a_cell_may_be_longer_than_the_reader_of_python_allows_by_itself(folder):
    long = "x" * 200_000
    assert read(folder, f"path,label\n1.jpg,{long}\n")[1] == [(2, ["1.jpg", long])]


def test_objects_a_line_each_are_rows_and_what_one_lacks_is_empty(folder):
    lines = ['{"path": "1.jpg", "label": "cat"}', "", ' {"label": "dog", "n": 3} ', "{}"]
    header, rows = read(folder, "\n".join(lines), ".jsonl")
    assert header == ["path", "label", "n"]
    assert rows == [(1, ["1.jpg", "cat", ""]), (3, ["", "dog", "3"]), (4, ["", "", ""])]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (1.5, "1.5"),
        (["sky", "sea"], '["sky", "sea"]'),
        ([0, 1], '["0", "1"]'),
        ([True], '["true"]'),
        (["é"], '["é"]'),
        ([], "[]"),
        ([None, 1], "[null, 1]"),
        ([["a"]], '[["a"]]'),
        ([{"a": 1}], '[{"a": 1}]'),
        ({"sky": 1, "é": None}, '{"sky": 1, "é": null}'),
    ],
)
def test_every_value_of_an_object_is_a_cell(folder, value, cell):
    assert read(folder, json.dumps({"x": value}), ".NDJSON") == (["x"], [(1, [cell])])


@pytest.mark.parametrize("line", ["[1]", "3", "{", '{"a": 1} {"b": 2}', "null"])
def test_a_line_that_is_no_object_is_refused_with_its_number(folder, line):
    with pytest.raises(UserError, match=r"Line 2 of .* is no JSON object"):
        read(folder, f"{{}}\n{line}\n", ".jsonl")


def test_parquet_gives_plain_values_and_lists_of_names_and_counts_rows(folder):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = pyarrow.table(
        {
            " path": ["1.jpg", None],
            "n": [1, 2],
            "labels": [["sky", "sea"], []],
            "ids": [[1], None],
            "image": [{"bytes": b"x"}, None],
            "box": [[0.5], None],
            "raw": [b"caf\xc3\xa9", b"\xff"],
        }
    )
    parquet.write_table(table, folder / "table.parquet")
    found = read_cells(folder / "table.parquet")
    assert found.what == "Row"
    assert list(found.header) == ["path", "n", "labels", "ids", "raw"]
    assert [(row.line, list(row.cells)) for row in found.rows] == [
        (1, ["1.jpg", "1", '["sky", "sea"]', '["1"]', "café"]),
        (2, ["", "2", "[]", "", "\\xff"]),
    ]
    with pytest.raises(UserError, match="is no Parquet file we can read"):
        read(folder, b"PAR1 and no more", ".parquet")

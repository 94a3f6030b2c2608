from __future__ import annotations

import pytest

from drawing import put
from whatsit.data.readers import read
from whatsit.errors import UserError


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
        ("path,label\nphotos/0.png\n", "Line 2 of .* has 1 cells, its header 2"),
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


def test_addresses_in_a_table_point_to_collect(photos):
    with pytest.raises(UserError) as refusal:
        read(table(photos, "path,label\nhttps://example.org/a.jpg,cat\nphotos/0.png,dog\n"))
    assert "whatsit collect" in refusal.value.hint


def test_a_table_in_another_encoding_is_refused_with_its_line(photos):
    (photos / "t.csv").write_bytes("path,label\nphotos/0.png,été\n".encode("latin-1"))
    with pytest.raises(UserError, match=r"Line 2 of .* is not UTF-8"):
        read(photos / "t.csv")

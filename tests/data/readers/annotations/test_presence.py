"""Photos that annotations speak of: found inside the folder, each once, with what is said of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drawing import put
from whatsit.data.readers.annotations.presence import (
    ABSOLUTE,
    NOT_THERE,
    OUTSIDE,
    UNANNOTATED,
    Annotated,
    Annotations,
    dataset_of_annotated,
    files_in,
    find_folder,
    folders_in,
    place,
    read_small,
)
from whatsit.errors import UserError


def about(
    name: str, *there: str, unknown: tuple[str, ...] = (), part: str = "", where: str = "a.xml", group: str = ""
) -> Annotated:
    return Annotated(name, frozenset(there), frozenset(unknown), part, where, group)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for seed, name in enumerate("abc"):
        put(tmp_path / "images" / f"{name}.png", seed=seed)
    return tmp_path


def found(folder: Path, *photos: Annotated, files: tuple[str, ...] = ()) -> Annotations:
    return Annotations(folder, list(photos), files=set(files))


def test_every_label_that_is_annotated_in_a_photo_is_there(folder):
    said = found(folder, about("images/a.png", "sky", "sea"), about("images/b.png", unknown=("sky",), part="test"))
    dataset = dataset_of_annotated(folder, said, None)
    assert dataset.classes == ("sea", "sky")
    assert [dataset.written(row) for row in range(2)] == ["sea;sky", "?sky"]
    assert list(dataset.photos.names) == ["images/a.png", "images/b.png"]
    assert dataset.parts.tolist() == ["", "test"]
    assert dataset.root == folder
    assert dataset.groups is None
    assert [(one.name, one.reason) for one in dataset.skipped] == [("images/c.png", UNANNOTATED)]


def test_what_is_there_and_unknown_is_there(folder):
    said = found(folder, about("images/a.png", "sky", unknown=("sky", "sea")), about("images/b.png", "sea"))
    assert dataset_of_annotated(folder, said, "several").written(0) == "sky;?sea"


def test_of_one_label_a_photo_classes_are_made(folder):
    said = found(folder, about("images/a.png", "cat"), about("images/b.png", "dog"))
    dataset = dataset_of_annotated(folder, said, "one")
    assert (dataset.classes, dataset.labels.tolist()) == (("cat", "dog"), [0, 1])


def test_photos_that_belong_together_are_known_to(folder):
    said = found(
        folder,
        about("images/a.png", "cat", group="1"),
        about("images/b.png", "dog"),
        about("images/c.png", "cat", group="1"),
    )
    dataset = dataset_of_annotated(folder, said, "one")
    assert dataset.groups is not None
    assert dataset.groups[0] == dataset.groups[2] != dataset.groups[1]
    assert dataset.grouped_by == "group"


@pytest.mark.parametrize("there", [(), ("cat", "dog")])
def test_where_one_label_a_photo_is_wanted_none_or_several_are_refused(folder, there):
    said = found(folder, about("images/a.png", "cat"), about("images/b.png", *there, part="val"))
    words = "'cat', 'dog'" if there else "none of the labels"
    with pytest.raises(UserError, match=rf"1 of the 2 photos in .*the first is 'images/b.png': {words} \(val\)"):
        dataset_of_annotated(folder, said, "one")


def test_names_of_columns_make_no_sense_for_annotations(folder):
    with pytest.raises(UserError, match="--labels sky,sea names columns"):
        dataset_of_annotated(folder, found(folder, about("images/a.png", "cat")), "sky,sea")


def test_the_same_photo_under_two_names_is_one_photo(folder):
    os.link(folder / "images" / "a.png", folder / "images" / "again.png")
    one, other = about("images/a.png", "cat"), about("images/again.png", "cat")
    said = found(folder, one, about("images/b.png", "dog"), other)
    dataset = dataset_of_annotated(folder, said, "one")
    assert list(dataset.photos.names) == ["images/a.png", "images/b.png"]
    assert ("images/again.png", "named again in the annotations") in [
        (one.name, one.reason) for one in dataset.skipped
    ]


@pytest.mark.parametrize(
    "other", [about("images/a.png", "dog", where="b.xml"), about("images/a.png", "cat", part="val", where="b.xml")]
)
def test_a_photo_that_is_said_to_be_two_things_is_refused(folder, other):
    said = found(folder, about("images/a.png", "cat"), other)
    with pytest.raises(UserError, match=r"says two things of 'images/a.png': 'cat' in a.xml, .* in b.xml"):
        dataset_of_annotated(folder, said, None)


def test_labels_within_a_part_are_joined_where_several_are_wanted(folder):
    said = found(
        folder,
        about("images/a.png", "cat", unknown=("emu", "dog")),
        about("images/a.png", "dog", unknown=("emu",)),
        about("images/b.png", "emu"),
    )
    assert dataset_of_annotated(folder, said, "several").written(0) == "cat;dog;?emu"
    parts = found(folder, about("images/a.png", "cat", part="train"), about("images/a.png", "dog", part="val"))
    with pytest.raises(UserError, match="says two things"):
        dataset_of_annotated(folder, parts, "several")


def test_of_no_photo_that_is_there_the_first_reason_is_told(folder):
    said = found(folder)
    said.skip("x.jpg", NOT_THERE)
    with pytest.raises(UserError, match=r"there is a file; the first is 'x.jpg': named in the annotations"):
        dataset_of_annotated(folder / "a.json", said, None)
    with pytest.raises(UserError, match=r"there is a file\."):
        dataset_of_annotated(folder / "a.json", found(folder), None)


def test_files_of_annotations_are_not_left_out(folder):
    (folder / "a.xml").touch()
    (folder / "notes.txt").touch()
    said = found(
        folder,
        about("images/a.png", "cat"),
        about("images/b.png", "dog"),
        about("images/c.png", "cat"),
        files=("a.xml",),
    )
    assert [one.name for one in dataset_of_annotated(folder, said, "one").skipped] == ["notes.txt"]


@pytest.mark.parametrize(
    ("within", "name", "where", "why"),
    [
        ("", "images/a.png", "images/a.png", ""),
        ("annotations", "../images/a.png", "images/a.png", ""),
        ("images", "./a.png", "images/a.png", ""),
        ("", "images\\a.png", "images/a.png", ""),
        ("", "images/x.png", "images/x.png", NOT_THERE),
        ("", "images/\0.png", "images/\0.png", NOT_THERE),
        ("", "../a.png", "../a.png", OUTSIDE),
        ("images", "../../a.png", "../../a.png", OUTSIDE),
        ("", "..", "..", OUTSIDE),
        ("", "..\\a.png", "..\\a.png", OUTSIDE),
        ("", "/etc/passwd", "/etc/passwd", ABSOLUTE),
        ("", "\\\\host\\a.png", "\\\\host\\a.png", ABSOLUTE),
        ("", "C:\\a.png", "C:\\a.png", ABSOLUTE),
    ],
)
def test_a_photo_is_looked_for_only_inside_the_folder(folder, within, name, where, why):
    put(folder.parent / "a.png")
    assert place(folder, within, name) == (where, why)


def test_what_is_no_photo_is_left_out_with_its_reason(folder):
    (folder / "notes.txt").touch()
    assert place(folder, "", "images")[1] not in ("", NOT_THERE)
    inside, why = place(folder, "", "notes.txt")
    assert inside == "notes.txt"
    assert why not in ("", NOT_THERE)


def test_a_small_file_is_read_and_others_say_why_not(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    assert read_small(tmp_path / "a", 5) == b"12345"
    (tmp_path / "b").write_bytes(bytes((1 << 20) + 1))
    assert read_small(tmp_path / "b", 1 << 20) == "it is larger than 1 MB"
    assert read_small(tmp_path / "c", 5) == "it cannot be opened (No such file or directory)"
    assert isinstance(read_small(tmp_path, 1 << 20), str)


def test_a_folder_is_found_whatever_its_case_the_first_name_first(tmp_path):
    for name in ("Images", "DATA", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").touch()
    assert find_folder(tmp_path, ("photos", "data", "images")) == tmp_path / "DATA"
    assert find_folder(tmp_path, ("photos", "file")) is None
    assert find_folder(tmp_path, ("images",), there=["other"]) is None
    assert sorted(folders_in(tmp_path)) == ["DATA", "Images", "other"]
    assert files_in(tmp_path) == ["file"]
    assert folders_in(tmp_path / "none") == files_in(tmp_path / "none") == []

"""Pascal VOC: XML beside photos or in a folder of its own, lists of parts and labels, and hostile XML."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from annotated import SAID, SEEN, draw, voc_xml, write_voc

from whatsit.data.dataset import Dataset
from whatsit.data.readers import read
from whatsit.data.readers.annotations.voc_xml import NoAnnotation, parse_annotation
from whatsit.data.target import SEVERAL
from whatsit.errors import UserError

WITH_BIRD = SAID | {"c": "?bird"}
LAUGHS = '<!DOCTYPE annotation [<!ENTITY l0 "lol">' + "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)
)
LAUGHS += "]><annotation><filename>&l9;</filename></annotation>"


def said(dataset: Dataset) -> dict[str, str]:
    assert dataset.target is SEVERAL
    return {Path(name).stem: dataset.written(row) for row, name in enumerate(dataset.photos.names)}


def reasons(dataset: Dataset) -> dict[str, str]:
    return {one.name: one.reason for one in dataset.skipped}


def lists(root: Path, **texts: str) -> None:
    folder = root / "ImageSets" / "Main"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text)


@pytest.mark.parametrize(
    ("photos", "notes"), [("JPEGImages", "Annotations"), ("images", "annotations"), (".", "."), ("train", "train")]
)
def test_objects_become_labels_and_difficult_ones_unknown(tmp_path: Path, photos: str, notes: str) -> None:
    found = read(write_voc(tmp_path, photos, notes))
    assert said(found) == WITH_BIRD
    assert found.classes == ("bird", "cat", "dog")
    assert found.skipped == ()


def test_a_label_both_clear_and_difficult_is_there(tmp_path: Path) -> None:
    write_voc(tmp_path)
    (tmp_path / "Annotations" / "d.xml").write_text(voc_xml("d", [("dog", 1), ("dog", 0)]))
    assert said(read(tmp_path)) == WITH_BIRD


def test_parts_are_those_of_the_lists(tmp_path: Path) -> None:
    write_voc(tmp_path)
    lists(tmp_path, train="a\nb\n", val="c\n", trainval="a\nb\nc\n", test="d\n", dog_train="a 1\nb -1\n")
    assert list(read(tmp_path).parts) == ["train", "train", "val", "test"]


def test_train_and_val_in_one_list_are_the_training_part(tmp_path: Path) -> None:
    write_voc(tmp_path)
    lists(tmp_path, trainval="a\nb\nc\n", test="d\n")
    assert list(read(tmp_path).parts) == ["train", "train", "train", "test"]


def test_a_photo_in_two_lists_is_asked_about(tmp_path: Path) -> None:
    write_voc(tmp_path)
    lists(tmp_path, train="a\nb\n", test="c\nb\n")
    with pytest.raises(UserError, match=r"Line 2 of '.*test.txt' puts 'b' into test, and another list into train"):
        read(tmp_path)


def test_lists_of_labels_alone(tmp_path: Path) -> None:
    draw(tmp_path / "JPEGImages")
    lists(
        tmp_path,
        cat_train="a  1\nb  1\nc -1\n",
        cat_test="d -1\n",
        dog_train="a  1\nb -1\nc  0\n",
        dog_test="d  1\ne  1\n",
        dog_trainval="a 1\n",
        train="a\nb\nc\n",
        test="d\ne\n",
    )
    found = read(tmp_path)
    assert said(found) == SAID | {"c": "?dog"}
    assert list(found.parts) == ["train", "train", "train", "test"]
    assert reasons(found) == {"JPEGImages/e.jpg": "named in the lists, and not there"}


@pytest.mark.parametrize("line", ["a", "a 2", "a 1 1"])
def test_a_line_of_a_list_that_says_nothing(tmp_path: Path, line: str) -> None:
    draw(tmp_path / "JPEGImages")
    lists(tmp_path, dog_train=f"b 1\n{line}\n")
    with pytest.raises(UserError, match=r"Line 2 of '.*' is no name with 1, 0 or -1 behind it"):
        read(tmp_path)


def test_several_years(tmp_path: Path) -> None:
    for place, year in enumerate(("VOC2007", "VOC2012")):
        write_voc(tmp_path / year, seed=10 * place)
        lists(tmp_path / year, trainval="a\nb\n", test="c\nd\n")
    (tmp_path / "results").mkdir()
    found = read(tmp_path)
    assert len(found) == 8
    assert found.photos.names[4] == "VOC2012/JPEGImages/a.png"
    assert list(found.parts) == ["train", "train", "test", "test"] * 2


def test_a_folder_a_part_with_xml_beside_the_photos(tmp_path: Path) -> None:
    for place, folder in enumerate(("train", "valid", "test")):
        write_voc(tmp_path, folder, folder, seed=10 * place)
    found = read(tmp_path)
    assert sorted(set(found.parts)) == ["test", "train", "val"]
    assert len(found) == 12


def test_what_has_no_counterpart_is_named(tmp_path: Path) -> None:
    write_voc(tmp_path)
    draw(tmp_path / "JPEGImages", ["e"], seed=9)
    (tmp_path / "JPEGImages" / "d.png").unlink()
    assert reasons(read(tmp_path)) == {
        "Annotations/d.xml": "an annotation whose photo is not there",
        "JPEGImages/e.png": "no annotation speaks of it",
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (LAUGHS, "XML with a document type, which is not followed"),
        (
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation><filename>&x;</filename></annotation>',
            "XML with a document type, which is not followed",
        ),
        (
            '<!DOCTYPE annotation SYSTEM "http://127.0.0.1:9/x.dtd"><annotation/>',
            "XML with a document type, which is not followed",
        ),
        ("<annotation>&l9;</annotation>", "no XML that can be read, line 1"),
        ("<annotation>" + "<a>" * 100_000, "XML nested too deeply"),
        ("<svg/>", "XML of another kind (it begins with <svg>)"),
        ("<annotation>", "no XML that can be read, line 1"),
        ("", "no XML that can be read, line 1"),
        ("\0", "no XML that can be read, line 1"),
        ("<annotation>" + " " * (5 << 20), "it is larger than 4 MB"),
    ],
)
def test_xml_that_is_no_annotation_leaves_its_photo_out(tmp_path: Path, content: str, reason: str) -> None:
    write_voc(tmp_path)
    (tmp_path / "Annotations" / "a.xml").write_text(content)
    found = read(tmp_path)
    assert said(found) == {stem: text for stem, text in WITH_BIRD.items() if stem != "a"}
    assert reasons(found) == {"JPEGImages/a.png": f"its annotation cannot be read ({reason})"}


def test_entities_are_not_expanded() -> None:
    began = time.process_time()
    with pytest.raises(NoAnnotation):
        parse_annotation(LAUGHS.encode())
    assert time.process_time() - began < 60  # expanded they are three billion letters


def test_parts_of_objects_are_no_labels() -> None:
    assert parse_annotation(voc_xml("a", [("person", 0)]).encode()).there == {"person"}


def test_names_of_other_letters() -> None:
    text = f'<?xml version="1.0" encoding="ISO-8859-1"?>{voc_xml("a", [("café &amp; bar", 0)])}'
    assert parse_annotation(text.encode("latin-1")).there == {"café & bar"}


def test_one_class_a_photo(tmp_path: Path) -> None:
    write_voc(tmp_path)
    with pytest.raises(UserError, match=r"2 of the 4 photos .* have none of the labels or several"):
        read(tmp_path, labels="one")
    for stem in ("a", "c"):
        (tmp_path / "Annotations" / f"{stem}.xml").write_text(voc_xml(stem, [("dog", 0)]))
    assert read(tmp_path, labels="one").classes == ("cat", "dog")


def test_xml_beside_photos_in_class_folders_changes_nothing(tmp_path: Path) -> None:
    for place, name in enumerate(("cat", "dog")):
        write_voc(tmp_path, name, name, seed=10 * place)
    assert read(tmp_path).classes == ("cat", "dog")
    assert len(SEEN) * 2 == len(read(tmp_path))

"""COCO: where its photos are found, what is read of it, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from annotated import SAID, SEEN, coco, draw, write

import whatsit
from whatsit.data.dataset import Dataset
from whatsit.data.readers import read
from whatsit.data.target import ONE_CLASS, SEVERAL
from whatsit.errors import UserError


def said(dataset: Dataset) -> dict[str, str]:
    assert dataset.target is SEVERAL
    return {Path(name).stem: dataset.written(row) for row, name in enumerate(dataset.photos.names)}


def reasons(dataset: Dataset) -> dict[str, str]:
    return {one.name: one.reason for one in dataset.skipped}


@pytest.mark.parametrize(
    ("file", "photos"),
    [
        ("annotations.json", ""),
        ("instances_train2017.json", "train2017"),
        ("annotations/instances_train2017.json", "train2017"),
        ("annotations/instances_default.json", "images"),
        ("annotations/instances_train2017.json", "images/train2017"),
        ("labels.json", "data"),
        ("result.json", "images"),
        ("Annotations/train.json", "JPEGImages"),
    ],
)
@pytest.mark.parametrize("whole", [False, True])
def test_photos_lie_beside_the_file_or_in_folders_that_are_usual(
    tmp_path: Path, file: str, photos: str, whole: bool
) -> None:
    written = write(tmp_path / file, coco())
    draw(tmp_path / photos)
    found = read(tmp_path if whole else written)
    assert said(found) == SAID
    assert found.classes == ("cat", "dog")
    assert set(found.parts) == {"train" if "train" in file else ""}
    assert found.skipped == ()


@pytest.mark.parametrize("given", ["annotations/x.json", "annotations", ".", "../set/annotations/x.json"])
def test_a_path_from_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    write(tmp_path / "set" / "annotations" / "x.json", coco())
    draw(tmp_path / "set" / "images")
    monkeypatch.chdir(tmp_path / "set")
    found = read(given)
    assert said(found) == SAID
    assert found.photos.names[0] == "images/a.png"


def test_files_of_a_folder_are_the_parts(tmp_path: Path) -> None:
    for place, part in enumerate(("train", "val")):
        write(tmp_path / "annotations" / f"instances_{part}2017.json", coco())
        write(tmp_path / "annotations" / f"person_keypoints_{part}2017.json", coco({"a": ("person",)}))
        write(tmp_path / "annotations" / f"captions_{part}2017.json", {"images": [], "annotations": []})
        draw(tmp_path / f"{part}2017", seed=10 * place)
    found = read(tmp_path)
    assert list(found.parts) == ["train"] * 4 + ["val"] * 4
    assert found.photos.names[0] == "train2017/a.png"
    assert found.classes == ("cat", "dog")


def test_a_folder_a_part_with_its_file_beside_its_photos(tmp_path: Path) -> None:
    for place, (folder, part) in enumerate({"train": "train", "valid": "val", "test": "test"}.items()):
        draw(tmp_path / folder, seed=10 * place)
        write(tmp_path / folder / "_annotations.coco.json", coco())
        assert said(read(tmp_path / folder)) == SAID
        assert part in ("train", "val", "test")
    (tmp_path / "README.roboflow.txt").write_text("exported")
    found = read(tmp_path)
    assert sorted(found.parts) == ["test"] * 4 + ["train"] * 4 + ["val"] * 4
    assert reasons(found) == {"README.roboflow.txt": "not a photo by its name (.txt)"}


def test_names_with_folders(tmp_path: Path) -> None:
    draw(tmp_path / "deep" / "down")
    found = read(write(tmp_path / "x.json", coco(folder="deep\\down\\")))
    assert found.photos.names[0] == "deep/down/a.png"


def test_labels_without_boxes(tmp_path: Path) -> None:
    content = coco()
    for one in content["annotations"]:
        del one["bbox"], one["segmentation"]
    draw(tmp_path)
    assert said(read(write(tmp_path / "x.json", content))) == SAID


def test_a_crowd_is_there_and_what_is_ignored_is_unknown(tmp_path: Path) -> None:
    content = coco()
    content["annotations"][0]["iscrowd"] = 1
    content["annotations"][-1]["ignore"] = 1
    draw(tmp_path)
    assert said(read(write(tmp_path / "x.json", content))) == SAID | {"d": "?dog"}


def test_where_a_file_says_what_was_looked_for_the_rest_is_unknown(tmp_path: Path) -> None:
    content = coco()
    content["images"][1]["neg_category_ids"] = [1]  # of b: there is no bird
    draw(tmp_path)
    assert said(read(write(tmp_path / "x.json", content))) == SAID | {"b": "cat;?dog"}


def test_photos_that_are_not_there_are_named(tmp_path: Path) -> None:
    draw(tmp_path, ["a", "b"])
    found = read(write(tmp_path / "x.json", coco()))
    assert said(found) == {"a": "cat;dog", "b": "cat"}
    assert reasons(found) == dict.fromkeys(("c.png", "d.png"), "named in the annotations, and not there")


def test_what_lies_in_the_folder_and_is_not_annotated_is_named(tmp_path: Path) -> None:
    draw(tmp_path / "images", [*SEEN, "e"])
    write(tmp_path / "instances_default.json", coco())
    assert reasons(read(tmp_path)) == {"images/e.png": "no annotation speaks of it"}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../secret.png", "its path leads out of the data set's folder"),
        ("images/../../secret.png", "its path leads out of the data set's folder"),
        ("..\\secret.png", "its path leads out of the data set's folder"),
        ("/etc/passwd", "its path is absolute, and only those within the data set's folder are followed"),
        ("C:\\a.png", "its path is absolute, and only those within the data set's folder are followed"),
        ("\\\\host\\a.png", "its path is absolute, and only those within the data set's folder are followed"),
        ("a\0.png", "named in the annotations, and not there"),
        ("x" * 5000, "named in the annotations, and not there"),
        ("images", "a folder"),
        ("x.json", "not a photo by its name (.json)"),
    ],
)
def test_a_path_is_not_followed_out_of_the_folder(tmp_path: Path, name: str, reason: str) -> None:
    inside = tmp_path / "set"
    draw(inside)
    draw(inside / "images", ["other"])
    draw(tmp_path, ["secret"], seed=9)
    content = coco()
    content["images"][0]["file_name"] = name
    found = read(write(inside / "x.json", content))
    assert sorted(said(found)) == ["b", "c", "d"]
    assert reasons(found) == {name[:200]: reason}


def change(key: str, value: Any) -> dict[str, Any]:
    return coco() | {key: value}


def changed(key: str, row: int, field: str, value: Any) -> dict[str, Any]:
    content = coco()
    content[key][row][field] = value
    return content


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ([], "its content is no object"),
        ({"images": []}, "it has no list called annotations"),
        (change("categories", {}), "it has no list called categories"),
        (change("images", [1]), "its list images holds other things than objects"),
        (changed("images", 1, "id", 1), "The id 1 in '.*' is that of two entries"),
        (changed("categories", 1, "id", 1), "The id 1 in '.*' is that of two entries"),
        (changed("images", 0, "id", None), "Image 1 in '.*' has no id that is a number or a name, but None"),
        (changed("images", 0, "id", True), "Image 1 in '.*' has no id that is a number or a name, but True"),
        (changed("images", 0, "id", float("nan")), "has no id that is a number or a name, but nan"),
        (changed("images", 0, "file_name", 7), "Image 1 in '.*' has no file_name that is a text, but 7"),
        (changed("annotations", 0, "category_id", 99), "Annotation 1 in '.*' is of the category 99, which is not"),
        (changed("annotations", 0, "category_id", [1]), "Annotation 1 in '.*' has no category_id"),
        (changed("annotations", 0, "image_id", {}), "Annotation 1 in '.*' has no image_id"),
        (changed("categories", 1, "name", " "), "Category 2 in '.*' has no name that is a text"),
        (changed("categories", 1, "name", "a;b"), "The label 'a;b' in '.*' cannot be told from several"),
        (changed("images", 0, "neg_category_ids", 3), "has no list neg_category_ids"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(tmp_path: Path, content: Any, sentence: str) -> None:
    draw(tmp_path)
    with pytest.raises(UserError, match=sentence):
        read(write(tmp_path / "x.json", content))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[" * 200_000,
        '{"images": ' * 100_000,
        '{"images": ' + "9" * 5000 + "}",
        "\udcff",
    ],
)
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UserError, match="no JSON that can be read"):
        read(tmp_path / "x.json")


def test_an_annotation_of_no_image_is_named(tmp_path: Path) -> None:
    draw(tmp_path)
    found = read(write(tmp_path / "x.json", changed("annotations", 3, "image_id", 99)))
    assert reasons(found) == {"x.json, annotation 4": "of an image that the file does not list"}
    assert said(found) == SAID | {"b": ""}


def test_a_photo_in_two_entries_is_joined_where_that_is_asked(tmp_path: Path) -> None:
    draw(tmp_path)
    file = write(tmp_path / "x.json", changed("images", 1, "file_name", "./d.png"))
    with pytest.raises(UserError, match=r"says two things of 'd.png': 'cat' in 'x.json', 'dog' in 'x.json'"):
        read(file)
    assert said(read(file, labels="several"))["d"] == "cat;dog"


def test_one_class_a_photo_where_each_has_one(tmp_path: Path) -> None:
    draw(tmp_path)
    found = read(write(tmp_path / "x.json", coco({"a": ("dog", "dog"), "b": ("cat",)})), labels="one")
    assert found.target is ONE_CLASS
    assert [found.written(row) for row in range(2)] == ["dog", "cat"]
    with pytest.raises(UserError, match=r"2 of the 4 photos .* the first is 'a.png': 'cat', 'dog'"):
        read(write(tmp_path / "x.json", coco()), labels="one")


def test_no_photo_is_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"Of no photo that the annotations of .* speak of there is a file"):
        read(write(tmp_path / "x.json", coco()))


def test_no_photo_has_a_label(tmp_path: Path) -> None:
    draw(tmp_path)
    with pytest.raises(UserError, match="No photo in 'x' has a label"):
        read(write(tmp_path / "x.json", coco({"a": (), "b": ()})))


def test_columns_are_no_annotations(tmp_path: Path) -> None:
    draw(tmp_path)
    with pytest.raises(UserError, match="--labels cat names columns"):
        read(write(tmp_path / "x.json", coco()), labels="cat")


def test_a_json_file_among_class_folders_is_none(tmp_path: Path) -> None:
    draw(tmp_path / "cat")
    draw(tmp_path / "dog", seed=9)
    (tmp_path / "notes.json").write_text(json.dumps({"images": 8}))
    (tmp_path / "empty.json").touch()
    assert read(tmp_path).target is ONE_CLASS


def test_the_files_order_changes_nothing(tmp_path: Path) -> None:
    draw(tmp_path)
    content = coco()
    turned = {key: list(reversed(value)) if isinstance(value, list) else value for key, value in content.items()}
    assert said(read(write(tmp_path / "x.json", turned))) == SAID


def test_what_belongs_together_stays_known(tmp_path: Path) -> None:
    content = coco()
    for one, group in zip(content["images"], ("x", None, 7, "x"), strict=True):
        one["group"] = group
    draw(tmp_path)
    found = read(write(tmp_path / "x.json", content))
    assert found.grouped_by == "group"
    assert found.groups is not None
    assert found.groups[0] == found.groups[3]
    assert len(set(found.groups)) == 3


def test_a_pack_is_read_back_with_its_parts_and_unknown_labels(tmp_path: Path) -> None:
    names = [f"{number}" for number in range(20)]
    draw(tmp_path / "p", names)
    said_of = ["sky;water", "sky;?boats", "", "boats"]
    lines = [f"p/{name}.png,{said_of[row % 4]}" for row, name in enumerate(names)]
    (tmp_path / "t.csv").write_text("path,labels\n" + "\n".join(lines) + "\n")
    whatsit.pack(tmp_path / "t.csv", into=tmp_path / "packed", to="coco", size=16)
    found = read(tmp_path / "packed")
    assert found.classes == ("boats", "sky", "water")
    assert set(found.parts) == {"train", "val", "test"}
    assert said(found) == {name: said_of[row % 4] for row, name in enumerate(names)}

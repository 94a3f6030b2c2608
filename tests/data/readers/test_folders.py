from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drawing import class_folders, put
from whatsit.data.dataset import Dataset
from whatsit.data.readers import read
from whatsit.errors import UserError


def labels_of(dataset: Dataset) -> dict[str, str]:
    return {name: dataset.classes[label] for name, label in zip(dataset.photos.names, dataset.labels, strict=True)}


def parts_of(dataset: Dataset) -> dict[str, str]:
    return dict(zip(dataset.photos.names, dataset.parts.tolist(), strict=True))


def reasons(dataset: Dataset) -> dict[str, str]:
    return {skipped.name: skipped.reason for skipped in dataset.skipped}


def test_each_folder_is_a_class_and_no_photo_has_a_part(tmp_path):
    data = read(class_folders(tmp_path / "pets", "cat", "dog", photos=2))
    assert labels_of(data) == {"cat/0.png": "cat", "cat/1.png": "cat", "dog/0.png": "dog", "dog/1.png": "dog"}
    assert set(data.parts) == {""}
    assert data.name == "pets"


def test_photos_deeper_down_belong_to_the_class_folder(tmp_path):
    class_folders(tmp_path, "cat", "dog", photos=1)
    put(tmp_path / "cat" / "holiday" / "2020" / "a.jpg")
    assert labels_of(read(tmp_path))["cat/holiday/2020/a.jpg"] == "cat"


@pytest.mark.parametrize("valid", ["val", "valid", "validation", "Valid", "dev"])
def test_parts_are_known_by_the_names_people_give_them(tmp_path, valid):
    class_folders(tmp_path, "Training/cat", "Training/dog", f"{valid}/cat", f"{valid}/dog", "test/cat", photos=1)
    assert parts_of(read(tmp_path)) == {
        "Training/cat/0.png": "train",
        "Training/dog/0.png": "train",
        "test/cat/0.png": "test",
        f"{valid}/cat/0.png": "val",
        f"{valid}/dog/0.png": "val",
    }


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("training_set", "test_set"),
        ("seg_train/seg_train", "seg_test/seg_test"),
        ("TrainData", "ValidationData"),
        ("flowers-train", "flowers-val"),
        ("trainset", "testset"),
        ("01_train", "02_test"),
        ("train/images", "test/images"),
        ("train2017", "val2017"),
        ("val", "test"),
    ],
)
def test_parts_are_known_however_their_folders_are_decorated(tmp_path, train, test):
    data = read(class_folders(tmp_path, f"{train}/cat", f"{train}/dog", f"{test}/cat", f"{test}/dog", photos=1))
    assert data.classes == ("cat", "dog")
    assert len(set(data.parts)) == 2
    assert "" not in data.parts


def test_parts_may_lie_below_the_classes(tmp_path):
    data = read(class_folders(tmp_path, "cat/train", "cat/test", "dog/train", "dog/test", photos=1))
    assert labels_of(data)["cat/train/0.png"] == "cat"
    assert parts_of(data)["cat/test/0.png"] == "test"
    put(tmp_path / "fox" / "1.png")
    with pytest.raises(UserError, match=r"'cat' of .* is divided into parts, and 'fox' is not"):
        read(tmp_path)


def test_photos_that_wait_for_their_class_are_counted(tmp_path):
    class_folders(tmp_path, "seg_train/cat", "seg_train/dog", "seg_test/cat", "seg_test/dog", photos=1)
    put(tmp_path / "seg_pred" / "seg_pred" / "1.png")
    assert reasons(read(tmp_path)) == {"seg_pred/seg_pred/1.png": "in no class folder"}


@pytest.mark.parametrize(
    ("folders", "sentence"),
    [
        (("train", "test"), "are parts, and their photos lie in no class folders"),
        (("training_set", "test_set"), "are parts, and their photos lie in no class folders"),
        (("images", "masks"), "they are no classes"),
        (("100APPLE", "101APPLE"), "holds 6 photos, and no class folders, only those of a camera"),
        (("2023/01",), r"holds 3 photos, and no class folders, only those of dates \(2023\)"),
        (("2022/12", "2023/1 January", "2023/2023-02-15"), "only those of dates"),
        (("2023-01-15 Beach", "20230201", "2023_03"), "only those of dates"),
        ((".",), "holds 3 photos, and no class folders"),
        (("train/cats", "train/dog", "test/cat", "test/dog"), "calls a class 'cat' in test and 'cats' in train"),
        (("cat", "cat\u200b"), "how a blank, letter or number is written"),
        (("ankle boot", "ankle_boot"), "how a blank, letter or number is written"),
        (("1", "1.0"), "how a blank, letter or number is written"),
    ],
)
def test_labels_that_nobody_can_have_meant_are_a_question(tmp_path, folders, sentence):
    with pytest.raises(UserError, match=sentence) as refusal:
        read(class_folders(tmp_path, *folders))
    assert refusal.value.hint


@pytest.mark.parametrize("folders", [("1995", "2001"), ("2023/old", "2024/new"), ("2023-13", "2023-14")])
def test_names_of_years_and_numbers_may_be_classes(tmp_path, folders):
    assert list(read(class_folders(tmp_path, *folders)).classes) == sorted(name.split("/")[0] for name in folders)


def test_a_class_on_a_disk_that_is_not_there_is_asked_about_and_a_stray_link_is_named(tmp_path):
    class_folders(tmp_path, "cat", "dog")
    (tmp_path / "all").symlink_to(".")
    (tmp_path / "x.jpg").symlink_to("nowhere")
    assert reasons(read(tmp_path)) == {
        "all": "a link to a folder that it lies in",
        "x.jpg": "a link that leads nowhere",
    }
    (tmp_path / "fox").symlink_to("/mnt/not there")
    with pytest.raises(UserError, match=r"class folder 'fox' .* is a link to '/mnt/not there', where nothing is"):
        read(tmp_path)


def test_one_folder_as_two_classes_is_refused(tmp_path):
    class_folders(tmp_path, "cat", "dog", "dog/small")
    (tmp_path / "cat" / "more").symlink_to(tmp_path / "dog" / "small")
    with pytest.raises(UserError, match="'dog/small' and 'cat/more' are one folder"):
        read(tmp_path)


def test_a_single_train_folder_is_a_part(tmp_path):
    data = read(class_folders(tmp_path, "train/cat", "train/dog"))
    assert data.classes == ("cat", "dog")
    assert set(data.parts) == {"train"}


def test_a_class_called_train_is_a_class(tmp_path):
    assert read(class_folders(tmp_path, "bus", "train", "plane")).classes == ("bus", "plane", "train")


def test_a_folder_beside_the_parts_is_refused_by_name(tmp_path):
    class_folders(tmp_path, "train/cat", "train/dog", "extra/cat")
    with pytest.raises(UserError, match="beside it 'extra', which is no part"):
        read(tmp_path)


def test_what_archives_leave_behind_is_no_class(tmp_path):
    class_folders(tmp_path, "cat", "dog", "__MACOSX", ".cache", photos=1)
    (tmp_path / "cat" / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "cat" / "._0.png").write_bytes(b"x")
    (tmp_path / ".whatsit").mkdir()  # our own
    data = read(tmp_path)
    assert data.classes == ("cat", "dog")
    hidden, left = "hidden, as its name begins with a dot", "left behind by another program"
    assert reasons(data) == {"__MACOSX": left, ".cache": hidden, "cat/Thumbs.db": left, "cat/._0.png": hidden}


def test_stray_files_are_named_with_the_reason(tmp_path):
    class_folders(tmp_path, "train/cat", "train/dog", photos=1)
    put(tmp_path / "lost.jpg")
    put(tmp_path / "test" / "7.jpg")  # a competition's test part: photos without classes
    (tmp_path / "train" / "cat" / "notes.txt").write_text("x")
    (tmp_path / "train" / "dog" / "LICENSE").write_text("x")
    assert reasons(read(tmp_path)) == {
        "lost.jpg": "in no class folder",
        "test/7.jpg": "in no class folder",
        "train/cat/notes.txt": "not a photo by its name (.txt)",
        "train/dog/LICENSE": "not a photo by its name (no suffix)",
    }


def test_numbers_in_class_names_are_ordered_by_value(tmp_path):
    assert read(class_folders(tmp_path, "10", "9", "100", photos=1)).classes == ("9", "10", "100")


NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=12
).filter(lambda name: name.strip() == name and not name.startswith(".") and name.casefold() != "__macosx")


@settings(max_examples=25, deadline=None)
@given(st.lists(NAMES, min_size=2, max_size=4, unique_by=lambda name: name.casefold()))
def test_class_names_of_any_script_come_back_as_they_are(tmp_path_factory, names):
    root = tmp_path_factory.mktemp("any")
    for name in names:
        put(root / f"{name}x" / "0.png")
    assert set(read(root).classes) == {f"{name}x" for name in names}


def test_quotes_and_html_are_letters_like_others(tmp_path):
    names = (
        "<b>bold</b>".replace("/", "\\"),
        'the "best" one',
        "l'été",
        "кот",
        "猫",
        "قطة",
        "[red]x[/red]".replace("/", ""),
    )
    assert set(read(class_folders(tmp_path, *names, photos=1)).classes) == set(names)


@pytest.mark.parametrize(
    ("folders", "sentence"),
    [
        ((), "There are no photos in"),
        (("cat",), "has only one class, 'cat'"),
        (("cat", "Cat"), "differ only by upper and lower case"),
        (("é", "e\u0301"), "differ only by how a blank, letter or number"),
        (("cat", "two\nlines"), "has a line break or another control character"),
    ],
)
def test_classes_that_cannot_be_told_apart_are_refused(tmp_path, folders, sentence):
    with pytest.raises(UserError, match=sentence) as refusal:
        read(class_folders(tmp_path, *folders, photos=1))
    assert refusal.value.hint


@pytest.mark.parametrize("inside", [(), ("readme.txt",)])
def test_an_empty_class_is_left_out_by_name(tmp_path, inside):
    class_folders(tmp_path, "cat", "dog")
    (tmp_path / "fox").mkdir()
    for name in inside:
        (tmp_path / "fox" / name).write_text("soon")
    found = read(tmp_path)
    assert found.classes == ("cat", "dog")
    assert [(one.name, one.reason) for one in found.skipped][-1] == ("fox", "a class folder without photos")
    assert len(found.skipped) == 1 + len(inside)


def test_a_class_that_lacks_photos_in_one_part_alone_is_named_and_kept(tmp_path):
    class_folders(tmp_path / "train", "cat", "dog")
    class_folders(tmp_path / "test", "cat")
    (tmp_path / "test" / "dog").mkdir()
    found = read(tmp_path)
    assert found.classes == ("cat", "dog")
    assert [one.name for one in found.skipped] == ["test/dog"]


def test_where_too_few_classes_are_left_an_empty_one_is_refused_by_name(tmp_path):
    class_folders(tmp_path, "cat")
    (tmp_path / "fox").mkdir()
    with pytest.raises(UserError, match=r"class folder 'fox' .* has no photos"):
        read(tmp_path)


def test_a_folder_within_a_folder_is_suggested(tmp_path):
    class_folders(tmp_path / "flowers" / "flowers", "rose", "tulip")
    with pytest.raises(UserError, match="holds a single folder") as refusal:
        read(tmp_path / "flowers")
    assert str(tmp_path / "flowers" / "flowers") in refusal.value.hint


def test_names_that_are_not_utf_8_are_left_out_and_named(tmp_path):
    class_folders(tmp_path, "cat", "dog", photos=1)
    put(tmp_path / "cat" / "x.png").rename(tmp_path / "cat" / os.fsdecode(b"\xff.png"))
    assert reasons(read(tmp_path)) == {"cat/\\xff.png": "its name is not valid UTF-8"}


def test_a_class_folder_that_is_not_utf_8_is_refused(tmp_path):
    class_folders(tmp_path, "cat", "dog", photos=1)
    (tmp_path / "cat").rename(tmp_path / os.fsdecode(b"\xff"))
    with pytest.raises(UserError, match="not valid UTF-8"):
        read(tmp_path)


def test_a_place_that_is_not_there_names_the_sets_that_are_known():
    with pytest.raises(UserError, match="There is no folder, file or data set 'minst'") as refusal:
        read("minst")
    assert refusal.value.hint.startswith("Did you mean 'mnist'? Data sets that are built in or downloaded: ")


def test_a_place_that_is_not_there_names_what_lies_beside_it(tmp_path):
    class_folders(tmp_path / "my shapes", "cat", "dog", photos=1)
    for name in ("my shapse", "My Shapes/"):
        with pytest.raises(UserError, match="There is no folder, file or data set") as refusal:
            read(f"{tmp_path}/{name}")
        assert refusal.value.hint == f"Did you mean '{tmp_path}/my shapes'?"
    class_folders(tmp_path / "pets", "cat", "dog", photos=1)
    with pytest.raises(UserError) as refusal:
        read(tmp_path / "petz")
    assert refusal.value.hint == f"Did you mean {tmp_path}/pets?"


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"x")
    with pytest.raises(UserError, match="is no data set we read"):
        read(Path(tmp_path / "a.zip"))

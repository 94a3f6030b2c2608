"""What people say belongs together: columns, folders, patterns, EXIF."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from whatsit.data.catalog import open_catalog
from whatsit.data.decisions import apply_decisions
from whatsit.data.meaning import Meaning, put_meaning
from whatsit.data.readers import read
from whatsit.data.splitting.grouping import describe_groups, keep_together, name_groups
from whatsit.errors import UserError


def photo(path: Path, seed: int, **exif: object) -> None:
    """A small photo; `exif` by tag number, as in _306="2026:11:29 10:00:00"."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tags = Image.Exif()
    for tag, value in exif.items():
        tags[int(tag[1:])] = value
    noise = np.random.default_rng(seed).integers(0, 255, (12, 12, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "JPEG", exif=tags)
    path.write_bytes(out.getvalue())


def put(root: Path, *names: str) -> Path:
    for seed, name in enumerate(names):
        photo(root / name, seed)
    return root


def together(dataset) -> set[frozenset[str]]:
    names = np.array(dataset.photos.names)
    return {frozenset(names[dataset.groups == number].tolist()) for number in np.unique(dataset.groups)}


def sets(*groups: str) -> set[frozenset[str]]:
    return {frozenset(group.split()) for group in groups}


def test_the_folder_below_the_class_is_a_group_whichever_class_it_is_in(tmp_path):
    data = put(
        tmp_path, "ill/p1/a.jpg", "ill/p1/s2/b.jpg", "ill/p2/a.jpg", "well/p2/a.jpg", "well/p3/a.jpg", "well/x.jpg"
    )
    found = keep_together(read(data), "folder")
    assert together(found) == sets(
        "ill/p1/a.jpg ill/p1/s2/b.jpg", "ill/p2/a.jpg well/p2/a.jpg", "well/p3/a.jpg", "well/x.jpg"
    )
    assert describe_groups(found) == (
        "Kept together by --group folder: 2 groups of 2 photos, and 2 photos alone; groups with photos of "
        "several classes: 1."
    )


def test_folders_of_parts_and_of_classes_are_no_groups(tmp_path):
    names = [f"{part}/{label}/p{at}/{at}.jpg" for part in ("train", "test") for label in "ab" for at in range(3)]
    assert name_groups(read(put(tmp_path, *names)), "folder") == ["p0", "p1", "p2"] * 4


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (r"IMG_(\d+)_", "7 7 8 "),
        (r"^(\w+?)_\d", "IMG IMG IMG "),
        (r"(\d+)_(\d)", "7\0001 7\0002 8\0001 "),
        (r"^(\w)/", "a a b b"),
        (r"(cat|IMG)", "IMG IMG IMG "),
    ],
)
def test_a_pattern_names_the_group_by_what_its_brackets_hold(tmp_path, rule, expected):
    data = put(tmp_path, "a/IMG_7_1.jpg", "a/IMG_7_2.jpg", "b/IMG_8_1.jpg", "b/other.jpg")
    assert list(name_groups(read(data), rule)) == expected.split(" ")


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("patient", "There is nothing called 'patient' to keep photos together by"),
        ("(", "is no pattern"),
        (r"(?:IMG)_\d", "does not say which piece of a name"),
        (r"DSC(\d+)", "fits no file name; the first is 'IMG_1.jpg'"),
        (r"(\d+)", "no two photos belong together"),
        (r"^(I)MG", "makes 1 group, and a split needs three"),
        ("folder", "no two photos belong together"),
        ("camera", "no two photos belong together"),
    ],
)
def test_a_rule_that_means_nothing_here_is_refused(tmp_path, rule, sentence):
    data = put(tmp_path, "a/IMG_1.jpg", "a/IMG_2.jpg", "b/IMG_3.jpg", "b/IMG_4.jpg")
    with pytest.raises(UserError, match="(?s)" + sentence.replace("(", r"\(")) as refusal:
        keep_together(read(data), rule)
    assert refusal.value.hint


def test_the_day_and_the_camera_are_read_from_the_photos(tmp_path):
    for at in range(6):
        day = f"2026:11:{1 + at // 2:02} 10:00:0{at}"
        photo(tmp_path / "ab"[at % 2] / f"{at}.jpg", at, _306=day, _271="Maker ", _272=f"M{at % 3}")
    assert sorted(name_groups(read(tmp_path), "day")) == [f"2026-11-0{day}" for day in (1, 1, 2, 2, 3, 3)]
    assert sorted(set(name_groups(read(tmp_path), "camera"))) == ["Maker M0", "Maker M1", "Maker M2"]


TABLE = "path,label,patient\n" + "".join(f"{at}.jpg,{'ab'[at % 2]},p{at // 3}\n" for at in range(12))


def table_of(folder: Path, text: str) -> Path:
    put(folder, *(f"{at}.jpg" for at in range(12)))
    (folder / "labels.csv").write_text(text)
    return folder / "labels.csv"


def test_a_column_of_a_table_says_what_belongs_together(tmp_path):
    dataset = read(table_of(tmp_path, TABLE))
    assert dataset.groups is None
    found = keep_together(dataset, "Patient")
    assert [len(group) for group in together(found)] == [3] * 4
    assert found.select(np.arange(5)).columns["patient"] == ["p0", "p0", "p0", "p1", "p1"]


def test_a_column_called_group_is_kept_together_unasked_and_empty_cells_stand_alone(tmp_path):
    text = TABLE.replace("patient", "group").replace("p3\n", "\n")
    dataset = read(table_of(tmp_path, text))
    assert dataset.grouped_by == "group"
    assert sorted(map(len, together(dataset))) == [1, 1, 1, 3, 3, 3]


def test_what_clean_was_told_holds_for_all_that_reads_the_folder(tmp_path):
    data = put(tmp_path, *(f"{'ab'[at % 2]}/p{at // 4}/{at}.jpg" for at in range(16)))
    dataset = read(data)
    with open_catalog(tmp_path) as catalog:
        put_meaning(dataset, catalog, Meaning(group="folder"))
    assert apply_decisions(dataset).grouped_by == "folder"
    assert apply_decisions(dataset, r"(\d)\.jpg").grouped_by == r"(\d)\.jpg"
    with open_catalog(tmp_path) as catalog:
        with pytest.raises(UserError, match="nothing called 'fold'"):
            put_meaning(dataset, catalog, Meaning(group="fold"))
        assert catalog.fact("group") == "folder"
        put_meaning(dataset, catalog, Meaning(group="none"))
    assert apply_decisions(dataset).groups is None

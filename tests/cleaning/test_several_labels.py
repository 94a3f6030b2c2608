"""What cleaning finds in photos with several labels."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from checked import found
from labelled import write_labelled
from models import colour_graph
from photos import scene
from whatsit.cleaning import deep
from whatsit.cleaning.cleaning import clean
from whatsit.cleaning.features import Features, features_at
from whatsit.cleaning.looks import look_at_all
from whatsit.data.catalog import Decision, open_catalog
from whatsit.data.readers import read
from whatsit.data.target import UNKNOWN
from whatsit.errors import UserError
from whatsit.files import write_csv
from whatsit.image import decode, encode_jpeg


def write(folder: Path, *said: tuple[int, str]) -> Path:
    """Photos, each a scene with its labels; those of one scene are of two sizes. The table."""
    folder.mkdir()
    rows = []
    for number, (seed, labels) in enumerate(said):
        pixels = scene(seed=seed) if number % 2 == 0 else np.ascontiguousarray(scene(seed=seed)[::2, ::2])
        (folder / f"{number}.jpg").write_bytes(encode_jpeg(pixels))
        rows.append({"path": f"{number}.jpg", "labels": labels})
    write_csv(folder / "labels.csv", ("path", "labels"), rows)
    return folder / "labels.csv"


def test_copies_whose_labels_contradict_each_other_are_found(tmp_path: Path) -> None:
    table = write(tmp_path / "set", (1, "boats;sky"), (1, "people;sky"), (2, "sky"), (3, "boats"))
    assert found(table, "class-conflict") == {
        "0.jpg": "nearly the same photo is 1.jpg, which has people and is without boats",
        "1.jpg": "nearly the same photo is 0.jpg, which has boats and is without people",
    }
    cleaned = clean(table)
    assert {"0.jpg", "1.jpg"} <= cleaned.waiting
    with open_catalog(table.parent) as catalog:
        for photo in ("0.jpg", "1.jpg"):
            catalog.decide(
                Decision(photo, "keep" if photo == "0.jpg" else "has", "" if photo == "0.jpg" else "boats")
            )
    assert clean(table).waiting == {"1.jpg"}
    with open_catalog(table.parent) as catalog:
        catalog.decide(Decision("1.jpg", "has", "people"))
        (conflict,) = [one for one in catalog.findings("class-conflict") if one.photo == "1.jpg"]
    assert conflict.detail["labels"] == {"boats": False, "people": True}


def test_what_nobody_looked_for_contradicts_nothing(tmp_path: Path) -> None:
    table = write(tmp_path / "set", (1, "?boats;sky"), (1, "boats;sky"), (2, "people"), (3, "boats"))
    assert found(table, "class-conflict") == {}


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Red and striped photos of which one is marked red wrongly, one is not marked striped though it is, and one
    was not looked at."""
    pytest.importorskip("cleanlab", reason="needs cleanlab")
    table = write_labelled(tmp_path_factory.mktemp("sets") / "set", photos=80)
    rows = list(csv.DictReader(table.read_text().splitlines()))
    not_red = next(row for row in rows if row["labels"] == "striped")
    striped = next(row for row in rows if row["labels"] == "red;striped")
    unseen = next(row for row in rows if row["labels"] == "red")
    not_red["labels"], striped["labels"], unseen["labels"] = "red;striped", "red", "?red"
    write_csv(table, ("path", "labels"), rows)
    (table.parent / "which.txt").write_text(" ".join(row["path"] for row in (not_red, striped, unseen)))
    return table


def seen(table: Path) -> Features:
    """What a network would see: the share of red and of stripes in each photo."""
    dataset = read(table)
    pixels = [np.asarray(decode(dataset.photos.read(row), (24, 24)), float) for row in range(len(dataset))]
    values = np.array([[one[..., 0].mean() / 255, one[::4].mean() / 255 - one.mean() / 255] for one in pixels])
    values = (values - values.mean(0)) / values.std(0)
    values = np.repeat(np.column_stack([values, np.ones(len(values))]), 64, axis=1)
    return features_at("drawn", values.astype(np.float32), np.arange(len(values)))


def test_labels_that_are_likely_wrong_or_missing_are_found(wrong: Path) -> None:
    not_red, striped, unseen = (wrong.parent / "which.txt").read_text().split()
    findings = {one.photo: one for one in deep.judge_suspects(look_at_all(read(wrong)), seen(wrong))}
    assert findings[not_red].detail["labels"]["red"] is True
    assert "is marked red and does not look like it" in findings[not_red].reason
    assert findings[striped].detail["labels"]["striped"] is False
    assert "looks like striped" in findings[striped].reason
    assert "red" not in findings[unseen].detail["labels"] if unseen in findings else True
    assert len(findings) <= 8


def test_a_label_that_few_photos_have_is_not_judged(wrong: Path) -> None:
    dataset = read(wrong)
    labels = dataset.labels.copy()
    labels[:, 0] = 0
    labels[: deep.FEWEST - 1, 0] = 1
    labels[:, 1] = UNKNOWN
    survey = replace(look_at_all(dataset), dataset=replace(dataset, labels=labels))
    assert list(deep.judge_suspects(survey, seen(wrong))) == []


def test_a_photo_far_from_others_with_its_label_is_off_class_once(wrong: Path) -> None:
    features = seen(wrong)
    dataset = read(wrong)
    row = int(np.flatnonzero((dataset.labels == 1).all(axis=1))[0])
    features.values[row] = np.repeat((0, 0, -1), 64) / 8
    found = list(deep.judge_off_class(look_at_all(dataset), features))
    assert [one.photo for one in found].count(dataset.photos.names[row]) == 1
    assert max(found, key=lambda one: one.value or 0).photo == dataset.photos.names[row]


def test_deep_with_a_network_writes_it_to_the_catalog(wrong: Path, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(colour_graph().SerializeToString())
    cleaned = clean(wrong, network=tmp_path / "net.onnx")
    assert {one.check for one in cleaned.findings} <= {
        "off-class",
        "suspect-label",
        "part-of-another",
        "near-duplicate",
        "blurred",
        "tiny",
    }
    assert any("red" in one.detail["labels"] for one in cleaned.findings if one.check == "suspect-label")


def test_faces_are_not_compared_where_photos_have_several_labels(wrong: Path) -> None:
    with pytest.raises(UserError, match="A face network takes one class a photo"):
        clean(wrong, face_network="face.bin", cut_to_faces=True)

"""Photos, their pixels and their parts travel together."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import Tiny, colours, tiny_run
from whatsit.data.pixels import decode_photos
from whatsit.data.ready import describe_unscored, digests_of, groups_of
from whatsit.data.splitting.split import Split
from whatsit.image import encode_png


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny_run(tmp_path_factory.mktemp("runs") / "colours")


def test_every_photo_is_counted_in_its_class_and_its_part(tiny: Tiny) -> None:
    ready = tiny.ready
    total = sum(ready.counts(part) for part in ("train", "val", "test"))
    assert np.array_equal(total, ready.dataset.counts())
    for part in ("train", "val", "test"):
        labels = [
            label for label, where in zip(ready.dataset.labels, ready.split.parts, strict=True) if where == part
        ]
        assert ready.counts(part).tolist() == [labels.count(label) for label in range(3)]
        assert len(ready.rows(part)) == len(labels)


def test_digests_are_those_of_the_files(tmp_path: Path) -> None:
    from whatsit.data.readers import read

    for label in ("cat", "dog"):
        (tmp_path / label).mkdir()
        pixels = np.random.default_rng(len(label)).integers(0, 256, (8, 8, 3)).astype(np.uint8)
        (tmp_path / label / "a.png").write_bytes(encode_png(pixels if label == "cat" else 255 - pixels))
    dataset, pixels = decode_photos(read(tmp_path), (8, 8))
    expected = [hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in dataset.photos.names]
    assert digests_of(pixels) == expected


def together(groups: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(groups == number).tolist()) for number in np.unique(groups)}


def test_copies_stay_together_beside_what_the_data_set_says() -> None:
    twice = colours(6).select(np.array([0, 1, 2, 3, 4, 0]))
    _, pixels = decode_photos(twice, (12, 12))
    assert together(groups_of(twice, pixels)) == {frozenset({0, 5}), *(frozenset({row}) for row in (1, 2, 3, 4))}
    said = replace(twice, groups=np.array([0, 1, 1, 2, 3, 4]))
    assert together(groups_of(said, pixels)) == {frozenset(rows) for rows in ({0, 5}, {1, 2}, {3}, {4})}


def test_classes_that_cannot_be_measured_in_a_part_are_named(tiny: Tiny) -> None:
    dataset = tiny.ready.dataset
    assert describe_unscored(dataset, tiny.ready.split) == []
    parts = np.where(dataset.labels == 1, "train", tiny.ready.split.parts)
    without = describe_unscored(dataset, Split(parts, np.zeros(0, np.int64), 0))
    assert [sentence.split(":")[0] for sentence in without] == [
        "Without a photo in val",
        "Without a photo in test",
    ]
    assert repr(dataset.classes[1]) in without[0]
    assert repr(dataset.classes[0]) not in without[0]


def test_a_part_without_any_photo_is_not_said_to_lack_classes(tiny: Tiny) -> None:
    parts = np.full(len(tiny.ready.dataset), "train")
    assert describe_unscored(tiny.ready.dataset, Split(parts, np.zeros(0, np.int64), 0)) == []

from __future__ import annotations

from pathlib import Path

import numpy as np

from photos import scene
from whatsit.cleaning.duplicates import CROWD, find_near_pairs
from whatsit.cleaning.hashes import SIDE, compute_frequencies
from whatsit.cleaning.looks import look_at_all
from whatsit.data.readers import read
from whatsit.data.splitting.groups import connect_rows, join_groups
from whatsit.image import encode_jpeg, encode_png


def groups(folder: Path) -> np.ndarray:
    return look_at_all(read(folder)).duplicates.groups


def test_alike_small_pictures_are_no_copies_but_the_same_ones_are(tmp_path: Path) -> None:
    stroke = np.zeros((28, 28, 3), np.uint8)
    stroke[4:24, 12:16] = 255
    slanted = stroke.copy()
    slanted[4:14, 13:17] = 255
    slanted[4:14, 12] = 0
    for label, pixels in (("one", stroke), ("uno", slanted)):
        (tmp_path / label).mkdir()
        (tmp_path / label / "a.png").write_bytes(encode_png(pixels))
        (tmp_path / label / "other.png").write_bytes(encode_png(scene(seed=len(label))[:28, :28]))
    (tmp_path / "one" / "again.png").write_bytes(encode_png(stroke // 2 + 100))
    found = dict(zip(read(tmp_path).photos.names, groups(tmp_path), strict=True))
    assert found["one/a.png"] == found["one/again.png"]
    assert found["one/a.png"] != found["uno/a.png"]


def test_a_crowd_of_look_alikes_is_not_one_group(tmp_path: Path) -> None:
    base = scene(seed=5).astype(np.float32)
    rng = np.random.default_rng(0)
    for label in "ab":
        (tmp_path / label).mkdir()
    for number in range(CROWD + 10):
        other = rng.normal(0, 1, (15, 20)).repeat(8, 0).repeat(8, 1)[..., None]
        alike = np.clip(base + 25 * other, 0, 255).astype(np.uint8)
        (tmp_path / "ab"[number % 2] / f"{number}.jpg").write_bytes(encode_jpeg(alike, quality=95))
    assert np.bincount(groups(tmp_path)).max() <= 2


def test_of_photos_that_all_are_different_none_is_a_pair() -> None:
    grey = np.random.default_rng(0).uniform(0, 255, (300, SIDE, SIDE)).astype(np.float32)
    thumbs = grey.reshape(300, 16, 2, 16, 2).mean((2, 4)).astype(np.uint8)
    assert len(find_near_pairs(compute_frequencies(grey), thumbs).first) == 0


def test_no_photos_make_no_pairs() -> None:
    nothing = find_near_pairs(np.zeros((0, 8, 8), np.float32), np.zeros((0, 16, 16), np.uint8))
    assert len(nothing.first) == 0


def test_chains_of_links_are_one_group() -> None:
    links = np.arange(999)
    assert (connect_rows(1000, links, links + 1) == 0).all()
    assert connect_rows(4, np.array([2]), np.array([3])).tolist() == [0, 1, 2, 2]


def test_joined_groups_keep_together_what_either_does() -> None:
    assert join_groups(np.array([7, 7, 8, 9]), np.array([1, 2, 2, 3])).tolist() == [1, 1, 1, 3]

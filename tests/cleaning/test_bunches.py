"""Many photos that are nearly one: taken as one before pairs are made, and told of as if they had not been."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photos import scene
from whatsit.cleaning.bunches import DENSE, find_bunches
from whatsit.cleaning.checks import CHECKS
from whatsit.cleaning.duplicates import find_near_pairs
from whatsit.cleaning.hashes import SIDE, TURNS, compute_frequencies
from whatsit.cleaning.looks import look_at_all
from whatsit.data.readers import read
from whatsit.data.splitting.groups import connect_rows
from whatsit.image import encode_jpeg


def frames(scenes: int, each: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies and thumbnails of so many frames of each scene, which differ by faint noise."""
    random = np.random.default_rng(seed)
    bases = random.uniform(40, 215, (scenes, 8, 8)).repeat(SIDE // 8, 1).repeat(SIDE // 8, 2)
    grey = bases.repeat(each, 0) + random.normal(0, 0.5, (scenes * each, SIDE, SIDE))
    thumbs = grey.reshape(len(grey), 16, SIDE // 16, 16, SIDE // 16).mean((2, 4)).round().astype(np.uint8)
    return compute_frequencies(grey.astype(np.float32)), thumbs


def test_frames_make_as_many_pairs_as_they_are_many_and_one_group_a_scene() -> None:
    low, thumbs = frames(3, 400)
    found = find_near_pairs(low, thumbs, turns=TURNS[:1])
    assert len(found.first) < 6 * 1200  # all pairs: 239,400
    assert connect_rows(1200, found.first, found.second).tolist() == np.repeat([0, 400, 800], 400).tolist()
    assert (found.correlation >= 0.9).all()


def test_few_frames_make_every_pair() -> None:
    low, thumbs = frames(2, DENSE // 2 - 2)
    found = find_near_pairs(low, thumbs, turns=TURNS[:1])
    each = DENSE // 2 - 2
    assert len(found.first) == 2 * each * (each - 1) // 2


def test_the_best_stands_for_its_bunch_and_no_member_has_members() -> None:
    hashes = np.full(300, 12345, np.uint64)
    hashes[::2] ^= np.uint64(1)
    rank = np.random.default_rng(0).permutation(300)
    bunches = find_bunches(hashes, rank, lambda _one, others: np.full(len(others), True))
    best = {int(side[rank[side].argmin()]) for side in (np.arange(0, 300, 2), np.arange(1, 300, 2))}
    assert set(bunches.head[bunches.members].tolist()) == best  # one of each side of the bit that they differ in
    assert (bunches.head[bunches.head] == bunches.head).all()


def test_hashes_that_share_a_band_and_nothing_else_are_no_bunch() -> None:
    hashes = np.random.default_rng(0).integers(0, 2**62, 500, dtype=np.uint64) << np.uint64(21)
    bunches = find_bunches(hashes, np.arange(500), lambda _one, others: np.full(len(others), True))
    assert len(bunches.members) == 0


@pytest.fixture(scope="module")
def burst(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hundred and fifty frames of one scene in one class, four in another, and a mirrored one in a third."""
    folder = tmp_path_factory.mktemp("burst")
    random, base = np.random.default_rng(0), scene(seed=5).astype(np.float32)
    for number in range(154):
        pixels = np.clip(base + random.normal(0, 2, base.shape), 0, 255).astype(np.uint8)
        file = folder / ("many" if number < 150 else "few") / f"{number:03}.jpg"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(encode_jpeg(pixels, quality=92))
    for label, seed in (("third", 7), ("many", 8), ("few", 9)):
        (folder / label).mkdir(exist_ok=True)
        (folder / label / "other.jpg").write_bytes(encode_jpeg(scene(seed=seed), quality=92))
    mirrored = base[:, ::-1].astype(np.uint8)
    (folder / "third" / "mirrored.jpg").write_bytes(encode_jpeg(mirrored, quality=92))
    return folder


def test_of_a_burst_all_but_one_are_near_duplicates_of_the_one_that_is_kept(burst: Path) -> None:
    survey = look_at_all(read(burst))
    found = {finding.photo: finding for finding in CHECKS["near-duplicate"].judge(survey)}
    frames = {name for name in survey.names if not name.endswith("other.jpg")}
    (kept,) = frames - found.keys()
    assert {finding.detail["of"] for finding in found.values()} >= {kept}
    groups = {survey.duplicates.groups[survey.names.index(name)] for name in frames}
    assert len(groups) == 1


def test_of_each_frame_it_is_known_that_another_class_has_it_too(burst: Path) -> None:
    survey = look_at_all(read(burst))
    found = {finding.photo: finding for finding in CHECKS["class-conflict"].judge(survey)}
    assert found.keys() == {name for name in survey.names if not name.endswith("other.jpg")}
    for photo, finding in found.items():
        assert finding.detail["of"].split("/")[0] != photo.split("/")[0]

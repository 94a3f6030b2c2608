"""Where left and right matter a mirror image is no copy: as people say, or as two classes show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from photos import scene
from whatsit import events
from whatsit.cleaning.cleaning import clean, say_meaning
from whatsit.cleaning.duplicates import CORRELATION, find_least_correlation
from whatsit.cleaning.inside import measure_overlap
from whatsit.data.decisions import apply_decisions
from whatsit.data.meaning import Meaning
from whatsit.data.readers import read
from whatsit.image import encode_png

LAYS = {
    "mirrored": lambda photo: photo[:, ::-1],
    "upside down": lambda photo: photo[::-1, ::-1],
    "turned by a quarter": lambda photo: np.rot90(photo),
}


@pytest.fixture
def told() -> Iterator[list[str]]:
    """The sentences that the library told, as they come."""
    texts: list[str] = []

    def listen(event: events.Event) -> None:
        if isinstance(event, events.Note | events.Warn):
            texts.append(event.text)

    with events.listening(listen):
        yield texts


def put(folder: Path, label: str, *photos: np.ndarray) -> None:
    (folder / label).mkdir(parents=True, exist_ok=True)
    for at, photo in enumerate(photos):
        (folder / label / f"{at}.png").write_bytes(encode_png(np.ascontiguousarray(photo)))


def found(folder: Path, check: str) -> int:
    return sum(finding.check == check for finding in clean(folder).findings)


@pytest.fixture(params=LAYS)
def arrows(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Eight photos of each class; those of the second are those of the first laid otherwise."""
    photos = [scene(seed=seed) for seed in range(8)]
    put(tmp_path, "left", *photos)
    put(tmp_path, "right", *map(LAYS[request.param], photos))
    return tmp_path


def test_two_classes_of_mirror_images_are_hinted_at_and_are_no_conflict(arrows: Path, told: list[str]) -> None:
    assert found(arrows, "class-conflict") == found(arrows, "near-duplicate") == 0
    assert any("look like each other mirrored or turned: 'left' and 'right' (16 photos)" in line for line in told)
    dataset = apply_decisions(read(arrows))
    assert dataset.mirrored is False
    assert "'left' and 'right'" in dataset.mirror_images
    assert dataset.groups is None


def test_people_may_say_that_left_and_right_matter_or_that_they_do_not(arrows: Path, told: list[str]) -> None:
    say_meaning(arrows, Meaning(mirrored=False))
    assert found(arrows, "class-conflict") == 0
    assert apply_decisions(read(arrows)).mirrored is False
    assert not any("seem to matter" in line for line in told)
    say_meaning(arrows, Meaning(mirrored=True))
    assert found(arrows, "class-conflict") == 16
    assert apply_decisions(read(arrows)).mirrored is True


def test_within_a_class_a_mirror_image_is_a_copy_unless_people_say_otherwise(tmp_path: Path) -> None:
    photos = [scene(seed=seed) for seed in range(6)]
    put(tmp_path, "cat", *photos, photos[0][:, ::-1])
    put(tmp_path, "dog", *(scene(seed=50 + seed) for seed in range(6)))
    assert found(tmp_path, "near-duplicate") == 1
    say_meaning(tmp_path, Meaning(mirrored=False))
    assert found(tmp_path, "near-duplicate") == 0


def test_a_photo_as_it_lies_in_two_classes_stays_a_conflict(arrows: Path) -> None:
    put(arrows, "left", *(scene(seed=seed) for seed in range(8)), scene(seed=99))
    put(arrows, "up", scene(seed=99)[::2, ::2])
    for said in (None, False):
        say_meaning(arrows, Meaning(mirrored=said))
        assert found(arrows, "class-conflict") == 2


def test_one_mirrored_photo_in_a_wrong_class_is_a_conflict_and_no_hint(tmp_path: Path, told: list[str]) -> None:
    put(tmp_path, "cat", *(scene(seed=seed) for seed in range(12)))
    put(tmp_path, "dog", *(scene(seed=50 + seed) for seed in range(11)), scene(seed=3)[:, ::-1])
    assert found(tmp_path, "class-conflict") == 2
    assert not any("mirror images" in line for line in told)


def test_a_mirrored_crop_is_a_part_only_where_mirror_images_mean_the_same() -> None:
    whole = np.random.default_rng(0).integers(0, 255, (6, 6)).repeat(8, 0).repeat(8, 1).astype(np.float32)
    assert measure_overlap(whole, whole[:, ::-1]) > 0.99
    assert measure_overlap(whole, whole[:, ::-1], mirrored=False) < 0.9


def thumbs(common: float, seed: int = 0) -> np.ndarray:
    """(60, 16, 16) thumbnails that have so much of one picture in common."""
    random = np.random.default_rng(seed)
    own, shared = random.normal(0, 1, (60, 16, 16)), random.normal(0, 1, (16, 16))
    return np.clip(128 + 40 * (common * shared + (1 - common) * own), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("common", [0.7, 0.75, 0.8, 0.85])
def test_photos_that_all_look_alike_must_be_more_alike_to_be_copies(common: float) -> None:
    photos = thumbs(common)
    flat = photos.reshape(60, -1).astype(float)
    of_others = np.corrcoef(flat)[~np.eye(60, dtype=bool)].max()
    assert find_least_correlation(photos) > max(CORRELATION, of_others)


def test_among_ordinary_photos_copies_are_told_as_ever_be_there_many_or_few() -> None:
    photos = thumbs(0.0)
    assert find_least_correlation(photos) == CORRELATION
    assert find_least_correlation(np.concatenate([photos, photos[:1].repeat(30, 0)])) == CORRELATION
    assert find_least_correlation(photos[:10]) == CORRELATION

"""How much of an accuracy is knowing the very group again, by a plain model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from labelled import red_and_striped
from whatsit.data.dataset import Dataset, dataset_of
from whatsit.data.inspecting.group_effect import FOLDS, MOST, SIDE, measure_group_effect, shrink_photos
from whatsit.data.photos import Arrays
from whatsit.data.pixels import decode_photos


def grouped(groups: int = 16, each: int = 4, tell: float = 0.0, seed: int = 0) -> tuple[Dataset, np.ndarray]:
    """Groups of nearly the same picture, in two classes that only the picture's own look tells apart; with `tell`
    the class itself shows a little in every picture."""
    random = np.random.default_rng(seed)
    looks = random.uniform(60, 190, (groups, 8, 8, 3))
    labels = np.arange(groups) % 2
    looks += tell * (2 * labels - 1)[:, None, None, None]
    pictures = np.repeat(looks, each, axis=0) + random.normal(0, 4, (groups * each, 8, 8, 3))
    named = Arrays(
        np.clip(pictures, 0, 255).astype(np.uint8), [str(row) for row in range(groups * each)], f"{seed} {tell}"
    )
    names = [("cat", "dog")[label] for label in np.repeat(labels, each)]
    return replace(dataset_of("pets", named, names), grouped_by="folder"), np.repeat(np.arange(groups), each)


def effect(dataset: Dataset, groups: np.ndarray):
    dataset, decoded = decode_photos(dataset, (SIDE, SIDE))
    return measure_group_effect(dataset, decoded, groups)


def test_where_only_the_group_is_known_again_photos_dealt_apart_are_named_better_by_far():
    found = effect(*grouped())
    assert found is not None
    assert (found.by, found.groups, found.photos) == ("folder", 16, 64)
    assert found.apart > 0.95
    assert found.together < 0.8
    assert effect(*grouped()) == found


def test_where_the_class_itself_is_seen_keeping_groups_together_changes_little():
    found = effect(*grouped(tell=40))
    assert found is not None
    assert found.together > 0.95


def test_of_photos_that_cannot_be_compared_there_is_no_effect():
    dataset, groups = grouped(each=1)
    assert effect(replace(dataset, grouped_by=""), groups) is None  # nobody said what belongs together
    assert effect(dataset, np.where(dataset.labels == 0, 0, groups)) is None  # a class of one group
    one = dataset.select(np.flatnonzero(dataset.labels == 0))
    assert effect(one, np.arange(len(one))) is None  # one class
    several = replace(red_and_striped(8), grouped_by="folder")
    assert effect(several, np.arange(8) // 2) is None


def test_two_groups_a_class_are_enough_and_three_make_three_folds():
    dataset, _ = grouped(groups=4, each=3, tell=40)
    found = effect(dataset, np.repeat(np.arange(4), 3))
    assert found is not None
    assert (found.groups, found.photos) == (4, 12)
    assert FOLDS > 2


def test_of_many_photos_whole_groups_are_compared_of_each_class_alike():
    dataset, groups = grouped(groups=(MOST + 200) // 4, each=4, tell=40)
    found = effect(dataset, groups)
    assert found is not None
    assert found.photos == 4 * found.groups
    assert found.photos <= MOST
    assert found.groups == -(-((MOST + 200) // 4) // 2) + 1 or found.groups in range(270, 280)


def test_photos_are_shrunk_to_one_row_of_numbers_each():
    _, decoded = decode_photos(grouped(groups=2, each=1)[0], (40, 24))
    small = shrink_photos(decoded, np.array([1, 0, 1]))
    assert small.shape == (3, SIDE * SIDE * 3)
    assert small.dtype == np.float32
    np.testing.assert_array_equal(small[0], small[2])
    assert (small[0] != small[1]).any()
    assert shrink_photos(decoded, np.array([], np.int64)).shape == (0, SIDE * SIDE * 3)

"""Learnt patches: the graph against the same steps in NumPy, one patch at a time."""

import numpy as np
from columns import columns_of, drawn

from whatsit.training.features import patches


def by_hand(photo: np.ndarray, learnt_from: np.ndarray) -> np.ndarray:
    """(32, 32, 3) photo → (256, 3, 3), with loops."""
    filters, offsets = patches.learn_patches(learnt_from.astype(np.float32), patches.PATCH, seed=0)
    side = 32 - patches.PATCH + 1
    answers = np.zeros((patches.CENTRES, side, side))
    for row in range(side):
        for column in range(side):
            patch = photo[row : row + patches.PATCH, column : column + patches.PATCH].astype(np.float64)
            centred = (patch - patch.mean()) / np.sqrt(patch.var() + patches.CONTRAST)
            likeness = (filters * centred).sum(axis=(1, 2, 3)) + offsets
            answers[:, row, column] = np.maximum(0, likeness - patches.THRESHOLD)
    regions = answers.reshape(patches.CENTRES, 3, side // 3, 3, side // 3)
    return regions.mean(axis=(2, 4))


def test_the_graph_gives_what_each_patch_by_itself_gives() -> None:
    photos = drawn(20, 32)
    found = columns_of("patches", photos)
    for row in (0, 7, 19):
        expected = by_hand(photos[row], photos).reshape(-1)
        np.testing.assert_allclose(found[row], expected, atol=2e-4)


def test_brightness_and_contrast_of_the_whole_photo_change_little() -> None:
    photos = np.clip(drawn(20, 32), 60, 180)
    dimmed = (photos * 0.7 + 20).astype(np.uint8)
    bright, dim = columns_of("patches", photos), columns_of("patches", dimmed, learnt_from=photos)
    other = np.roll(bright, 1, axis=0)
    near = np.linalg.norm(bright - dim, axis=1)[:-1]
    assert (near < 0.5 * np.linalg.norm(bright - other, axis=1)[:-1]).mean() > 0.9


def test_the_same_seed_learns_the_same_patches() -> None:
    photos = drawn(20, 32).astype(np.float32)
    one, two, other = (patches.learn_patches(photos, 6, seed)[0] for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, two)
    assert np.abs(one - other).max() > 0.01


def test_photos_without_any_contrast_give_numbers_not_gaps() -> None:
    photos = np.full((5, 16, 16, 3), 90, np.uint8)
    assert np.isfinite(columns_of("patches", photos)).all()

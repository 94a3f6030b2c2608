"""The learning curve rises where there is something to learn, and says what more would bring."""

from __future__ import annotations

import numpy as np

from whatsit.training.heads.choose import choose_head
from whatsit.training.heads.curve import Point, describe_curve, measure_curve
from whatsit.training.heads.kinds import KINDS, Learning


def noisy(photos: int, seed: int) -> Learning:
    random = np.random.default_rng(seed)
    labels = np.arange(photos) % 3
    centres = np.random.default_rng(9).normal(0, 0.5, (3, 30))
    return Learning((centres[labels] + random.normal(0, 1, (photos, 30))).astype(np.float32), labels, 3)


def test_more_photos_are_better_and_intervals_hold_the_mean():
    learning = noisy(600, 0)
    choice = choose_head(learning, np.arange(600), [KINDS["linear"]], seed=0)
    points = measure_curve(learning, choice, np.arange(600), seed=0)
    assert [point.photos for point in points] == [48, 96, 240, 480]
    assert points[0].accuracy < points[2].accuracy
    assert all(point.low < point.accuracy < point.high for point in points)
    assert describe_curve(points)[-1].startswith("Twice the photos would bring about")


def test_a_class_of_one_photo_is_in_every_draw():
    learning = Learning(np.eye(11, dtype=np.float32), np.array([0] * 5 + [1] * 5 + [2]), 3)
    choice = choose_head(learning, np.arange(11), [KINDS["means"]], seed=0)
    points = measure_curve(learning, choice, np.arange(11), seed=0)
    assert len(points) == 4


def test_the_outlook_follows_a_power_law():
    halving = [Point(photos, 1 - 0.32 / photos**0.5, 0, 1) for photos in (100, 200, 500, 1000)]
    assert (
        describe_curve(halving)[-1]
        == "Twice the photos would bring about 0.3 points, if errors go on falling as they did."
    )


def test_a_flat_and_a_perfect_curve_say_so():
    flat = [Point(photos, 0.8, 0.7, 0.9) for photos in (10, 20, 50, 100)]
    assert "bring" in describe_curve(flat)[-1]
    perfect = [Point(photos, 1.0, 0.9, 1.0) for photos in (10, 20, 50, 100)]
    assert describe_curve(perfect)[-1].startswith("All photos are right")

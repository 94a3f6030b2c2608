"""How many photos there are is said in one sentence, whichever verb says it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from labelled import red_and_striped
from models import colours
from whatsit.data.dataset import Skipped
from whatsit.data.inspecting.sums import Sums, say_decided, sum_up

SUMS = Sums(20, 0, 3, False, ())


@pytest.mark.parametrize(
    ("sums", "sentence"),
    [
        (SUMS, "20 photos of 3 classes"),
        (replace(SUMS, copies=1), "20 photos of 3 classes, 1 of them a copy of another"),
        (replace(SUMS, photos=2000, copies=1200), "2,000 photos of 3 classes, 1,200 of them copies of others"),
        (replace(SUMS, has_labels=True), "20 photos of 3 labels"),
        (replace(SUMS, photos=1, classes=1), "1 photo of 1 class"),
        (replace(SUMS, classes=0), "20 photos in no classes"),
        (replace(SUMS, left_out=(Skipped("a.txt", "no photo"),)), "20 photos of 3 classes; left out: 1 file"),
    ],
)
def test_sums_are_one_sentence(sums, sentence):
    assert str(sums) == sentence


def test_a_copy_is_what_shows_again_what_another_shows():
    left = (Skipped("a.txt", "no photo"),)
    found = sum_up(replace(colours(6), skipped=left), np.array([1, 1, 2, 2, 2, 3]))
    assert found == Sums(6, 3, 3, False, left)
    assert sum_up(red_and_striped(4), np.arange(4)) == Sums(4, 0, 2, True, ())


def test_what_became_of_findings_is_said_with_what_waits():
    assert say_decided(7, 1) == "Decided: 7 photos left out; waiting for you: 1 photo."
    assert say_decided(0, 0) == "Decided: no photos left out; waiting for you: no photos."

"""Every check, in the order of the table that `whatsit clean` prints; those of every photo have a file each."""

from __future__ import annotations

from whatsit.cleaning.check import Check
from whatsit.cleaning.checks import (
    animated,
    blank,
    blurred,
    broken,
    class_conflict,
    dark,
    exact_duplicate,
    light,
    near_duplicate,
    odd_shape,
    tiny,
)
from whatsit.data.catalog import BROKEN
from whatsit.plugins import Registry, of_class

CHECKS = Registry(
    "checks",
    {
        BROKEN: broken.CHECK,
        "tiny": tiny.CHECK,
        "exact-duplicate": exact_duplicate.CHECK,
        "class-conflict": class_conflict.CHECK,
        "near-duplicate": near_duplicate.CHECK,
        "blank": blank.CHECK,
        "dark": dark.CHECK,
        "light": light.CHECK,
        "blurred": blurred.CHECK,
        "odd-shape": odd_shape.CHECK,
        "animated": animated.CHECK,
        "part-of-another": Check("a crop of another photo, or one with a border", asked_by="deep", is_paired=True),
        "off-class": Check("unlike the other photos of its class", asked_by="deep"),
        "suspect-label": Check("looks like another class", asked_by="deep"),
        "no-face": Check("no clear face with two eyes", asked_by="faces"),
        "several-faces": Check("more than one clear face", asked_by="faces"),
        "another-person": Check("perhaps not the person of its class", asked_by="people"),
    },
    of_class(Check),
)

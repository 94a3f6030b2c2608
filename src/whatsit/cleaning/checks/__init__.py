"""Every check, one file each, in the order of the table that `whatsit clean` prints."""

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

CHECKS: dict[str, Check] = {
    "broken": broken.CHECK,
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
}

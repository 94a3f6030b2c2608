"""What one check finds in a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from whatsit.cleaning.check import Look
from whatsit.cleaning.checks import CHECKS
from whatsit.cleaning.looks import look_at, look_at_all
from whatsit.data.readers import read
from whatsit.image import encode_png


def found(folder: Path, check: str) -> dict[str, str]:
    """The reason by photo."""
    survey = look_at_all(read(folder))
    return {finding.photo: finding.reason for finding in CHECKS[check].judge(survey)}


def seen(pixels: np.ndarray) -> Look:
    """A picture as the checks see it."""
    return look_at(encode_png(pixels.astype(np.uint8)))

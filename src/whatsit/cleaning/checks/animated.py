"""Animations: only their first frame would be learnt."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from whatsit.cleaning.check import HINT, Check, Survey
from whatsit.data.catalog import Finding


def judge(survey: Survey) -> Iterator[Finding]:
    """A finding for each photo of more than one frame."""
    frames = survey.column("frames")
    for row in np.flatnonzero(frames > 1):
        count = int(frames[row])
        yield Finding(survey.names[row], "animated", HINT, count, 1, f"{count} frames, of which the first is used")


CHECK = Check("more than one frame", judge)

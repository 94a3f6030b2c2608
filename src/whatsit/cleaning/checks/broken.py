"""Broken photos: nothing can be learnt from what cannot be decoded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from whatsit.cleaning.check import CERTAIN, Check, Survey
from whatsit.data.catalog import BROKEN, Finding


def judge(survey: Survey) -> Iterator[Finding]:
    """A finding for each photo that cannot be read, with the decoder's reason."""
    reasons = survey.column("reason")
    for row in np.flatnonzero(reasons != b""):
        reason = reasons[row].decode("utf-8", "replace")
        yield Finding(survey.names[row], BROKEN, CERTAIN, None, None, reason)


CHECK = Check("cannot be decoded", judge)

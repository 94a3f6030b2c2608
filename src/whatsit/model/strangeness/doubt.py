"""Whether "not one of these" can be relied on, in a sentence that stands beside an answer."""

from __future__ import annotations

from whatsit.model.calibrate import enough_for
from whatsit.model.facts.figures import OutlierFigures
from whatsit.model.facts.file import Thresholds
from whatsit.words import count, percent

FEWEST = 2  # photos below which no limit is set at all: see calibrate.tail_threshold


def doubt_refusal(limits: Thresholds, outliers: OutlierFigures | None = None) -> str:
    """What is to be minded of any class that is named, as strangers may be refused weakly; "" where they are not.

    outliers: what was measured on photos of other things, if they were
    """
    but = "a photo of something else may get a class all the same"
    if outliers is not None and outliers.is_weak:
        assert outliers.rejected.accuracy is not None
        share = percent(outliers.rejected.accuracy, 0)
        return f"Of {count(outliers.n, 'photo')} of other things it turned only {share} away: {but}."
    if limits.measured_on < FEWEST:
        return f"It cannot tell what is not one of these, as no photos were there to learn it from: {but}."
    enough = enough_for(limits.reject_share)
    if limits.measured_on < enough:
        return (
            f"It tells only roughly what is not one of these, from {limits.measured_on} photos where {enough} "
            f"would do it well: {but}."
        )
    return ""

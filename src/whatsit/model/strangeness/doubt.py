"""Whether "not one of these" can be relied on, in a sentence that stands beside an answer."""

from __future__ import annotations

from whatsit.languages.speaking import gettext, gettext_noop, ngettext
from whatsit.model.calibrate import enough_for
from whatsit.model.facts.figures import OutlierFigures
from whatsit.model.facts.file import Thresholds
from whatsit.words import percent

_BUT = gettext_noop("a photo of something else may get a class all the same")
FEWEST = 2  # photos below which no limit is set at all: see calibrate.tail_threshold


def doubt_refusal(limits: Thresholds, outliers: OutlierFigures | None = None) -> str:
    """What is to be minded of any class that is named, as strangers may be refused weakly; "" where they are not.

    outliers: what was measured on photos of other things, if they were
    """
    if outliers is not None and outliers.is_weak:
        assert outliers.rejected.accuracy is not None
        return ngettext(
            "Of {count} photo of other things it turned only {share} away: {but}.",
            "Of {count} photos of other things it turned only {share} away: {but}.",
            outliers.n,
            share=percent(outliers.rejected.accuracy, 0),
            but=gettext(_BUT),
        )
    if limits.measured_on < FEWEST:
        return gettext(
            "It cannot tell what is not one of these, as no photos were there to learn it from: {but}.",
            but=gettext(_BUT),
        )
    enough = enough_for(limits.reject_share)
    if limits.measured_on < enough:
        return gettext(
            "It tells only roughly what is not one of these, from {photos} photos where {enough} "
            "would do it well: {but}.",
            photos=f"{limits.measured_on}",
            enough=f"{enough}",
            but=gettext(_BUT),
        )
    return ""

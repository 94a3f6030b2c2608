"""What is said beside an answer where strange photos are turned away weakly."""

from __future__ import annotations

import pytest

from whatsit.model.facts.figures import OutlierFigures, ScoreFigures, ShareFigures
from whatsit.model.facts.file import Thresholds
from whatsit.model.strangeness.doubt import doubt_refusal

BUT = "a photo of something else may get a class all the same."


def limits(measured_on: int) -> Thresholds:
    return Thresholds(distance=1.0, reject_share=0.01, probability=0.1, coverage=0.95, measured_on=measured_on)


def outliers(accuracy: float | None) -> OutlierFigures:
    rejected = ShareFigures(accuracy, (0.0, 1.0), 0, 50)
    return OutlierFigures("other", 50, 0, rejected, {"distance": ScoreFigures(0.7, (0.6, 0.8))})


@pytest.mark.parametrize(
    ("measured_on", "found", "said"),
    [
        (99, None, ""),
        (
            98,
            None,
            f"It tells only roughly what is not one of these, from 98 photos where 99 would do it well: {BUT}",
        ),
        (1, None, f"It cannot tell what is not one of these, as no photos were there to learn it from: {BUT}"),
        (500, 0.496, f"Of 50 photos of other things it turned only 50 % away: {BUT}"),
        (12, 0.2, f"Of 50 photos of other things it turned only 20 % away: {BUT}"),
        (500, 0.5, ""),
        (500, None, ""),
    ],
)
def test_weak_refusals_are_said_and_good_ones_are_not(measured_on: int, found: float | None, said: str) -> None:
    measured = None if found is None and measured_on != 500 else outliers(found)
    assert doubt_refusal(limits(measured_on), measured) == said

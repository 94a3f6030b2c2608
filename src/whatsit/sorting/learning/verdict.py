"""What follows from what was measured, as a plain sentence: whether it is enough, what more would bring, or where
to look."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from whatsit.languages.speaking import gettext, ngettext
from whatsit.sorting.answers import NONE
from whatsit.sorting.learning.measuring import FEWEST, Measured, Point

NARROW = 0.05  # the interval reaches no farther than this to either side: wider ones never say "enough"
WORTH = 0.01  # a gain that is worth further answers
MORE = (20, 40, 80, 160)  # answers that may be given yet
# Two classes are hardly told apart where so many photos of them, and such a share, are taken for the other.
CONFUSED, CONFUSED_SHARE = 4, 0.2


@dataclass(frozen=True)
class Verdict:
    """Whether to go on.

    is_enough: measured closely, and more answers would bring little
    sentence:  that, in words
    look_at:   two classes that are hardly told apart, or None
    """

    is_enough: bool
    sentence: str
    look_at: tuple[str, str] | None = None


def judge(measured: Measured | None, drawn: int, classes: Sequence[str], left: int, random: int) -> Verdict:
    """What to say.

    drawn:  how many photos were named that were drawn at random
    left:   how many photos have no name yet
    random: how many of them were drawn to measure by
    """
    pair = None if measured is None else _find_pair(measured, classes)
    if pair is not None:
        told = gettext("{name} and {other} cannot be told apart well: look at them.", name=pair[0], other=pair[1])
        return Verdict(False, told, pair)
    if not left:
        return Verdict(False, gettext("Every photo is named: there is nothing more to ask."))
    if measured is None:
        missing = max(FEWEST - drawn, 1)
        if missing > random:
            return Verdict(False, gettext("This pile is too small to say how well its photos are told apart."))
        told = ngettext(
            "Too early to say: {count} more random photo to measure by.",
            "Too early to say: {count} more random photos to measure by.",
            missing,
        )
        return Verdict(False, told)
    right = measured.accuracy
    reach = max(right.high - right.value, right.value - right.low)
    more = _find_more(measured.curve, left)
    if more is not None:
        count, gain = more
        answers = ngettext("{count} more answer", "{count} more answers", count)
        points = _count_points(max(1, round(100 * gain)))
        return Verdict(False, gettext("About {answers} would bring {points}.", answers=answers, points=points))
    if reach > NARROW:
        missing = _missing(right.value, right.n)
        what = ngettext(
            "about {count} more random photo would say", "about {count} more random photos would say", missing
        )
        if missing > random:
            what = gettext("this pile is too small to say more")
        points = f"{100 * reach:.0f}"
        told = gettext(
            "It may be enough, and is measured to ±{points} points only: {what}.", points=points, what=what
        )
        return Verdict(False, told)
    points = _count_points(round(100 * WORTH))
    return Verdict(True, gettext("Enough: more answers would bring less than {points}.", points=points))


def _count_points(count: int) -> str:
    return ngettext("{count} point", "{count} points", count)


def _find_more(curve: Sequence[Point], left: int) -> tuple[int, float] | None:
    """The fewest further answers that bring something worth them, and what; None where none of MORE does that the
    photos `left` leave room for.

    Errors fall as a power of the number of answers (Hestness et al., 2017): a line through the logarithms.
    """
    errors = [max(1 - point.accuracy.value, 0.5 / point.accuracy.n) for point in curve]
    if len(curve) < 3:
        return None
    answers = [point.answers for point in curve]
    slope, _ = np.polyfit(np.log(answers), np.log(errors), 1)
    if slope >= 0:
        return None
    for count in (count for count in MORE if count <= left):
        gain = errors[-1] * (1 - ((answers[-1] + count) / answers[-1]) ** slope)
        if gain >= WORTH + 0.005:  # what rounds to two points, or comes close
            return count, float(gain)
    return None


def _find_pair(measured: Measured, classes: Sequence[str]) -> tuple[str, str] | None:
    """The names of the two classes that are mixed up most, where that is often and worse than all the rest."""
    for (first, second), count, photos in measured.mixed_up:
        if NONE in (first, second):
            continue
        if count >= CONFUSED and count >= CONFUSED_SHARE * photos:
            return classes[first], classes[second]
    return None


def _missing(share: float, count: int) -> int:
    """How many more photos measure a share closely enough, about."""
    share = min(max(share, 0.02), 0.98)
    needed = (1.96 / NARROW) ** 2 * share * (1 - share)
    return max(5, 5 * math.ceil((needed - count) / 5))

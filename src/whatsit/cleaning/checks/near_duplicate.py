"""Near duplicates: the same photo saved again, shrunk, retouched, mirrored or turned."""

from __future__ import annotations

from collections.abc import Iterator

from whatsit.cleaning.check import LIKELY, Check, Survey
from whatsit.cleaning.hashes import MAX_DISTANCE, TURNS
from whatsit.data.catalog import Finding


def judge(survey: Survey) -> Iterator[Finding]:
    """A finding for the smaller photo of each pair, naming the larger; the closest where there are several."""
    found = survey.duplicates
    seen: set[int] = set()
    for pair in found.correlation.argsort()[::-1]:
        first, second = int(found.first[pair]), int(found.second[pair])
        if second in seen:
            continue
        seen.add(second)
        how, of = TURNS[found.how[pair]].name, survey.names[first]
        reason = f"nearly {of}" if found.how[pair] == 0 else f"nearly {of}, {how}"
        detail = {"of": of, "how": how, "correlation": round(float(found.correlation[pair]), 3)}
        distance = float(found.distance[pair])
        yield Finding(survey.names[second], "near-duplicate", LIKELY, distance, MAX_DISTANCE, reason, detail)


CHECK = Check("nearly another photo, or its mirror image", judge, is_paired=True)

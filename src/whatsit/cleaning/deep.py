"""Checks that look at what photos show: parts of other photos, photos far from their class, suspect labels."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from whatsit import engine, events
from whatsit.cleaning import inside
from whatsit.cleaning.check import HINT, LIKELY, Survey
from whatsit.cleaning.features import Features, find_nearest
from whatsit.data.catalog import Finding
from whatsit.data.photos import Photos
from whatsit.data.splitting.groups import join_groups
from whatsit.image import LUMA, UnreadablePhoto, as_rgb, decode, resize_pixels
from whatsit.model.suspects import doubt_class, find_suspects

NEIGHBOURS = 5  # of a photo, compared with it pixel by pixel
LEAST_COSINE = {True: 0.6, False: 0.8}  # of a pair worth comparing, by a trained network and by the built-in one
FAR = 4.0  # robust standard deviations from the usual distance within the class
FOLDS = 5
SPREAD_PER_DEVIATION = 1.4826  # of a normal distribution: its standard deviation by its median absolute deviation
# Of the regression that judges labels. Stronger than scikit-learn's 1.0: hundreds of features of a few hundred
# photos would be learnt by heart, and a label that is wrong along with them. Chosen so, not tuned.
REGULARISATION = 0.01
FEWEST = 10  # photos of each class: with fewer, "far from its class" and "out of fold" mean nothing


def parts_of_others(survey: Survey, features: Features) -> list[tuple[int, int, float]]:
    """(row, row, correlation) of photos of which one is a part of the other, each pair once."""
    rows = np.flatnonzero(survey.readable)
    if len(rows) < 2:
        return []
    found, cosines = find_nearest(features.values[rows], features.values[rows], NEIGHBOURS + 1)
    least = LEAST_COSINE[features.is_trained]
    groups = survey.duplicates.groups
    pairs = {
        (int(min(rows[place], rows[other])), int(max(rows[place], rows[other])))
        for place in range(len(rows))
        for other, cosine in zip(found[place], cosines[place], strict=True)
        if cosine >= least and groups[rows[place]] != groups[rows[other]]
    }
    wanted = sorted({row for pair in pairs for row in pair})
    photos = (survey.dataset.photos.select(np.array([row])) for row in wanted)
    greys = dict(zip(wanted, engine.each(grey_of, photos), strict=True))
    pictures = ((greys[first], greys[second]) for first, second in sorted(pairs))
    fits = partial(compare, mirrored=survey.dataset.mirrored is not False)
    good = []
    with events.progress("Comparing photos that look alike", len(pairs), "pairs") as step:
        for pair, alike in zip(sorted(pairs), engine.each(fits, pictures), strict=True):
            if alike >= inside.CORRELATION:
                good.append((*pair, alike))
            step(1)
    return good


def judge_parts(survey: Survey, pairs: list[tuple[int, int, float]]) -> Iterator[Finding]:
    """A finding for the smaller photo of each pair, naming the larger."""
    pixels = survey.column("width").astype(np.int64) * survey.column("height")
    seen: set[int] = set()
    for first, second, alike in sorted(pairs, key=lambda pair: -pair[2]):
        keep, other = (first, second) if pixels[first] >= pixels[second] else (second, first)
        if other in seen:
            continue
        seen.add(other)
        of = survey.names[keep]
        reason = f"shows a part of {of}, or all of it with a border"
        yield Finding(
            survey.names[other], "part-of-another", LIKELY, round(alike, 3), inside.CORRELATION, reason, {"of": of}
        )


def judge_off_class(survey: Survey, features: Features) -> Iterator[Finding]:
    """A finding for each photo whose distance to its nearest class mates is far beyond the usual in the class."""
    labels = survey.dataset.labels
    for label, name in enumerate(survey.dataset.classes):
        rows = np.flatnonzero((labels == label) & survey.readable)
        if len(rows) < FEWEST:
            continue
        _, cosines = find_nearest(features.values[rows], features.values[rows], NEIGHBOURS + 1)
        distances = 1 - cosines[:, 1:].mean(1)  # the nearest is the photo itself
        middle = float(np.median(distances))
        spread = SPREAD_PER_DEVIATION * float(np.median(np.abs(distances - middle))) + 1e-6
        for place in np.flatnonzero(distances > middle + FAR * spread):
            value = round(float((distances[place] - middle) / spread), 2)
            reason = f"{value:.1f} robust deviations farther from the other photos of {name} than is usual"
            yield Finding(survey.names[rows[place]], "off-class", HINT, value, FAR, reason)


def judge_suspects(survey: Survey, features: Features) -> Iterator[Finding]:
    """A finding for each photo whose label a logistic regression that never saw it denies, worst first."""
    labels = survey.dataset.labels
    rows = np.flatnonzero(survey.readable)
    if len(rows) == 0 or np.bincount(labels[rows], minlength=len(survey.dataset.classes)).min() < FEWEST:
        return
    groups = join_groups(survey.dataset.groups, survey.duplicates.groups)
    probabilities = out_of_fold(features.values[rows], labels[rows], groups[rows])
    classes = survey.dataset.classes
    for found in find_suspects(labels[rows], probabilities):
        row, other = rows[found.place], classes[found.other]
        yield doubt_class(survey.names[row], classes[labels[row]], other, (found.own, found.as_other))


def out_of_fold(
    values: NDArray[np.float32], labels: NDArray[np.int64], groups: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(n, classes) probabilities of each photo by a model that saw neither it nor its duplicates."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold

    found = np.zeros((len(labels), int(labels.max()) + 1))
    scaled = values * np.sqrt(values.shape[1])  # numbers of about one, as the regression's penalty expects
    for train, held in StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(values, labels, groups):
        model = LogisticRegression(C=REGULARISATION, max_iter=200).fit(scaled[train], labels[train])
        found[np.ix_(held, model.classes_)] = model.predict_proba(scaled[held])
    return found


def compare(pair: tuple[inside.Grey | None, inside.Grey | None], mirrored: bool = True) -> float:
    """How well one picture fits into the other, -1..1; -1 where one of them is not there.

    mirrored: whether its mirror image may fit instead
    """
    first, second = pair
    return -1.0 if first is None or second is None else inside.measure_overlap(first, second, mirrored)


def grey_of(photos: Photos) -> inside.Grey | None:
    """One photo as it is compared; None where it has gone or cannot be read."""
    size = (inside.SIDE, inside.SIDE)
    try:
        photo = photos.read(0)
        pixels = decode(photo, size) if isinstance(photo, bytes) else resize_pixels(as_rgb(photo), size)
    except (OSError, UnreadablePhoto):
        return None
    return np.asarray(pixels @ LUMA, np.float32)

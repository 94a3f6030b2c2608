"""Checks that look at what photos show: parts of other photos, photos far from their class, suspect labels."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from whatsit import engine, events
from whatsit.cleaning import inside
from whatsit.cleaning.check import HINT, LIKELY, Survey
from whatsit.cleaning.features import Features
from whatsit.cleaning.nearest import find_nearest
from whatsit.data.catalog import Finding
from whatsit.data.photos import Photos
from whatsit.data.splitting.folds import ALWAYS, FOLDS, deal_folds, list_folds
from whatsit.data.splitting.groups import join_groups
from whatsit.data.target import UNKNOWN
from whatsit.engine.products import few_threads
from whatsit.image import LUMA, UnreadablePhoto, as_rgb, decode, resize_pixels
from whatsit.mapped import rows_at_once, scratch
from whatsit.model.suspects import (
    Proposal,
    doubt_class,
    doubt_labels,
    find_suspect_labels,
    find_suspects,
    has_cleanlab,
)

Rows = NDArray[np.int64]
NEIGHBOURS = 5  # of a photo, compared with it pixel by pixel
LEAST_COSINE = 0.6  # of a pair worth comparing
_AT_ONCE = 20_000  # pairs whose pictures are in memory: 9 kB each
FAR = 4.0  # robust standard deviations from the usual distance within the class
SPREAD_PER_DEVIATION = 1.4826  # of a normal distribution: its standard deviation by its median absolute deviation
# Of the regression that judges labels. Stronger than scikit-learn's 1.0: hundreds of features of a few hundred
# photos would be learnt by heart, and a label that is wrong along with them. Chosen so, not tuned.
REGULARISATION = 0.01
FEWEST = 10  # photos of each class: with fewer, "far from its class" and "out of fold" mean nothing


def parts_of_others(survey: Survey, features: Features) -> list[tuple[int, int, float]]:
    """(row, row, correlation) of photos of which one is a part of the other, each pair once."""
    pairs = _propose_pairs(survey, features)
    fits = partial(compare, mirrored=survey.dataset.mirrored is not False)
    good = []
    with events.progress("Comparing photos that look alike", len(pairs), "pairs") as step:
        for start in range(0, len(pairs), _AT_ONCE):
            some = pairs[start : start + _AT_ONCE]
            wanted = np.unique(some)
            photos = (survey.dataset.photos.select(np.array([row])) for row in wanted)
            greys = dict(zip(wanted.tolist(), engine.each(grey_of, photos, engine.chosen()), strict=True))
            pictures = ((greys[first], greys[second]) for first, second in some.tolist())
            for (first, second), alike in zip(some.tolist(), engine.each(fits, pictures), strict=True):
                if alike >= inside.CORRELATION:
                    good.append((first, second, alike))
                step(1)
    return good


def _propose_pairs(survey: Survey, features: Features) -> Rows:
    """(pairs, 2) rows of photos that show nearly the same to the network and are no duplicates, in order."""
    rows = np.flatnonzero(survey.readable)
    if len(rows) < 2:
        return np.empty((0, 2), np.int64)
    found, cosines = find_nearest(features.take, rows, NEIGHBOURS + 1)
    first, nearest = np.nonzero(cosines >= LEAST_COSINE)
    pairs = np.sort(np.column_stack([rows[first], rows[found[first, nearest]]]), axis=1)
    groups = survey.duplicates.groups[pairs]
    return np.unique(pairs[groups[:, 0] != groups[:, 1]], axis=0)


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
    """A finding for each photo whose distance to the nearest others of its class, or with a label that it has, is
    far beyond the usual there; of several such labels for the one it is farthest from."""
    farthest: dict[int, tuple[float, str]] = {}
    for label, name in enumerate(survey.dataset.classes):
        rows = np.flatnonzero(survey.dataset.having(label) & survey.readable)
        if len(rows) < FEWEST:
            continue
        _, cosines = find_nearest(features.take, rows, NEIGHBOURS + 1)
        distances = 1 - cosines[:, 1:].mean(1)  # the nearest is the photo itself
        middle = float(np.median(distances))
        spread = SPREAD_PER_DEVIATION * float(np.median(np.abs(distances - middle))) + 1e-6
        for place in np.flatnonzero(distances > middle + FAR * spread):
            found = round(float((distances[place] - middle) / spread), 2), name
            farthest[int(rows[place])] = max(farthest.get(int(rows[place]), found), found)
    for row, (value, name) in farthest.items():
        reason = f"{value:.1f} robust deviations farther from the other photos of {name} than is usual"
        detail = {"labels": {name: True}} if survey.dataset.target.says_any_number else {}
        yield Finding(survey.names[row], "off-class", HINT, value, FAR, reason, detail)


def judge_suspects(survey: Survey, features: Features) -> Iterator[Finding]:
    """A finding for each photo whose class or label a regression that never saw it denies, worst first."""
    rows = np.flatnonzero(survey.readable)
    groups = join_groups(survey.dataset.groups, survey.duplicates.groups)[rows]
    judge = _doubt_labels if survey.dataset.target.says_any_number else _doubt_classes
    yield from judge(survey, rows, _take_scaled(features, rows), groups)


def _take_scaled(features: Features, rows: Rows) -> NDArray[np.float32]:
    """(k, d) the features of some photos, those of many in a file; as numbers of about one, for the regression's
    penalty."""
    values = scratch((len(rows), features.values.shape[1]), np.float32)
    for some in rows_at_once(values):
        values[some] = features.take(rows[some]) * np.sqrt(values.shape[1])
    return values


def _pick(values: NDArray[np.float32], rows: Rows) -> NDArray[np.float32]:
    """(k, d) some rows, in a file where they are many."""
    found = scratch((len(rows), values.shape[1]), np.float32)
    for some in rows_at_once(found):
        found[some] = values[rows[some]]
    return found


def _doubt_classes(survey: Survey, rows: Rows, values: NDArray[np.float32], groups: Rows) -> Iterator[Finding]:
    labels, classes = survey.dataset.labels[rows], survey.dataset.classes
    if len(rows) == 0 or np.bincount(labels, minlength=len(classes)).min() < FEWEST or not has_cleanlab():
        return
    for found in find_suspects(labels, out_of_fold(values, labels, groups)):
        shares = found.own, found.as_other
        yield doubt_class(
            survey.names[rows[found.place]], classes[labels[found.place]], classes[found.other], shares
        )


def _doubt_labels(survey: Survey, rows: Rows, values: NDArray[np.float32], groups: Rows) -> Iterator[Finding]:
    """Each label by itself, among the photos in which somebody looked for it."""
    labels, classes = survey.dataset.labels[rows], survey.dataset.classes
    probabilities = np.full(labels.shape, 0.5)
    with events.progress("Looking for wrong and missing labels", labels.shape[1], "labels") as step:
        for label in range(labels.shape[1]):
            known = np.flatnonzero(labels[:, label] != UNKNOWN)
            marked = labels[known, label]
            if min(int(marked.sum()), int((marked == 0).sum())) >= FEWEST:
                probabilities[known, label] = out_of_fold(_pick(values, known), marked, groups[known])[:, 1]
            step(1)
    doubts: dict[int, list[Proposal]] = {}
    for one in find_suspect_labels(labels, probabilities):
        found = Proposal(classes[one.label], one.is_marked, round(one.probability, 4))
        doubts.setdefault(one.place, []).append(found)
    for place, of_photo in doubts.items():
        yield doubt_labels(survey.names[rows[place]], of_photo)


def out_of_fold(values: NDArray[np.float32], labels: Rows, groups: Rows) -> NDArray[np.float64]:
    """(n, classes) probabilities of each photo by a model that saw neither it nor its duplicates; values: (n, d),
    numbers of about one."""
    from sklearn.linear_model import LogisticRegression

    found = np.zeros((len(labels), int(labels.max()) + 1))
    folds = deal_folds(labels, groups, FOLDS, seed=0)
    alone = np.flatnonzero(folds == ALWAYS)  # of a class that is copies of one photo: nothing denies it
    found[alone, labels[alone]] = 1
    for fold in list_folds(folds):
        train, asked = labels[fold.train], fold.asked
        if (train == train[0]).all():
            found[asked, train[0]] = 1
            continue
        with few_threads(values.size * found.shape[1]):
            model = LogisticRegression(C=REGULARISATION, max_iter=200).fit(_pick(values, fold.train), train)
        for start in range(0, len(asked), _AT_ONCE):
            some = asked[start : start + _AT_ONCE]
            found[np.ix_(some, model.classes_)] = model.predict_proba(values[some])
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

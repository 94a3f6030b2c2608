"""What was decided about a folder's photos, applied to the data set read from it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from whatsit import events, words
from whatsit.data.catalog import (
    GROUP_KINDS,
    LEAVE_OUT,
    RELABEL,
    SAYS,
    Catalog,
    Decision,
    Fingerprint,
    has_catalog,
    open_catalog,
)
from whatsit.data.dataset import Dataset, Skipped, dataset_of
from whatsit.data.faces.face import NO_FACE
from whatsit.data.faces.kept import load_crop
from whatsit.data.meaning import recall_meaning
from whatsit.data.objects import Objects
from whatsit.data.photos import Files
from whatsit.data.splitting.grouping import keep_together
from whatsit.data.splitting.groups import join_groups
from whatsit.errors import UserError
from whatsit.image import Box

Marks = Mapping[str, Mapping[str, Decision]]  # photo → label → what was decided about it


def apply_decisions(dataset: Dataset, group: str = "") -> Dataset:
    """The data set as cleaning and reviewing left it: photos taken out, relabelled, grouped, cut to their face.

    group: what belongs together, as people say it (see `grouping.keep_together`); else what was said to `clean`

    What is left out stands in `skipped` with its reason. A data set without a catalog has nothing of this but its
    groups.
    """
    if dataset.root is None or not has_catalog(dataset.root):
        return keep_together(dataset, group) if group else dataset
    with open_catalog(dataset.root) as catalog:
        dataset = recall_meaning(dataset, catalog, group)
        return settle(replace(dataset, groups=_groups(dataset, catalog)), catalog)


def settle(dataset: Dataset, catalog: Catalog) -> Dataset:
    """The data set as the decisions in its catalog leave it: photos taken out, relabelled, cut to their face.

    Raises UserError where what is left is of too few classes.
    """
    decisions, marks = _still_meant(dataset, catalog)
    crop, detector = load_crop(catalog)
    if crop:
        dataset = replace(_cut_to_faces(dataset, catalog), crop=crop, detector=detector)
    return _with_marks(_with_decisions(dataset, decisions), marks)


def _still_meant(dataset: Dataset, catalog: Catalog) -> tuple[dict[str, Decision], Marks]:
    """The decisions about photos that are here and have not become other photos since; and about their labels."""
    decisions, marks = catalog.decisions(), catalog.label_decisions()
    places = {name: index for index, name in enumerate(dataset.photos.names)}
    decided = decisions.keys() | marks.keys()
    here = decided & places.keys()
    if len(here) < len(decided):
        events.warn(
            f"{words.count(len(decided) - len(here), 'decision')} left aside: the photo is no longer there. "
            "Where it was renamed, `whatsit clean` finds it again."
        )
    if isinstance(dataset.photos, Files | Objects):
        changed = [
            photo
            for photo, before in catalog.each_fingerprint()
            if photo in here and _has_changed(dataset.photos, places[photo], before)
        ]
        if changed:
            aside = words.count(len(changed), "decision")
            events.warn(f"{aside} left aside: the photo was replaced since, such as {changed[0]}")
        here -= set(changed)
    return (
        {photo: one for photo, one in decisions.items() if photo in here},
        {photo: of_labels for photo, of_labels in marks.items() if photo in here},
    )


def _has_changed(photos: Files | Objects, index: int, before: Fingerprint) -> bool:
    try:
        if (photos.length(index), photos.changed_ns(index)) == (before.bytes, before.changed_ns):
            return False
        return hashlib.sha256(photos.read(index)).hexdigest() != before.sha256
    except OSError:
        return False  # decoding it will say that it has gone


def _groups(dataset: Dataset, catalog: Catalog) -> NDArray[np.int64] | None:
    """(n,) a number a photo, equal for duplicates; None where cleaning found none."""
    found = dataset.groups
    for kind in GROUP_KINDS:
        numbers = catalog.groups(kind)
        if numbers:
            alone = max(numbers.values()) + 1
            names = enumerate(dataset.photos.names)
            some = np.fromiter((numbers.get(name, alone + row) for row, name in names), np.int64, len(dataset))
            found = join_groups(found, some)
    return found


def _cut_to_faces(dataset: Dataset, catalog: Catalog) -> Dataset:
    boxes: dict[str, Box] = {}
    for face in catalog.faces():  # the one to use first
        boxes.setdefault(face.photo, face.box)
    names = dataset.photos.names
    have = np.array([name in boxes for name in names], bool)
    kept = dataset.select(np.flatnonzero(have))
    without = tuple(Skipped(names[row], NO_FACE) for row in np.flatnonzero(~have).tolist())
    chosen = tuple(boxes[name] for name in kept.photos.names)
    return replace(kept, boxes=chosen, skipped=(*kept.skipped, *without))


def _with_decisions(dataset: Dataset, decisions: Mapping[str, Decision]) -> Dataset:
    names = dataset.photos.names
    out = {photo for photo, one in decisions.items() if one.decision == LEAVE_OUT}
    relabelled = {photo: one.label for photo, one in decisions.items() if one.decision == RELABEL}
    if relabelled and dataset.target.says_any_number:
        _say_left_aside(len(relabelled), "it gives a photo one class, and here it has any number of labels")
        relabelled = {}
    if not out and not relabelled:
        return dataset
    rows = np.fromiter((row for row, name in enumerate(names) if name not in out), np.int64)
    kept = dataset.select(rows)
    left = tuple(Skipped(name, decisions[name].reason or "left out by hand") for name in names if name in out)
    kept = replace(kept, skipped=(*kept.skipped, *left))
    if dataset.target.says_any_number and len(kept):
        return kept
    labels = [relabelled.get(name, kept.written(row)) for row, name in enumerate(kept.photos.names)]
    if len(set(labels)) < 2:
        raise _too_few(dataset, labels)
    again = dataset_of(dataset.name, kept.photos, labels)
    if set(again.classes) <= set(dataset.classes):  # the order that the data set's makers gave its classes
        here = set(again.classes)
        order = tuple(label for label in dataset.classes if label in here)
        of_label = {label: place for place, label in enumerate(order)}
        places = np.array([of_label[label] for label in again.classes], np.int64)
        again = replace(again, classes=order, labels=places[again.labels])
    return replace(kept, classes=again.classes, labels=again.labels)


def _too_few(dataset: Dataset, labels: Collection[str]) -> UserError:
    """The error for what is left of a data set, where there is nothing to tell apart."""
    left, others = "No photo is", "all"
    if labels:
        left, others = f"Only photos of {next(iter(labels))!r} are", "the others"
    return UserError(
        f"{left} left of {dataset.name!r}: {others} are left out by what was decided about them.",
        hint=f"Decide anew: {words.typed('whatsit', 'review', dataset.root)}; or take back what cleaning decided: "
        f"{words.typed('whatsit', 'clean', dataset.root, '--undo')}",
    )


def _with_marks(dataset: Dataset, marks: Marks) -> Dataset:
    """The data set with what was decided about single labels."""
    if not marks:
        return dataset
    if not dataset.target.says_any_number:
        count = sum(map(len, marks.values()))
        _say_left_aside(count, "it is about one of several labels, and here a photo has one class")
        return dataset
    places = {label: place for place, label in enumerate(dataset.classes)}
    gone = [label for of_labels in marks.values() for label in of_labels if label not in places]
    if gone:
        _say_left_aside(len(gone), f"it is about a label that is no longer there, such as {gone[0]!r}")
    labels = dataset.labels.copy()
    for row, name in enumerate(dataset.photos.names):
        for label, one in marks.get(name, {}).items():
            if label in places:
                labels[row, places[label]] = SAYS[one.decision]
    return replace(dataset, labels=labels)


def _say_left_aside(count: int, why: str) -> None:
    events.warn(f"{words.count(count, 'decision')} left aside: {why}.")

"""What was decided about a folder's photos, applied to the data set read from it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from whatsit import events, words
from whatsit.data.catalog import (
    GROUP_KINDS,
    LEAVE_OUT,
    RELABEL,
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
from whatsit.data.photos import Files
from whatsit.data.splitting.grouping import keep_together
from whatsit.data.splitting.groups import join_groups
from whatsit.image import Box


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
        decisions = _still_meant(dataset, catalog)
        whole = replace(dataset, groups=_groups(dataset, catalog))
        crop, detector = load_crop(catalog)
        if crop:
            whole = replace(_cut_to_faces(whole, catalog), crop=crop, detector=detector)
    return _with_decisions(whole, decisions)


def _still_meant(dataset: Dataset, catalog: Catalog) -> dict[str, Decision]:
    """The decisions about photos that are here and have not become other photos since."""
    decisions = catalog.decisions()
    places = {name: index for index, name in enumerate(dataset.photos.names)}
    here = {photo: one for photo, one in decisions.items() if photo in places}
    if len(here) < len(decisions):
        events.warn(
            f"{words.count(len(decisions) - len(here), 'decision')} left aside: the photo is no longer there. "
            "Where it was renamed, `whatsit clean` finds it again."
        )
    if not isinstance(dataset.photos, Files):
        return here
    known = catalog.fingerprints()
    changed = [
        photo
        for photo, before in known.items()
        if photo in here and _has_changed(dataset.photos, places[photo], before)
    ]
    if changed:
        aside = words.count(len(changed), "decision")
        events.warn(f"{aside} left aside: the photo was replaced since, such as {changed[0]}")
    return {photo: one for photo, one in here.items() if photo not in set(changed)}


def _has_changed(photos: Files, index: int, before: Fingerprint) -> bool:
    try:
        now = photos.path(index).stat()
        if (now.st_size, now.st_mtime_ns) == (before.bytes, before.changed_ns):
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
    if not out and not relabelled:
        return dataset
    rows = np.fromiter((row for row, name in enumerate(names) if name not in out), np.int64)
    kept = dataset.select(rows)
    left = tuple(Skipped(name, decisions[name].reason or "left out by hand") for name in names if name in out)
    labels = [
        relabelled.get(names[row], dataset.target.write(label, dataset.classes))
        for row, label in zip(rows.tolist(), kept.labels, strict=True)
    ]
    if dataset.target.says_any_number:
        of_label = {label: place for place, label in enumerate(dataset.classes)}
        again_read = np.array([dataset.target.read(label, of_label) for label in labels], np.int64)
        return replace(kept, labels=again_read.reshape(kept.labels.shape), skipped=(*kept.skipped, *left))
    again = dataset_of(dataset.name, kept.photos, labels)
    if set(again.classes) <= set(dataset.classes):  # the order that the data set's makers gave its classes
        order = tuple(label for label in dataset.classes if label in again.classes)
        places = np.array([order.index(label) for label in again.classes], np.int64)
        again = replace(again, classes=order, labels=places[again.labels])
    return replace(kept, classes=again.classes, labels=again.labels, skipped=(*kept.skipped, *left))

"""Data sets and what cleaning found in them, as tables: a row a photo, a row a finding."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from whatsit.cleaning.cleaning import Cleaned
from whatsit.data.dataset import Dataset, Skipped
from whatsit.data.handed import Handed
from whatsit.data.objects import Objects
from whatsit.data.photos import Files, Joined, Photos
from whatsit.data.target import UNKNOWN, Labels, Target
from whatsit.frames.columns import Column, Columns, flags, lists, numbers, texts, wholes


def tables_of_dataset(dataset: Dataset) -> dict[str, Callable[[], Columns]]:
    """Its photos, and the files that are none of them."""
    return {"photos": lambda: _photos(dataset), "skipped": lambda: list_skipped(dataset.skipped)}


def tables_of_cleaned(cleaned: Cleaned) -> dict[str, Callable[[], Columns]]:
    """What was found, and the photos with what became of them."""
    names = cleaned.dataset.photos.names
    return {
        "findings": lambda: _findings(cleaned),
        "photos": lambda: {**_photos(cleaned.dataset), **_decided(cleaned, names)},
        "skipped": lambda: list_skipped(cleaned.dataset.skipped),
    }


def list_labels(target: Target, labels: Labels, classes: Sequence[str], name: str) -> dict[str, Column]:
    """What is true of photos: one column `name`, and of several labels those that nobody looked for beside it."""
    if not target.says_any_number:
        return {name: texts(classes[label] for label in labels.tolist())}
    names = np.array(classes, dtype=object)
    return {
        name: lists(names[row == 1].tolist() for row in labels),
        "unknown": lists(names[row == UNKNOWN].tolist() for row in labels),
    }


def list_skipped(skipped: Sequence[Skipped]) -> Columns:
    """Files that are in no data set, and why."""
    return {"name": texts(one.name for one in skipped), "reason": texts(one.reason for one in skipped)}


def _photos(dataset: Dataset) -> dict[str, Column]:
    several = dataset.target.says_any_number
    groups = [None] * len(dataset) if dataset.groups is None else dataset.groups.tolist()
    found = {
        "name": texts(dataset.photos.names),
        "file": texts(_files(dataset.photos)),
        **list_labels(dataset.target, dataset.labels, dataset.classes, "labels" if several else "class"),
        "part": texts(part or None for part in dataset.parts.tolist()),
        "group": wholes(groups),
    }
    for name, values in dataset.columns.items():  # of the table that the photos came with, by their own names
        found[f"table({name})" if name in found else name] = texts(values)
    return found


def _files(photos: Photos) -> list[str | None]:
    """Where each photo lies, as a path or address; None where it is part of a file, or in memory."""
    if isinstance(photos, Files):
        return [f"{photos.root}/{name}" for name in photos.names]
    if isinstance(photos, Objects):
        return [f"{photos.bucket.address}/{name}" for name in photos.names]
    if isinstance(photos, Handed):
        return [str(item) if isinstance(item, Path) else None for item in photos.items]
    if isinstance(photos, Joined):
        both = [*_files(photos.first), *_files(photos.second)]
        return both if photos.rows is None else [both[row] for row in photos.rows.tolist()]
    return [None] * len(photos.names)


def _findings(cleaned: Cleaned) -> dict[str, Column]:
    found = cleaned.findings
    return {
        "photo": texts(one.photo for one in found),
        "check": texts(one.check for one in found),
        "severity": texts(one.severity for one in found),
        "value": numbers(one.value for one in found),
        "limit": numbers(one.limit for one in found),
        "reason": texts(one.reason for one in found),
        "detail": texts(json.dumps(dict(one.detail), ensure_ascii=False) for one in found),
        **_decided(cleaned, [one.photo for one in found]),
    }


def _decided(cleaned: Cleaned, names: Sequence[Any]) -> dict[str, Column]:
    """Whether training leaves a photo out, and whether it waits for somebody to decide."""
    return {
        "left_out": flags(name in cleaned.left_out for name in names),
        "waiting": flags(name in cleaned.waiting for name in names),
    }

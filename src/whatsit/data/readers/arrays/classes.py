"""What an array says of each photo: one class, or several labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit import words
from whatsit.data.readers.arrays.members import refuse, spell
from whatsit.data.readers.labels import write_labels
from whatsit.data.readers.tables.columns import NO_LABEL
from whatsit.data.target import UNKNOWN
from whatsit.errors import UserError

SAVE = "np.savez(path, images=…, labels=…, classes=…)"


def name_classes(
    path: Path, name: str, labels: NDArray[Any], count: int, class_names: Sequence[str] | None
) -> list[str]:
    """The class of each of `count` photos: numbers from 0, names, or rows with a single 1."""
    called = spell(name)
    if len(labels) != count if labels.ndim else True:
        raise UserError(
            f"{called!r} in {str(path)!r} has {words.count(labels.size, 'label')} for {words.photos(count)}.",
            hint=f"Save both: {SAVE}",
        )
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 2 and labels.dtype.kind in "biuf" and _is_one_hot(labels):
        labels = labels.argmax(axis=1)
    if labels.ndim == 1 and labels.dtype.kind in "US":
        named = [to_text(label) for label in labels]
        _refuse_no_name(path, called, named)
        return named
    if labels.ndim == 1 and labels.dtype.kind == "f" and (labels == np.rint(labels)).all():
        labels = labels.astype(np.int64)
    if labels.ndim != 1 or labels.dtype.kind not in "biu":
        raise refuse(
            path,
            name,
            f"({labels.dtype}, shape {labels.shape}) does not give each photo one class",
            hint="A label is a number from 0, a name, or a row with a single 1 (several: --labels several).",
        )
    if class_names is None:
        _refuse_negative(path, name, labels)
        return [str(int(label)) for label in labels]
    if labels.min(initial=0) < 0 or labels.max(initial=0) >= len(class_names):
        raise refuse(
            path,
            name,
            f"has labels from {labels.min()} to {labels.max()}, and there are {len(class_names)} class names",
            hint="Labels count from 0.",
        )
    return [class_names[int(label)] for label in labels]


def name_labels(
    path: Path, name: str, labels: NDArray[Any], count: int, class_names: Sequence[str] | None
) -> list[str]:
    """The labels of each photo as one text (see labels.py), from a row of 1s, 0s and -1s."""
    if labels.ndim != 2 or len(labels) != count or not np.isin(labels, (0, 1, UNKNOWN)).all():
        raise refuse(
            path,
            name,
            f"({labels.dtype}, shape {labels.shape}) is no row of 1s and 0s for each of {count:,} photos",
            hint="Several labels are a column each: 1 it is there, 0 it is not, -1 nobody looked.",
        )
    named = class_names or [str(place) for place in range(labels.shape[1])]
    if len(named) != labels.shape[1]:
        raise refuse(
            path, name, f"has {labels.shape[1]} columns, and there are {len(named)} class names", hint="Name each."
        )
    return [
        write_labels(
            f"row {row} of {str(path)!r}",
            (one for one, is_there in zip(named, values, strict=True) if is_there == 1),
            (one for one, is_there in zip(named, values, strict=True) if is_there == UNKNOWN),
        )
        for row, values in enumerate(labels, 1)
    ]


def _refuse_no_name(path: Path, called: str, labels: Sequence[str]) -> None:
    for row, label in enumerate(labels):
        if label in NO_LABEL or not label.strip():
            raise UserError(
                f"Photo {row} in {str(path)!r} has the class {label!r} in {called!r}, which means none.",
                hint="Leave the photo out, or give it its class.",
            )


def _refuse_negative(path: Path, name: str, labels: NDArray[Any]) -> None:
    """-1 is how photos without a class are marked, but for -1 and 1, which are two classes."""
    if labels.size and labels.min() < 0 and set(np.unique(labels).tolist()) != {-1, 1}:
        raise refuse(
            path,
            name,
            f"has the label {int(labels.min())} for photo {int(labels.argmin())}, which is how a missing class is "
            "marked",
            hint="Leave those photos out: keep = labels >= 0; photos[keep], labels[keep].",
        )


def _is_one_hot(labels: NDArray[Any]) -> bool:
    return bool(((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all())


def check_used(path: Path, class_names: Sequence[str] | None, used: Sequence[str]) -> None:
    """Raises UserError where a named class has no photo."""
    unused = sorted(set(class_names or ()) - set(used))
    if unused:
        raise UserError(
            f"The class {unused[0]!r} of {str(path)!r} has no photos.",
            hint="Add photos of it, or remove its name.",
        )


def to_text(name: Any) -> str:
    """A name that may be bytes."""
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)

"""Piles: folders of photos without classes, and what people have named of them since.

Names are decisions in the folder's catalog, so a pile that was named in part is a data set of that part.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np

from whatsit import words
from whatsit.data.catalog import HAS, LEAVE_OUT, RELABEL, SAYS, Decision, has_catalog, open_catalog
from whatsit.data.dataset import Dataset, Skipped, check_names, dataset_of, sort_names
from whatsit.data.listing.walk import walk
from whatsit.data.objects import photos_in
from whatsit.data.photos import Photos
from whatsit.data.target import SEVERAL, UNKNOWN
from whatsit.errors import UserError
from whatsit.files import readable

UNNAMED = "nobody has said yet what it shows"
NONE_OF_THESE = "none of the classes"  # the reason of a photo that a person says is of no class


class Unlabelled(UserError):
    """A folder of photos without classes."""


def hint_naming(path: str | Path) -> str:
    """What to do with photos that have no classes."""
    folder = words.typed(path)
    return (
        f"Name a few on a page, a model suggests the rest: whatsit review {folder}. Or put the photos of each "
        "class into a folder of its own; or let a model sort copies of them: "
        f"whatsit predict RUN {folder} --sort OUT"
    )


def read_pile(path: Path) -> Dataset:
    """All photos below a folder, whatever folders they are in, as one class without a name."""
    entries = list(walk(path))
    names = [entry.name for entry in entries if not entry.reason]
    skipped = tuple(Skipped(readable(entry.name), entry.reason) for entry in entries if entry.reason)
    labels, parts = np.zeros(len(names), np.int64), np.zeros(len(names), "<U5")
    return Dataset(
        readable(path.resolve().name), ("",), photos_in(path, names), labels, parts, root=path, skipped=skipped
    )


def read_named(path: Path) -> Dataset | None:
    """The photos of a pile that people have named, with those names; None where nobody has named any.

    The others stand in `skipped`. Raises UserError where there is one class only, or two are nearly the same.
    """
    if not has_catalog(path):
        return None
    with open_catalog(path) as catalog:
        decisions, marks = catalog.decisions(), catalog.label_decisions()
    pile = read_pile(path)
    here = set(pile.photos.names)
    classes = {name: one.label for name, one in decisions.items() if one.decision == RELABEL and name in here}
    if classes:
        if len(said := set(classes.values())) == 1:
            raise UserError(
                f"The photos of {pile.name!r} that were named are all {said.pop()!r}: nothing to tell apart.",
                hint=f"Name some of another class as well: {words.typed('whatsit', 'review', path)}",
            )
        kept, skipped = _part(pile, classes.keys(), decisions)
        return dataset_of(pile.name, kept, [classes[name] for name in kept.names], root=path, skipped=skipped)
    marks = {name: of_labels for name, of_labels in marks.items() if name in here}
    return _read_several(pile, marks, decisions) if marks else None


def _read_several(
    pile: Dataset, marks: Mapping[str, Mapping[str, Decision]], decisions: Mapping[str, Decision]
) -> Dataset:
    """The photos of a pile of which people said some labels, as several labels a photo."""
    found = {label for of_labels in marks.values() for label, one in of_labels.items() if one.decision == HAS}
    labels = sort_names(found)
    if not labels:
        raise UserError(
            f"No photo in {pile.name!r} was given a label.", hint="Say what more of them show: whatsit review."
        )
    check_names(pile.name, labels)
    places = {label: place for place, label in enumerate(labels)}
    kept, skipped = _part(pile, marks.keys(), decisions)
    known = np.full((len(kept.names), len(labels)), UNKNOWN, np.int64)
    for row, name in enumerate(kept.names):
        for label, one in marks[name].items():
            if label in places:
                known[row, places[label]] = SAYS[one.decision]
    parts = np.zeros(len(known), "<U5")
    return Dataset(pile.name, labels, kept, known, parts, root=pile.root, skipped=skipped, target=SEVERAL)


def _part(
    pile: Dataset, named: Collection[str], decisions: Mapping[str, Decision]
) -> tuple[Photos, tuple[Skipped, ...]]:
    """The photos that were named, and why each of the others is left out."""
    names = list(pile.photos.names)
    kept = np.array([row for row, name in enumerate(names) if name in named], np.int64)
    others = (Skipped(name, _why(decisions.get(name))) for name in names if name not in named)
    return pile.photos.select(kept), (*pile.skipped, *others)


def _why(one: Decision | None) -> str:
    return one.reason or "left out by hand" if one is not None and one.decision == LEAVE_OUT else UNNAMED

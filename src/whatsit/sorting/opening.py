"""A folder of photos without classes as an open pile: of one class a photo, or of several labels."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from whatsit.data.catalog import RELABEL, has_catalog, is_here, open_catalog
from whatsit.data.readers.labels import ONE, SEVERAL_ALWAYS
from whatsit.data.readers.piles import read_pile
from whatsit.errors import UserError
from whatsit.sorting.features import look_at_all, open_network
from whatsit.sorting.label_pile import LabelPile
from whatsit.sorting.learning.directions import find_directions
from whatsit.sorting.pile import Pile


@contextlib.contextmanager
def open_pile(folder: Path, seed: int = 0, labels: str | None = None) -> Iterator[Pile]:
    """The pile of a folder: all photos below it, looked at once by the default network.

    labels: ONE class a photo or SEVERAL_ALWAYS; None: as it was begun, and one class where it was not

    Raises UserError where there are no photos that can be read, or it was begun the other way.
    """
    kind = choose_kind(folder, labels)
    dataset, features = look_at_all(read_pile(folder), open_network())
    values = find_directions(features).shorten(features)
    with open_catalog(folder) as catalog:
        yield kind(dataset, values, catalog, seed)


def choose_kind(folder: Path, labels: str | None) -> type[Pile]:
    """What a pile is, by what was said of its photos. Raises UserError where it is asked for otherwise."""
    begun = _how_begun(folder)
    if begun and labels not in (None, begun):
        what = "one class each" if begun == ONE else "several labels"
        raise UserError(
            f"Photos of this pile were given {what}, and --labels {labels} asks for the other.",
            hint="Leave --labels out to go on; or undo on the page what was said.",
        )
    return LabelPile if (labels or begun) == SEVERAL_ALWAYS else Pile


def _how_begun(folder: Path) -> str | None:
    if not has_catalog(folder):
        return None
    with open_catalog(folder) as catalog:
        if any(one.decision == RELABEL for photo, one in catalog.decisions().items() if is_here(photo)):
            return ONE
        return SEVERAL_ALWAYS if any(map(is_here, catalog.label_decisions())) else None

"""What a survey saw, written to the catalog: the photos as they are now, and which belong together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from whatsit.cleaning.check import Survey
from whatsit.data.catalog import Catalog, Fingerprint, KnownPhoto


def remember_photos(catalog: Catalog, survey: Survey) -> int:
    """Write down the photos as they are now; carry the decisions about renamed ones over, and count those."""
    known = catalog.fingerprints()
    digests = [row.tobytes().hex() for row in np.ascontiguousarray(survey.column("sha256"))]
    sizes, changed = survey.column("bytes").tolist(), survey.column("changed_ns").tolist()
    widths, heights = survey.column("width").tolist(), survey.column("height").tolist()
    formats = survey.column("format")
    fresh = [
        row for row, name in enumerate(survey.names) if known.get(name) != (digests[row], sizes[row], changed[row])
    ]
    gone = known.keys() - set(survey.names)
    moved = _find_moves(known, gone, {digests[row]: survey.names[row] for row in fresh})
    catalog.put_photos(
        KnownPhoto(
            survey.names[row],
            digests[row],
            sizes[row],
            widths[row],
            heights[row],
            formats[row].decode(),
            changed[row],
        )
        for row in fresh
    )
    catalog.carry_decisions(moved)
    catalog.drop_photos(gone)
    return len(moved)


def _find_moves(known: Mapping[str, Fingerprint], gone: Iterable[str], fresh: Mapping[str, str]) -> dict[str, str]:
    """Old name → new name of photos whose content has turned up elsewhere."""
    return {path: fresh[known[path].sha256] for path in gone if known[path].sha256 in fresh}


def remember_groups(catalog: Catalog, names: Sequence[str], kind: str, numbers: NDArray[np.int64]) -> int:
    """Write down which photos share a number with another; how many groups they are."""
    shared = np.bincount(numbers, minlength=len(numbers))[numbers] > 1
    catalog.put_groups(kind, {names[row]: int(numbers[row]) for row in np.flatnonzero(shared).tolist()})
    return len(np.unique(numbers[shared]))

"""What a survey saw, written to the catalog: the photos as they are now, and which belong together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from whatsit.cleaning.check import Survey
from whatsit.data.catalog import Catalog, KnownPhoto

_BLOCK = 8192  # photos whose facts are in memory at once


def remember_photos(catalog: Catalog, survey: Survey) -> int:
    """Write down the photos as they are now; carry the decisions about renamed ones over, and count those."""
    digests, sizes, changed = (survey.column(name) for name in ("sha256", "bytes", "changed_ns"))
    rows = {name: row for row, name in enumerate(survey.names)}
    is_known = np.zeros(len(survey), bool)
    gone: dict[str, str] = {}
    for path, known in catalog.each_fingerprint():
        if (row := rows.get(path)) is None:
            gone[path] = known.sha256
        else:
            is_known[row] = known == (digests[row].tobytes().hex(), sizes[row], changed[row])
    fresh = np.flatnonzero(~is_known)
    moved = _find_moves(gone, {digests[row].tobytes().hex(): survey.names[row] for row in fresh if gone})
    catalog.put_photos(_known_photos(survey, fresh))
    catalog.carry_decisions(moved)
    catalog.drop_photos(gone)
    return len(moved)


def _known_photos(survey: Survey, rows: NDArray[np.int64]) -> Iterator[KnownPhoto]:
    """Some photos as the catalog has them, one after the other."""
    names = ("sha256", "bytes", "width", "height", "format", "changed_ns")
    for start in range(0, len(rows), _BLOCK):
        some = rows[start : start + _BLOCK]
        columns = (survey.column(name, some) for name in names)
        for row, digest, length, width, height, kind, changed in zip(some.tolist(), *columns, strict=True):
            shape = int(width), int(height)
            digits = digest.tobytes().hex()
            yield KnownPhoto(survey.names[row], digits, int(length), *shape, kind.decode(), int(changed))


def _find_moves(gone: Mapping[str, str], fresh: Mapping[str, str]) -> dict[str, str]:
    """Old name → new name of photos whose content has turned up elsewhere.

    gone: digests by name; fresh: names by digest
    """
    return {path: fresh[digest] for path, digest in gone.items() if digest in fresh}


def remember_groups(catalog: Catalog, names: Sequence[str], kind: str, numbers: NDArray[np.int64]) -> int:
    """Write down which photos share a number with another; how many groups they are."""
    shared = np.bincount(numbers, minlength=len(numbers))[numbers] > 1
    catalog.put_groups(kind, {names[row]: int(numbers[row]) for row in np.flatnonzero(shared).tolist()})
    return len(np.unique(numbers[shared]))

"""What was found in photos, as columns, and what of it waits for a decision."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from whatsit.data.catalog import BROKEN, LEAVE_OUT, RELABEL, Catalog, Finding
from whatsit.data.waiting import Repeats, is_answered
from whatsit.model.suspects import SUSPECT
from whatsit.reviewing.held import Held

Rows = NDArray[np.int32]
_SURE = {"certain": 0, "likely": 1, "hint": 2}


class Found:
    """The photos in which each check found something, by their rows, the surest first.

    Of findings that doubt single labels the whole is kept, for they wait until each of these labels is decided
    about; of others the catalog has reasons and details.
    """

    def __init__(
        self,
        catalog: Catalog,
        rows: Mapping[str, int],
        said_of: Callable[[int], str],
        has_labels: bool,
        suspects: Sequence[Finding],
    ):
        """
        said_of:    the class or labels of a row, as the data set has them
        has_labels: whether photos have several labels each
        suspects:   findings of a run, in the place of what the catalog says of labels
        """
        self.photos = _read(catalog, rows, suspects)
        self._repeats = Repeats(catalog, rows, said_of)
        doubting = list(suspects)
        if has_labels:
            said = catalog.findings_with_labels()
            doubting += [one for one in said if one.photo in rows and not (suspects and one.check == SUSPECT)]
        self._doubting: dict[str, dict[int, Finding]] = {}
        for one in doubting:
            self._doubting.setdefault(one.check, {})[rows[one.photo]] = one
        self._answered: dict[str, set[int]] = {check: set() for check in self._doubting}

    def whole(self, check: str, row: int) -> Finding | None:
        """A finding that is kept whole."""
        return self._doubting.get(check, {}).get(row)

    def look_again(self, rows: Iterable[int], marks: Mapping[int, Mapping[str, object]]) -> None:
        """Labels of some photos were decided about, or no longer: `marks` is row → label → what was decided."""
        for row in rows:
            for check, doubting in self._doubting.items():
                if (one := doubting.get(row)) is None:
                    continue
                if is_answered(one, False, marks.get(row, {})):
                    self._answered[check].add(row)
                else:
                    self._answered[check].discard(row)

    def waits(self, check: str, held: Held) -> NDArray[np.bool_]:
        """(n,) whether a photo of this check waits for somebody to decide about it."""
        photos = self.photos[check]
        if check == BROKEN:
            return np.zeros(len(photos), bool)
        waiting = ~held.is_decided[photos]
        if answered := self._answered.get(check):
            waiting &= ~np.isin(photos, np.fromiter(answered, np.int32, len(answered)))
        if waiting.any():
            out, moved = held.rows_with(LEAVE_OUT), held.rows_with(RELABEL)
            waiting &= ~np.isin(photos, self._repeats.settled(check, out, moved, held.label))
        return np.asarray(waiting)


def _read(catalog: Catalog, rows: Mapping[str, int], suspects: Sequence[Finding]) -> dict[str, Rows]:
    by_name = sorted(suspects, key=lambda one: one.photo)
    of_run = ((one.photo, one.check, one.severity, one.value, one.limit) for one in by_name)
    known = (one for one in catalog.each_finding() if not (suspects and one[1] == SUSPECT))
    columns: dict[str, tuple[array[int], array[int], array[float]]] = {}
    for photo, check, severity, value, limit in itertools.chain(of_run, known):
        if (row := rows.get(photo)) is None:
            continue
        photos, sure, beyond = columns.setdefault(check, (array("i"), array("b"), array("d")))
        photos.append(row)
        sure.append(_SURE.get(severity, 3))
        beyond.append(abs(value - limit) if value is not None and limit is not None else 0.0)
    return {
        check: np.array(photos, np.int32)[np.lexsort((-np.array(beyond), np.array(sure)))]  # by name where equal
        for check, (photos, sure, beyond) in columns.items()
    }

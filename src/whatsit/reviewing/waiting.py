"""What was found and waits for a decision, kept up to date by what each decision changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from whatsit.data.catalog import Finding


class Waiting:
    """The photos of each check that nobody has decided about."""

    def __init__(
        self,
        found: Mapping[str, Sequence[Finding]],
        row_of: Callable[[Finding], int],
        is_answered: Callable[[Finding], bool],
    ) -> None:
        """found: what was found, by check; row_of: the row of a finding's photo"""
        self._is_answered = is_answered
        self._found: dict[str, dict[int, list[Finding]]] = {}
        for check, findings in found.items():
            by_row = self._found[check] = {}
            for one in findings:
                by_row.setdefault(row_of(one), []).append(one)
        self.rows = {
            check: {row for row in found if self._waits(check, row)} for check, found in self._found.items()
        }

    def look_again(self, rows: Iterable[int]) -> None:
        """Decisions about some photos changed."""
        for row in rows:
            for check, found in self._found.items():
                if row not in found:
                    continue
                if self._waits(check, row):
                    self.rows[check].add(row)
                else:
                    self.rows[check].discard(row)

    def _waits(self, check: str, row: int) -> bool:
        return any(not self._is_answered(one) for one in self._found[check][row])

"""What checks found in photos."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from whatsit.data.catalog.database import as_json, put
from whatsit.data.catalog.facts import FOUND, Facts
from whatsit.records import decode_json

TABLES = """
CREATE TABLE findings (
    photo TEXT NOT NULL, check_name TEXT NOT NULL, severity TEXT NOT NULL, value REAL, limit_value REAL,
    reason TEXT NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (photo, check_name)
) WITHOUT ROWID;
CREATE INDEX findings_by_check ON findings (check_name);
"""
BROKEN = "broken"  # the check that finds what cannot be read: no training sees it, whatever is decided about it


@dataclass(frozen=True)
class Finding:
    """What a check says of a photo: the measured value beside its limit, and the reason as a clause.

    severity: "certain" excludes by itself, "likely" and "hint" wait for a person
    """

    photo: str
    check: str
    severity: str
    value: float | None
    limit: float | None
    reason: str
    detail: Mapping[str, Any] = field(default_factory=dict)


class Findings(Facts):
    """What was found, one finding a check and photo."""

    def found_state(self) -> int:
        """Changes whenever any program writes down what was found in photos, or which faces they show."""
        return self.counted(FOUND)

    def put_findings(self, checks: Collection[str], findings: Iterable[Finding]) -> None:
        """Replace all that these checks had found."""
        with self.together():
            self.write_many("DELETE FROM findings WHERE check_name = ?", ((check,) for check in checks))
            self.write_many(_PUT, map(_row_of, findings))
            self.count_up(FOUND)

    def add_finding(self, finding: Finding) -> None:
        """Write one finding down, in the place of what the same check had found in the same photo."""
        with self.together():
            self.write(_PUT, *_row_of(finding))
            self.count_up(FOUND)

    def findings(self, check: str | None = None) -> list[Finding]:
        """What was found, by one check or by all, in the order of photos."""
        if check is None:
            rows = self.rows("SELECT * FROM findings ORDER BY photo, check_name")
        else:
            rows = self.rows("SELECT * FROM findings WHERE check_name = ? ORDER BY photo", check)
        return [_finding_of(row) for row in rows]

    def each_finding(self) -> Iterator[tuple[str, str, str, float | None, float | None]]:
        """(photo, check, severity, value, limit) of all that was found, in the order of photos: what queues of a
        million are ordered by. Reasons and details are asked for of the photos that are shown."""
        yield from self.rows(
            "SELECT photo, check_name, severity, value, limit_value FROM findings ORDER BY photo, check_name"
        )

    def findings_with_labels(self) -> list[Finding]:
        """What was found that doubts single labels of photos."""
        rows = self.rows("SELECT * FROM findings WHERE detail LIKE ? ORDER BY photo, check_name", '%"labels": {%')
        return [_finding_of(row) for row in rows]

    def findings_of(self, photos: Sequence[str]) -> list[Finding]:
        """What was found in some photos, in the order of checks within each."""
        rows = self.rows_among("SELECT * FROM findings WHERE photo IN ({keys}) ORDER BY photo, check_name", photos)
        return [_finding_of(row) for row in rows]


_PUT = put("findings", ("photo", "check_name"), ("severity", "value", "limit_value", "reason", "detail"))


def _row_of(one: Finding) -> tuple[Any, ...]:
    return one.photo, one.check, one.severity, one.value, one.limit, one.reason, as_json(one.detail)


def _finding_of(row: tuple[Any, ...]) -> Finding:
    photo, check, severity, value, limit, reason, detail = row
    return Finding(photo, check, severity, value, limit, reason, decode_json(detail))

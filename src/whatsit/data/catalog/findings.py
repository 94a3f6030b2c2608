"""What checks found in photos."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from whatsit.data.catalog.database import Database, as_json, put
from whatsit.records import decode_json

TABLES = """
CREATE TABLE findings (
    photo TEXT NOT NULL, check_name TEXT NOT NULL, severity TEXT NOT NULL, value REAL, limit_value REAL,
    reason TEXT NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (photo, check_name)
) WITHOUT ROWID;
CREATE INDEX findings_by_check ON findings (check_name);
"""


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


class Findings(Database):
    """What was found, one finding a check and photo."""

    def put_findings(self, checks: Collection[str], findings: Iterable[Finding]) -> None:
        """Replace all that these checks had found."""
        with self.together():
            self.write_many("DELETE FROM findings WHERE check_name = ?", ((check,) for check in checks))
            self.write_many(_PUT, map(_row_of, findings))

    def add_finding(self, finding: Finding) -> None:
        """Write one finding down, in the place of what the same check had found in the same photo."""
        self.write(_PUT, *_row_of(finding))

    def findings(self, check: str | None = None) -> list[Finding]:
        """What was found, by one check or by all, in the order of photos."""
        if check is None:
            rows = self.rows("SELECT * FROM findings ORDER BY photo, check_name")
        else:
            rows = self.rows("SELECT * FROM findings WHERE check_name = ? ORDER BY photo", check)
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

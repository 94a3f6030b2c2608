"""What checks found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatsit.data.catalog import Finding, open_catalog

pytestmark = pytest.mark.usefixtures("each_database")

TEXT = st.text(st.characters(codec="utf-8"))


@settings(max_examples=30, deadline=None)
@given(TEXT, TEXT, st.floats(allow_nan=False), st.dictionaries(TEXT, TEXT | st.integers(0, 9)))
def test_any_finding_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, photo: str, reason: str, value: float, detail: dict[str, str]
) -> None:
    if "WHATSIT_CATALOG" in os.environ:  # PostgreSQL has no place for a NUL
        photo, reason = photo.replace("\0", "\u2400"), reason.replace("\0", "\u2400")
    finding = Finding(photo, "blurred", "hint", value, None, reason, detail)
    with open_catalog(tmp_path_factory.mktemp("data")) as known:
        known.put_findings(["blurred"], [finding])
        assert known.findings() == [finding]


def test_a_check_that_runs_again_replaces_only_its_own_findings(tmp_path: Path) -> None:
    dark, blurred = (Finding("cat/a.jpg", check, "hint", 1.0, 2.0, "why") for check in ("dark", "blurred"))
    with open_catalog(tmp_path) as known:
        known.put_findings(["dark", "blurred"], [dark, blurred])
        known.put_findings(["dark"], [])
        assert known.findings() == [blurred]
        assert known.findings("dark") == []


def test_what_was_found_in_one_photo_comes_in_the_order_of_checks(tmp_path: Path) -> None:
    found = [Finding("a", check, "hint", None, None, check) for check in ("dark", "blurred", "tiny")]
    with open_catalog(tmp_path) as catalog:
        catalog.put_findings([], [*found, Finding("b", "dark", "hint", None, None, "")])
        assert [one.check for one in catalog.findings_of(["a"])] == ["blurred", "dark", "tiny"]
        assert [one.photo for one in catalog.findings_of(["b", "a", "none"])] == ["a", "a", "a", "b"]
        assert len(catalog.findings_of([f"{number}" for number in range(2_000)] + ["a"])) == 3
        assert catalog.findings_of([]) == []
        assert [one.photo for one in catalog.findings("dark")] == ["a", "b"]

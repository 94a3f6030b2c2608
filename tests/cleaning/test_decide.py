"""What cleaning decides by itself: what is certain, unless somebody said otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from whatsit.cleaning.check import CERTAIN, HINT, LIKELY
from whatsit.cleaning.decide import BY_CLEAN, decide, undo, withdraw
from whatsit.data.catalog import Catalog, Decision, Finding, open_catalog
from whatsit.errors import UserError

BROKEN = Finding("a.jpg", "broken", CERTAIN, None, None, "not a picture")
NEAR = Finding("b.jpg", "near-duplicate", LIKELY, 1, 8, "nearly c.jpg")
DARK = Finding("a.jpg", "dark", HINT, 1, 2, "dark")

OPEN = {(one.photo, one.check) for one in (BROKEN, NEAR, DARK)}


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with open_catalog(tmp_path) as catalog:
        yield catalog


def test_only_what_is_certain_or_accepted_is_decided(catalog: Catalog) -> None:
    assert decide(catalog, [DARK, BROKEN, NEAR], [], OPEN) == (1, [])
    assert decide(catalog, [DARK, BROKEN, NEAR], ["near-duplicate"], OPEN) == (1, [])
    found = {photo: (one.decision, one.check, one.by) for photo, one in catalog.decisions().items()}
    assert found == {
        "a.jpg": ("leave-out", "broken", BY_CLEAN),
        "b.jpg": ("leave-out", "near-duplicate", BY_CLEAN),
    }


def test_a_photo_with_two_findings_is_decided_once_by_the_first(catalog: Catalog) -> None:
    assert decide(catalog, [DARK, BROKEN], ["dark"], OPEN) == (1, [])
    assert catalog.decisions()["a.jpg"].reason == "dark: dark"


def test_what_was_undone_is_decided_again_only_where_it_is_accepted(catalog: Catalog) -> None:
    decide(catalog, [BROKEN], [], OPEN)
    assert undo(catalog) == ["a.jpg"]
    assert decide(catalog, [DARK, BROKEN], [], OPEN) == (0, [BROKEN])
    assert decide(catalog, [DARK, BROKEN], ["dark"], OPEN) == (1, [])  # so that nothing is spared
    assert undo(catalog) == ["a.jpg"]
    assert decide(catalog, [BROKEN], ["broken"], OPEN) == (1, [])


def test_a_persons_decision_holds(catalog: Catalog) -> None:
    catalog.decide(Decision("a.jpg", "keep", by="review"))
    assert decide(catalog, [BROKEN], ["broken"], OPEN) == (0, [])


def test_a_decision_goes_when_its_finding_does_and_a_persons_stays(catalog: Catalog) -> None:
    decide(catalog, [BROKEN, NEAR], ["near-duplicate"], OPEN)
    catalog.decide(Decision("c.jpg", "leave-out", by="review", check="broken"))
    assert withdraw(catalog, [NEAR, DARK]) == 1
    assert catalog.decisions().keys() == {"b.jpg", "c.jpg"}
    assert decide(catalog, [BROKEN], [], OPEN) == (1, [])  # it was taken back, not undone


def test_undo_with_nothing_to_undo_says_so(catalog: Catalog) -> None:
    with pytest.raises(UserError, match="nothing to undo"):
        undo(catalog)

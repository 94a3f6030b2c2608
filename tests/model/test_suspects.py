"""Labels that models which had not seen the photo deny."""

from __future__ import annotations

import numpy as np
import pytest

from whatsit.model.suspects import find_suspects

pytest.importorskip("cleanlab", reason="suspect labels need the extra 'clean'")


def told_well(labels: np.ndarray, classes: int = 3) -> np.ndarray:
    """Probabilities that are right for `labels`, some surer than others."""
    sure = np.linspace(0.9, 0.99, len(labels))
    out = np.repeat((1 - sure)[:, None] / (classes - 1), classes, axis=1)
    out[np.arange(len(labels)), labels] = sure
    return out


def test_labels_that_were_changed_are_found_the_surest_first() -> None:
    true = np.arange(120) % 3
    given = true.copy()
    given[[70, 90, 110]] = (given[[70, 90, 110]] + 1) % 3
    found = find_suspects(given, told_well(true))
    assert [suspect.place for suspect in found] == [110, 90, 70]
    assert [suspect.other for suspect in found] == true[[110, 90, 70]].tolist()
    assert all(suspect.own < 0.2 < 0.7 < suspect.as_other for suspect in found)


def test_labels_that_agree_are_left_alone() -> None:
    true = np.arange(120) % 3
    assert find_suspects(true, told_well(true)) == []

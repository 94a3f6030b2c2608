"""What a page is told of a pile: what was taken back counts nothing, and what measures is shown nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sorting.piles import CLASSES, a_pile
from whatsit.sorting.answers import UNANSWERED
from whatsit.sorting.learning.layout import lay_out
from whatsit.sorting.page.telling import list_places, tell_state


def test_an_accuracy_goes_with_the_photos_that_it_was_measured_by(tmp_path: Path) -> None:
    with a_pile(tmp_path) as (pile, truth):
        for row in pile.drawn[:12].tolist():
            pile.name([row], CLASSES[truth[row]], measures=True)
            tell_state(pile)
        first = tell_state(pile)["verdict"]["accuracy"]
        assert first["n"] >= 10
        for _ in range(4):
            pile.undo()
        assert tell_state(pile)["verdict"]["accuracy"] is None  # eight are too few
        for row in pile.drawn[8:12].tolist():
            pile.name([row], CLASSES[truth[row]], measures=True)
        again = tell_state(pile)["verdict"]["accuracy"]
        assert again is None or again["n"] <= 12


def test_photos_that_measure_have_no_suggestion_on_the_map_and_cannot_be_ringed(tmp_path: Path) -> None:
    with a_pile(tmp_path) as (pile, truth):
        others = np.setdiff1d(np.arange(len(truth)), pile.drawn)
        for kind in (0, 1):
            pile.name(others[truth[others] == kind][:10].tolist(), CLASSES[kind])
        places = list_places(pile, lay_out(pile.values))
        kinds, is_open = np.array(places["kinds"]), np.array(places["open"], bool)
        assert set(kinds[pile.drawn].tolist()) == {UNANSWERED}
        assert not is_open[pile.drawn].any()
        assert (kinds[is_open] >= 1000).all()
        assert sorted(set(kinds[~is_open].tolist())) == [UNANSWERED, 0, 1]

from __future__ import annotations

from whatsit import events
from whatsit.cli.terminal.tally import Tally


def test_candidates_are_counted_by_class_source_and_state() -> None:
    tally = Tally()
    with events.listening(tally):
        events.begin_class("kite", 10)
        for state in ("kept", "kept", "bad"):
            events.candidate("kite", "openverse", state)
        events.candidate("kite", "commons", "kept")
        events.note("not counted")
    assert tally.goals == {"kite": 10}
    assert tally.states == {
        ("kite", "openverse"): {"kept": 2, "bad": 1},
        ("kite", "commons"): {"kept": 1},
    }

"""What a running collection has so far, by class and source: what the live table of `collect` shows."""

from __future__ import annotations

from collections import Counter, defaultdict

from whatsit import events


class Tally:
    """A listener that counts candidates by (class, source) and state; the screen reads it meanwhile."""

    def __init__(self) -> None:
        self.states: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self.goals: dict[str, int | None] = {}

    def __call__(self, event: events.Event) -> None:
        """Count one event."""
        match event:
            case events.Class(name, goal):
                self.goals[name] = goal
            case events.CandidateSettled(class_name, source, state):
                self.states[class_name, source][state] += 1

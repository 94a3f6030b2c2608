"""What a running collection has so far, by class and source; what the live table shows."""

from __future__ import annotations

from collections import Counter, defaultdict

from whatsit.data.catalog import Candidate


class Tally:
    """Counts of candidates by (class, source) and state; read by the screen while the collection writes."""

    def __init__(self) -> None:
        self.states: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self.goals: dict[str, int | None] = {}

    def want(self, class_name: str, goal: int | None) -> None:
        """A class begins."""
        self.goals[class_name] = goal

    def count(self, candidate: Candidate, state: str) -> None:
        """A candidate has come to its end."""
        self.states[candidate.class_name, candidate.source][state] += 1

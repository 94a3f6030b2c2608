"""`info`: what a data set holds, and what cleaning and reviewing made of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from whatsit import events
from whatsit.data.dataset import Dataset
from whatsit.data.decisions import apply_decisions
from whatsit.data.inspecting.changes import Changes, find_changes
from whatsit.data.inspecting.info import Info, look
from whatsit.data.readers import read
from whatsit.data.readers.folders import Unlabelled, read_pile
from whatsit.records import as_json
from whatsit.words import brief


@dataclass(frozen=True)
class Seen:
    """A data set that was looked at.

    dataset: what training would see of it; found: what it holds; changes: what became of its photos, None where
    nobody has cleaned it
    """

    dataset: Dataset
    found: Info
    changes: Changes | None

    __repr__ = brief

    def as_dict(self) -> dict[str, Any]:
        """What `--json` prints of it."""
        return self.found.as_dict() | {"cleaned": as_json(self.changes) if self.changes else None}


def see(data: str | Path | Dataset, data_dir: Path | None = None, labels: str | None = None) -> Seen:
    """Look at every photo of a data set, or of a pile without classes. Raises UserError if none can be read."""
    with events.working("Looking at the data set"):
        try:
            whole = data if isinstance(data, Dataset) else read(data, data_dir, labels)
        except Unlabelled:
            pile = read_pile(Path(str(data)))
            return Seen(pile, replace(look(pile), classes=(), balance=1.0, shortcuts=()), None)
        dataset = apply_decisions(whole)
        found = look(dataset)
        return Seen(dataset, found, find_changes(whole, dataset))

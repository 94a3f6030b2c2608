"""What to do next as a file beside the report, for a page that offers to do it: RUN/next.json."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whatsit.evaluating.report.advising.evidence import Advice
from whatsit.files import read_json, write_json
from whatsit.records import Record, as_json, read_record
from whatsit.words import typed

NEXT_FILE = "next.json"
FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class NextStep(Record):
    """One thing to do, as of `evidence.Advice` and `evidence.Act`."""

    what: str
    why: str
    command: str = ""
    verb: str = ""
    choices: dict[str, Any] = field(default_factory=dict)
    label: str = ""
    photos: tuple[str, ...] = ()
    otherwise: str = ""
    otherwise_command: str = ""


@dataclass(frozen=True, kw_only=True)
class NextSteps(Record):
    """All of them, the weightiest first."""

    format: int
    steps: tuple[NextStep, ...]


def write_steps(folder: Path, steps: Sequence[Advice]) -> None:
    """Write what the report of a run says into its folder."""
    listed = tuple(
        NextStep(
            what=step.what,
            why=step.why,
            command=step.command,
            photos=step.photos,
            otherwise=step.otherwise,
            otherwise_command=step.otherwise_command,
            **vars(step.act),
        )
        for step in steps
    )
    write_json(folder / NEXT_FILE, as_json(NextSteps(format=FORMAT, steps=listed)))


def read_steps(folder: Path) -> tuple[NextStep, ...]:
    """What the report of a run says to do next; nothing of a run that an older version made.

    Raises UserError where the file is not as it was written.
    """
    file = folder / NEXT_FILE
    if not file.exists():
        return ()
    hint = f"Write the report again: {typed('whatsit', 'evaluate', folder)}"
    return read_record(NextSteps, read_json(file), str(file), hint).steps

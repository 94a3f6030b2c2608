"""What was meant by a name under which there is no run: the one rule of every command that takes a run."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from whatsit.records import decode_json
from whatsit.words import typed

RUN_FILE = "run.json"
RUNS = Path("runs")  # where runs lie that nobody sent elsewhere
LOOKED_AT = 2_000  # entries of a folder: there may be a hundred thousand photos in it
NAMED = 3  # runs in a hint
ALIKE = 0.6  # as `difflib` measures it: `shop` and `shpo` are, `demo-line` and `demo-svm` are not
UNFINISHED = "A training stopped there. Give the same `whatsit train` command again: it goes on where it was."
NO_RUNS = "Name a folder that `whatsit train` wrote."


def hint_run(asked: Path) -> str:
    """What to do where there is no run at `asked`: the runs that may have been meant, as they are to be typed;
    where a training stopped, how it goes on."""
    if _is_stopped((asked.parent if asked.suffix else asked) / RUN_FILE):
        return UNFINISHED
    runs: dict[str, Path] = {}
    for place in (asked.parent, RUNS, asked):  # the nearest first
        for run in list_runs(place):
            runs.setdefault(run.name.casefold(), run)
    if not runs:
        return NO_RUNS
    wanted = asked.parent.name if asked.suffix else asked.name  # runs/shop/model.onnx
    if close := _find_alike(wanted.casefold(), list(runs)):
        return f"Did you mean {' or '.join(typed(runs[name]) for name in close)}?"
    more = ", …" if len(runs) > NAMED else ""
    return f"There are: {', '.join(map(typed, list(runs.values())[:NAMED]))}{more}"


def _find_alike(wanted: str, names: list[str]) -> list[str]:
    """The very name; else up to two that go on from it, as `shop-transfer` from `shop`, or are nearly it."""
    if wanted in names:
        return [wanted]
    longer = [name for name in names if wanted and name.startswith(wanted)]
    return longer[:2] or difflib.get_close_matches(wanted, names, n=2, cutoff=ALIKE)


def list_runs(place: Path) -> Iterator[Path]:
    """The folders of finished runs in a folder, by name."""
    try:
        entries = sorted(islice(place.iterdir(), LOOKED_AT))
    except (OSError, ValueError):  # no folder, a closed one, or none that a name can have
        return
    yield from (entry for entry in entries if _is_finished(entry / RUN_FILE))


def _is_finished(file: Path) -> bool:
    return bool(_read_finished(file))


def _is_stopped(file: Path) -> bool:
    return _read_finished(file) == ""


def _read_finished(file: Path) -> str | None:
    """When a run was finished; empty where it is not, None where there is none, or one that is damaged."""
    try:
        return str(decode_json(file.read_bytes()).get("finished") or "")
    except (OSError, ValueError, AttributeError):
        return None

"""`whatsit compare`: runs side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from whatsit import verbs, words
from whatsit.cli.terminal import console, stopping


@stopping.leaves(stopping.NOTHING)
def compare(
    *runs: Path,
    html: Path | None = None,
    json_: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> None:
    """Put two or more finished runs side by side: figures, and whether they differ at all.

    Two runs are compared on the test photos that both were measured on. No winner is named where the interval
    of their difference holds zero.

    Example: `whatsit compare runs/basic runs/deeper --html compare.html`

    Parameters
    ----------
    runs
        The folders of finished runs.
    html
        Write a page with curves and intervals to this file.
    json_
        Print the figures as JSON.
    """
    found = verbs.compare(*runs, html=html)
    if json_:
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=2))
    else:
        columns = ("run", "recipe", "accuracy", "photos", "ECE", "training")  # as many as 80 characters hold
        console.table(columns, [_row(run) for run in found.as_dict()["runs"]])
        for line in found.sentences():
            console.show(line)
    if html is not None:
        console.note(f"Page: {html}")


def _row(run: dict[str, Any]) -> tuple[Any, ...]:
    low, high = (words.percent(end).removesuffix(" %") for end in run["interval"])
    spent = run["seconds"].get("train")
    return (
        run["name"],
        run["recipe"],
        f"{words.percent(run['accuracy'])} ({low}–{high})",
        run["n"],
        words.percent(run["ece"]),
        "" if spent is None else words.seconds(spent),
    )

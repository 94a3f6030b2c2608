"""The suspect labels of a run, as findings in the photos that it learnt from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from whatsit import events, words
from whatsit.data.catalog import Finding
from whatsit.data.dataset import Dataset
from whatsit.errors import UserError
from whatsit.model.run import open_run
from whatsit.model.suspects import Proposal, doubt_class, doubt_labels


def read_suspects(run: Path, dataset: Dataset) -> list[Finding]:
    """What RUN/suspects.csv says of the photos of a data set, the likeliest mistakes first.

    Raises UserError where the run wrote none, or they are of other photos.
    """
    opened = open_run(run)
    if not (opened.folder / "suspects.csv").exists():
        raise UserError(
            f"{str(run)!r} looked for no suspect labels.",
            hint="The recipes transfer and classical do, with the extra 'clean': pip install 'whatsit[clean]'",
        )
    rows = opened.rows("suspects")
    here, classes = set(dataset.photos.names), set(dataset.classes)
    several = dataset.target.says_any_number
    of_label = "label" if several else "looks_like"
    good = [row for row in rows if row.get("name") in here and row.get(of_label) in classes]
    if rows and not good:
        raise UserError(
            f"The suspect labels of {str(run)!r} are of other photos than {dataset.name!r} has.",
            hint="Name a run on these photos, and --labels as they were trained with.",
        )
    if len(good) < len(rows):
        events.warn(
            f"{words.count(len(rows) - len(good), 'suspect label')} left aside: of photos that are not here."
        )
    try:
        return _doubt_labels(good) if several else [_doubt_class(row) for row in good]
    except (KeyError, ValueError):
        table = str(opened.folder / "suspects.csv")
        raise UserError(
            f"{table!r} was changed: it has no numbers where they belong.", hint="Train it again."
        ) from None


def _doubt_class(row: Mapping[str, str]) -> Finding:
    shares = float(row["probability_of_class"]), float(row["probability_of_other"])
    return doubt_class(row["name"], row["class"], row["looks_like"], shares)


def _doubt_labels(rows: Iterable[Mapping[str, str]]) -> list[Finding]:
    """A finding a photo, in the order of their likeliest mistake."""
    doubts: dict[str, list[Proposal]] = {}
    for row in rows:
        found = Proposal(row["label"], row["marked"] == "yes", float(row["probability"]))
        doubts.setdefault(row["name"], []).append(found)
    return [doubt_labels(photo, found) for photo, found in doubts.items()]

"""`whatsit evaluate`: a finished run, measured again."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from whatsit import verbs, words
from whatsit.cli.terminal import console, stopping

if TYPE_CHECKING:
    from whatsit.model.facts.figures import Figures, OutlierFigures, PointFigures, SeveralFigures, ShareFigures

LISTED = 40  # classes in the table that is printed


@stopping.leaves("Stopped. The model is as it was; the same command measures it anew.")
def evaluate(
    run: Path,
    /,
    *,
    data: str | None = None,
    outliers: str | None = None,
    classes: str = "",
    pictures: Path | None = None,
    engine: str = "threads",
    json_: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> None:
    """Measure a finished run again and write its report.

    Example: `whatsit evaluate runs/animals --outliers holiday-photos`

    Parameters
    ----------
    run
        The folder of a finished run.
    data
        Other photos to measure on, of classes the run knows: a folder or another data set. They get a report of
        their own; photos the run was trained on are left out. Without it the run's own test photos are measured.
    outliers
        A folder (or data set) of photos of none of the classes: how well the model tells them apart.
    classes
        Other names for the classes of --data, where it calls them otherwise: cats=cat,dogs=dog
    pictures
        A folder for the charts as files: confusion matrix, calibration, curves, as SVG and PNG.
    engine
        What does the work: threads of this machine, or ray or ray=ADDRESS, a Ray cluster that sees the same files.
    json_
        Print the figures as JSON.
    """
    found = verbs.evaluate(run, data=data, outliers=outliers, classes=classes, pictures=pictures, engine=engine)
    if found.outliers and found.outliers.overlapping:
        from whatsit.data.listing.skipped import name_some

        names = found.outliers.overlapping
        console.warn(
            f"Left out, as this run's own data has them: {words.count(len(names), 'outlier photo')} "
            f"({name_some(names, 1)})."
        )
    if json_:
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=2))
    else:
        _print(found.figures)
    console.note(f"Report: {found.report}")
    if pictures is not None:
        console.note(f"Pictures: {words.count(len(found.pictures), 'file')} in {pictures}")


def _print(figures: Figures) -> None:
    low, high = (words.percent(end) for end in figures.interval)
    right = f"{words.percent(figures.accuracy)} of {words.photos(figures.n)} right"
    if figures.several is not None:
        console.show(f"Mean average precision {describe_mean(figures.several)}.")
        right = f"Every label said as it is: {right}"
    console.show(f"{right} (95 % interval {low} to {high}; always guessing {_guess(figures)}).")
    if figures.point is not None:
        console.show(f"{describe_point(figures.point, is_several=figures.several is not None)}.")
    columns, rows = _list_classes(figures)
    listed = choose_listed(figures)
    console.table(columns, [rows[place] for place in listed])
    if len(listed) < len(rows):
        console.show(f"Those are the {len(listed)} with the lowest F1 of {len(rows):,}; --json has all.")
    console.show(
        f"Probabilities are {words.percent(figures.ece)} off on average (ECE; up to "
        f"{words.percent(figures.ece_by_chance)} by chance)."
    )
    if figures.outliers is not None:
        _print_outliers(figures.outliers)


def choose_listed(figures: Figures) -> list[int]:
    """The places of the classes in the table, in their order: of very many those with the lowest F1."""
    f1 = [math.inf if row.f1 is None else row.f1 for row in figures.per_class]
    return sorted(sorted(range(len(f1)), key=f1.__getitem__)[:LISTED])


def _list_classes(figures: Figures) -> tuple[tuple[str, ...], list[tuple[str | int, ...]]]:
    """The table of classes, or of labels with their average precision."""
    rows: list[tuple[str | int, ...]] = [
        (row.class_, row.photos, _percent(row.recall), _percent(row.precision), _percent(row.f1))
        for row in figures.per_class
    ]
    columns = ("photos", "recall", "precision", "F1")
    if figures.several is None:
        return ("class", *columns), rows
    ranked = [_number(label.average_precision) for label in figures.several.each]
    return ("label", *columns, "AP"), [(*row, one) for row, one in zip(rows, ranked, strict=True)]


def _guess(figures: Figures) -> str:
    return f"{figures.guessing.class_}: {words.percent(figures.guessing.accuracy)}"


def describe_mean(figures: SeveralFigures) -> str:
    """The mean average precision and its interval."""
    low, high = (_number(end) for end in figures.interval)
    return f"{_number(figures.mean_average_precision)} (95 % interval {low} to {high})"


def describe_point(point: PointFigures, is_several: bool) -> str:
    """What an operating point comes to: how many photos are answered, and how many of the answers are right."""
    answered, precision = _share(point.answered), _share(point.precision)
    cost = "" if point.cost is None else f"; a photo costs {point.cost:.3g} on average"
    if is_several:
        found = _share(point.recall)
        said = f"some label said of {answered} of the photos; {precision} of the labels said are there, {found} of"
        return f"{point.wish}: {said} those there are said{cost}"
    right = f"; {precision} of the answers right" if point.precision.n else ""
    return f"{point.wish}: {answered} of the photos answered, the others “not sure”{right}{cost}"


def _share(share: ShareFigures) -> str:
    if share.accuracy is None:
        return "–"
    low, high = (words.percent(end) for end in share.interval)
    return f"{words.percent(share.accuracy)} ({low} to {high})"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _percent(share: float | None) -> str:
    return "–" if share is None else words.percent(share)


def _print_outliers(outliers: OutlierFigures) -> None:
    rejected = outliers.rejected
    low, high = (words.percent(end) for end in rejected.interval)
    console.show(
        f"Of {words.photos(outliers.n)} of none of the classes, it calls {_percent(rejected.accuracy)} "
        f"“not one of these” (95 % interval {low} to {high})."
    )
    rows = [
        (name, f"{score.auroc:.4f}", f"{score.interval[0]:.4f} to {score.interval[1]:.4f}")
        for name, score in outliers.scores.items()
    ]
    console.table(("score", "AUROC", "95 % interval"), rows)

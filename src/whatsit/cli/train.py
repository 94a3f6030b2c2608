"""`whatsit train`: data to a measured model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from whatsit import verbs, words
from whatsit.cli.evaluate import describe_mean, describe_point
from whatsit.cli.options import flags, list_typed
from whatsit.cli.terminal import console
from whatsit.data.downloading.consent import asking
from whatsit.training.options import TrainOptions
from whatsit.training.ranks import who

if TYPE_CHECKING:
    from whatsit.model.facts.figures import Figures
    from whatsit.model.run import Run

    Options = TrainOptions
else:
    Options = flags(TrainOptions)
DEFAULTS = Options()


def train(
    data: str,
    /,
    *,
    name: str | None = None,
    runs: Path = Path("runs"),
    data_dir: Path | None = None,
    from_: Annotated[Path | None, Parameter(name="--from")] = None,
    track: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    engine: str = "threads",
    yes: bool = False,
    options: Options = DEFAULTS,
) -> None:
    """Train a classifier on a data set, measure it, and write a run: model.onnx, figures, report.

    A run that was stopped goes on where it stopped when the same command is given again.

    Example: `whatsit train digits --recipe cnn --epochs 10`

    Parameters
    ----------
    data
        A folder with one folder of photos a class, a CSV, an .npz, IDX files, tar shards, an address of these
        (s3://bucket/photos), or a known name (digits, mnist, …).
    name
        The run's name; by default made from the data's name and the recipe.
    runs
        The folder that runs are written to.
    data_dir
        Where data sets with a name lie (otherwise $WHATSIT_DATA, then the cache, then a download).
    from_
        A finished run to go on from.
    track
        A logger that is told of it: mlflow:ADDRESS, tensorboard:FOLDER or wandb:PROJECT. May be repeated.
    engine
        What decodes photos, computes features and searches: threads of this machine, or ray or ray=ADDRESS, a Ray
        cluster that sees the same files. Networks are trained on this machine.
    yes
        Fetch a network that is not on this machine without asking.
    """
    typed = list_typed(options)
    with asking(lambda download: yes or not who.leads() or console.ask(download.sentence(), "Fetch it?")):
        run = verbs.train(
            data, name=name, runs=runs, from_=from_, data_dir=data_dir, track=track, engine=engine, **typed
        )
    if who.leads():
        show(run)


UNSEEN = ", each asked of a model that had not seen it,"
# By the part: what a photo of it is called, and how it was asked.
WHICH = {
    "all": ("photo", UNSEEN),
    "folds": ("training photo", UNSEEN),
    "val": ("validation photo", ""),
}


def _describe(figures: Figures) -> str:
    """How good a run is, in a sentence."""
    kind, asked = WHICH.get(figures.part, ("test photo", ""))
    which = words.count(figures.n, kind) + asked
    low, high = (words.percent(end) for end in figures.interval)
    if figures.several is not None:
        return (
            f"mean average precision {describe_mean(figures.several)} on {which}; every label right in "
            f"{words.percent(figures.accuracy)} of them."
        )
    return f"{words.percent(figures.accuracy)} of {which} right (95 % interval {low} to {high})."


def show(run: Run) -> None:
    """Print how good a finished run is on stdout, and what to do with it on stderr."""
    console.show(f"{run.name}: {_describe(run.info.figures)}")
    if (point := run.info.figures.point) is not None:
        console.show(f"{describe_point(point, is_several=run.info.figures.several is not None)}.")
    for warning in run.info.warnings:
        console.warn(warning)
    if run.info.warnings:  # all of them come of too few photos
        console.note(f"With more photos, train again: {run.info.command_for(f'{run.name}-more')}")
    console.note(
        f"Report: {run.report}\n"
        f"Ask it: {words.typed('whatsit', 'predict', run.folder, 'PHOTO')}\n"
        f"Open it: {words.typed('whatsit', 'serve', run.folder)}"
    )

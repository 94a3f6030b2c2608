"""The verbs that make and measure a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from whatsit.options import choose, list_names, takes_choices
from whatsit.verbs.common import RUNS, THREADS, as_folder, check_data, ignore, open_any, opened_to_write

if TYPE_CHECKING:
    from whatsit.choices import CollectChoices, TrainChoices
    from whatsit.collecting.options import CollectOptions
    from whatsit.data.dataset import Dataset
    from whatsit.evaluating.compare import Comparison
    from whatsit.evaluating.remeasure import Remeasured
    from whatsit.examining import Examined
    from whatsit.model.run import Run
    from whatsit.road.backbones import Backbones
    from whatsit.road.demo import Demo
    from whatsit.road.make import Made, StepResult
    from whatsit.training.options import TrainOptions
    from whatsit.verbs.common import AnyRun


def backbones(measure: str | Path | Dataset | None = None, *, data_dir: str | Path | None = None) -> Backbones:
    """The pretrained networks that are known by name: size, work, licence, and where this machine has them from.

    measure:  a data set, as for `train`: how well those that are here see a few hundred of its photos, the most
              accurate first. Nothing is fetched
    data_dir: where data sets with a name lie
    """
    from whatsit.data.dataset import Dataset
    from whatsit.road.backbones import see_backbones

    if measure is not None:
        check_data(measure, "whatsit backbones --measure DATA", (Dataset,))
    return see_backbones(measure, None if data_dir is None else Path(data_dir))


@takes_choices("whatsit.training.options:TrainOptions")
def train(
    data: str | Path | Dataset,
    options: TrainOptions | None = None,
    *,
    name: str | None = None,
    runs: str | Path = RUNS,
    from_: str | Path | None = None,
    data_dir: str | Path | None = None,
    track: str | Sequence[str] = (),
    engine: str = THREADS,
    **choices: Unpack[TrainChoices],
) -> Run:
    """Train a classifier, measure it, and give the finished run: model.onnx, figures, report.

    data:     a folder with one folder of photos a class, a CSV, an .npz, IDX files, a known name, or what
              `whatsit.read` gave
    options:  how, or its fields as keywords: `recipe="cnn", epochs=10`
    name:     of the run's folder below `runs`; by default made from the data's name and the recipe
    from_:    the folder of a finished run to go on from
    data_dir: where data sets with a name lie
    track:    loggers that are told of it: "mlflow:http://127.0.0.1:5000", "tensorboard:FOLDER", "wandb:PROJECT"
    engine:   what decodes photos, computes features and searches: "threads" of this machine, or "ray" or
              "ray=ADDRESS", a cluster; networks are trained on this machine

    A run of that name that was stopped goes on where it stopped. Where torchrun started several processes, they
    train one network together, and each is given the run.
    """
    from whatsit.data.dataset import Dataset
    from whatsit.engine import working_on
    from whatsit.records import as_json
    from whatsit.road.train import train as train_and_measure
    from whatsit.tracking import tracking
    from whatsit.training.options import TrainOptions
    from whatsit.training.ranks import who

    check_data(data, "whatsit train DATA --from RUN", (Dataset,))
    earlier, lies_in = (None if path is None else Path(path) for path in (from_, data_dir))
    wanted = choose(TrainOptions, options, choices)
    called = name or (Path(data).name if isinstance(data, str | Path) else data.name)
    loggers = list_names("track", track) if who.leads() else ()
    help_from = engine if who.leads() else THREADS  # other ranks find in the cache what a cluster has made
    with working_on(help_from), tracking(loggers, called, as_json(wanted)) as finish:
        run = train_and_measure(data, wanted, name, as_folder(runs), earlier, lies_in)
        finish(run)
    return run


def evaluate(
    run: AnyRun,
    *,
    data: str | Path | None = None,
    outliers: str | Path | None = None,
    classes: str = "",
    pictures: str | Path | None = None,
    engine: str = THREADS,
) -> Remeasured:
    """Measure a finished run again and write its report; the figures, and where the report lies.

    data:     other photos to measure on, of classes the run knows; None: its own test photos
    outliers: photos of none of the classes: how well the model tells them apart
    classes:  other names for the classes of `data`: "cats=cat,dogs=dog"
    pictures: a folder for the charts of the report as files, SVG and PNG
    engine:   what does the work: "threads" of this machine, or "ray" or "ray=ADDRESS", a cluster
    """
    from whatsit.engine import working_on
    from whatsit.evaluating.remeasure import remeasure

    for photos in (data, outliers):
        if photos is not None:
            check_data(photos, "whatsit evaluate RUN --data DATA")
    drawn = None if pictures is None else as_folder(pictures)
    with working_on(engine), opened_to_write(run) as opened:
        return remeasure(opened, data, outliers, classes, drawn)


def compare(*runs: AnyRun, html: str | Path | None = None) -> Comparison:
    """Put finished runs side by side: their figures, and whether they differ at all.

    html: a file for a page with curves and intervals
    """
    from whatsit.evaluating.compare import compare as compare_runs
    from whatsit.evaluating.report.comparison import write_comparison

    found = compare_runs([open_any(run) for run in runs])
    if html is not None:
        write_comparison(as_folder(html), found)
    return found


@takes_choices("whatsit.collecting.options:CollectOptions")
def make(
    data: str | Path,
    classes: Sequence[str],
    options: CollectOptions | None = None,
    *,
    name: str | None = None,
    runs: str | Path = RUNS,
    agree_to: Callable[[str, str], bool] | None = None,
    done: Callable[[StepResult], None] = ignore,
    **choices: Unpack[CollectChoices],
) -> Made:
    """From words to a finished run: collect photos, clean them, train, report; `serve` opens it.

    classes: as for `collect`; options: how photos are collected, or its fields as keywords
    name:    the run's; by default that of the folder
    done:    given what each step gave back, as it comes

    Each step can be stopped; the same call goes on from there.
    """
    from whatsit.collecting.options import CollectOptions
    from whatsit.road.make import MakePlan
    from whatsit.road.make import make as make_run

    check_data(data, "whatsit make DATA CLASS ...")
    plan = MakePlan(
        list_names("classes", classes), choose(CollectOptions, options, choices), name, as_folder(runs)
    )
    return make_run(as_folder(data), plan, agree_to, done)


def demo(*, runs: str | Path = RUNS, chapter: Callable[[str], None] = ignore) -> Demo:
    """Train a small network on scikit-learn's digits twice, plain and on changed photos, and compare the two.

    chapter: told what comes next
    """
    from whatsit.road.demo import walk

    return walk(as_folder(runs), chapter)


def doctor(*, prune: str | None = None) -> Examined:
    """What this machine can do: cores, instruction sets, GPU, extras, and what the caches take.

    prune: first remove what is kept of photos, not used for longest first, until this much ("5GB") is left
    """
    from whatsit.examining import examine, make_room

    return examine(make_room(prune) if prune is not None else ())

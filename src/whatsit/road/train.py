"""`train`: from data to a measured run. What `whatsit.train` does."""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from whatsit import events
from whatsit.data.changes import find_changes
from whatsit.data.corrections import add_corrections
from whatsit.data.dataset import PARTS, Dataset
from whatsit.data.decisions import apply_decisions
from whatsit.data.groups import joined
from whatsit.data.pixels import Decoded, decoded
from whatsit.data.readers import read
from whatsit.data.split import Split, split
from whatsit.engine import cores
from whatsit.errors import UserError, nearest
from whatsit.evaluating.predictions import Predictions, predicted, write_predictions
from whatsit.evaluating.report import write_report
from whatsit.files import locked, remove, write_bytes, write_csv
from whatsit.model.begin import begun, gone_if_refused
from whatsit.model.classifier import MODEL_FILE, Classifier
from whatsit.model.facts.file import Card, PartSizes, TestShare
from whatsit.model.finish import Finished, finish
from whatsit.model.run import WEIGHTS_FILE, Run, lineage, open_run, run_name
from whatsit.model.suspects import write_suspects
from whatsit.records import as_json
from whatsit.training.auto import Choice, better, chosen_recipe, rivals
from whatsit.training.options import TrainOptions
from whatsit.training.recipes import RECIPES
from whatsit.training.task import Task
from whatsit.version import __version__

RUNS = Path("runs")
VAL_SHARE, VAL_MOST = 0.15, 2_500  # enough to calibrate with; the rest is better learnt from
TEST_SHARE, TEST_MOST = 0.15, 10_000


@dataclass(frozen=True)
class Prepared:
    """A data set ready to train on: read, decoded, split."""

    dataset: Dataset
    decoded: Decoded
    split: Split


def train(
    data: str | Path | Dataset,
    options: TrainOptions | None = None,
    name: str | None = None,
    runs: Path = RUNS,
    earlier: Path | None = None,
    data_dir: Path | None = None,
) -> Run:
    """Train a classifier, measure it, and give the finished run.

    data:    a folder, file or name of a data set (see `data.readers`), or a Dataset
    name:    of the run's folder below `runs`; by default made from the data's name and the recipe
    earlier: the folder of a run to go on from
    data_dir: where data sets with a name lie

    A run of that name that was stopped goes on where it stopped. Raises UserError where a finished run has the
    name, or where it was begun with other options.
    """
    began = time.monotonic()
    options = options or TrainOptions()
    whole = data if isinstance(data, Dataset) else read(data, data_dir)
    dataset = data if isinstance(data, Dataset) else apply_decisions(whole)
    cleaned = find_changes(whole, dataset)
    if earlier is not None:
        named = open_run(earlier)
        before = replace(named, folder=named.folder.resolve())  # a link such as runs/live will soon lead elsewhere
        earlier, dataset = before.folder, add_corrections(dataset, lineage(before))
    choice = _choice(options, dataset, earlier)
    options = replace(options, recipe=choice.recipe)
    folder = runs / run_name(name or f"{dataset.name}-{options.recipe}")
    source = dataset.name if isinstance(data, Dataset) else str(data)
    info = begun(folder, source, options, TrainOptions(), earlier)
    busy = f"The run {folder.name!r} is being trained by another whatsit right now."
    with locked(folder / ".lock", busy), gone_if_refused(Run(folder, info)) as run:
        run.save()
        ready = prepared(dataset, options)
        _announce(ready)
        run.checkpoint.mkdir(exist_ok=True)
        task = _task(ready, options, run.checkpoint, began, earlier)
        trained = choice.trained or RECIPES[options.recipe].fit(task)
        trained_s = time.monotonic() - began
        how = (dataset.crop, options.seed, dataset.detector)
        made = finish(trained, ready.decoded, task.labels, ready.split, task.classes, *how)
        _describe(run, ready, trained.summary, made)
        run.info["data"]["cleaned"] = asdict(cleaned) if cleaned else None
        write_csv(folder / "history.csv", _columns(trained.history), trained.history)
        if trained.weights:
            write_bytes(folder / WEIGHTS_FILE, trained.weights)
        if trained.held_out is not None:
            write_suspects(folder, trained.held_out, task.dataset)
        _measure(run, ready, made)
        run.info["seconds"] = {"train": round(trained_s, 1), "all": round(time.monotonic() - began, 1)}
        run.info["finished"] = datetime.now(UTC).isoformat(timespec="seconds")
        run.save()
        remove(run.checkpoint)
    (folder / ".lock").unlink(missing_ok=True)
    return run


def prepared(dataset: Dataset, options: TrainOptions) -> Prepared:
    """Decode a data set for a recipe and split it."""
    size = RECIPES[options.recipe].size(dataset, options)
    good, pixels = decoded(dataset, size, options.resize)
    same = pixels.same_content()
    groups = same if good.groups is None else joined(good.groups, same)
    free = max(1, int((good.parts != "test").sum()))
    parts = split(
        good.labels,
        groups,
        good.parts,
        pixels.sha256,
        options.seed,
        _share(options.val, VAL_SHARE, VAL_MOST, free, "val"),
        _share(options.test, TEST_SHARE, TEST_MOST, free, "test"),
    )
    return Prepared(good, pixels, parts)


def _share(asked: float | None, usual: float, most: int, count: int, part: str) -> float:
    if asked is None:
        return min(usual, most / count)
    if not 0 < asked < 0.9:
        raise UserError(f"--{part} {asked} is no share of the photos.", hint="Give a number between 0 and 0.9.")
    return asked


def _choice(options: TrainOptions, dataset: Dataset, earlier: Path | None) -> Choice:
    """The recipe asked for; where none is named, one that suits, found by trying where trying is cheap."""
    if options.recipe != "auto":
        if options.recipe not in RECIPES:
            raise UserError(f"There is no recipe {options.recipe!r}.", hint=nearest(options.recipe, RECIPES))
        return Choice(options.recipe, "")
    choice = Choice(*chosen_recipe(dataset, options))
    names = rivals(choice.recipe, dataset, options)
    if len(names) > 1 and earlier is None:
        with TemporaryDirectory() as checkpoints:
            tasks = []
            for name in names:
                wanted = replace(options, recipe=name)
                tasks.append(_task(prepared(dataset, wanted), wanted, Path(checkpoints), time.monotonic()))
            choice = better(tasks)
    events.note(f"Recipe {choice.recipe}: {choice.reason}.")
    return choice


def _task(
    ready: Prepared, options: TrainOptions, checkpoint: Path, began: float, earlier: Path | None = None
) -> Task:
    dataset, decoded, parts = ready.dataset, ready.decoded, ready.split
    return Task(dataset, decoded, dataset.labels, parts, options, checkpoint, earlier, began)


def _announce(ready: Prepared) -> None:
    """Say on one screen what was found, before anything is learnt."""
    dataset, parts = ready.dataset, ready.split
    counts = dataset.counts()
    sizes = ", ".join(f"{part} {len(parts.rows(part)):,}" for part in PARTS)
    height, width = ready.decoded.size
    events.note(
        f"{dataset.name}: {len(dataset):,} photos of {len(dataset.classes)} classes "
        f"({counts.min():,} to {counts.max():,} a class), seen at {width} × {height}; {sizes}."
    )
    if dataset.skipped:
        events.warn(f"{len(dataset.skipped):,} files are left out, as these:")
        for skipped in dataset.skipped[:5]:
            events.warn(f"  {skipped.name}: {skipped.reason}")
    if len(parts.leaked):
        events.warn(f"{len(parts.leaked):,} photos of val or test are also in train, by the data set's own parts.")


def _describe(run: Run, ready: Prepared, summary: str, made: Finished) -> None:
    """Write into run.json what the run was made of."""
    dataset, parts = ready.dataset, ready.split
    counts = {
        part: np.bincount(dataset.labels[parts.rows(part)], minlength=len(dataset.classes)).tolist()
        for part in PARTS
    }
    names = dataset.photos.names
    digests = [bytes(digest).hex() for digest in ready.decoded.sha256]
    fingerprint = hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()
    described = {
        "classes": list(dataset.classes),
        "recipe": run.info["options"]["recipe"],
        "data": {
            "source": run.info["source"],
            "name": dataset.name,
            "counts": counts,
            "skipped": [asdict(skipped) for skipped in dataset.skipped],
            "origin": asdict(dataset.origin),
            "fingerprint": fingerprint,
        },
        "split": {"leaked": len(parts.leaked), "random_leaks": parts.random_leaks},
        "summary": summary,
        "warnings": list(made.warnings),
        "machine": machine(),
    }
    run.info.update(described)
    rows = [
        {
            "name": names[row],
            "class": dataset.classes[dataset.labels[row]],
            "part": parts.parts[row],
            "sha256": digests[row],
        }
        for row in range(len(dataset))
    ]
    write_csv(run.folder / "split.csv", ("name", "class", "part", "sha256"), rows)


def _measure(run: Run, ready: Prepared, made: Finished) -> None:
    """Read the test part, once; write the figures, the report and the model with its card."""
    model = Classifier(made.file(), run.name)
    val = predicted(model, ready.dataset, ready.decoded, ready.split.rows("val"))
    test = predicted(model, ready.dataset, ready.decoded, ready.split.rows("test"))
    write_predictions(run.folder / "predictions.csv", test, made.facts.classes, made.facts.thresholds)
    card = _card(run, ready, made, test)
    run.info["card"] = as_json(card)
    write_bytes(run.folder / MODEL_FILE, made.file(card))
    run.info["figures"] = write_report(run, model, ready.dataset, ready.decoded, ready.split, test, val)


def _card(run: Run, ready: Prepared, made: Finished, test: Predictions) -> Card:
    """What the model file says of itself: what it learnt from, and how good it is."""
    origin = ready.dataset.origin
    right = int((test.probabilities.argmax(1) == test.labels).sum())
    return replace(
        made.facts.card,
        name=run.name,
        trained_on=origin.title or ready.dataset.name,
        licence=origin.licence,
        note=origin.note,
        photos=PartSizes(*(len(ready.split.rows(part)) for part in PARTS)),
        test=TestShare(right=right, of=len(test), accuracy=round(right / max(1, len(test)), 4)),
        warnings=made.warnings,
        made_with=f"whatsit {__version__}",
    )


def machine() -> dict[str, Any]:
    """The machine a figure was measured on, without its name."""
    return {
        "processor": platform.machine(),
        "cores": cores(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def _columns(history: Sequence[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(column for row in history for column in row))

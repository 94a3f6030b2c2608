"""Several labels a photo: how well labels are ranked, calibrated, held and mended.

    python benchmarks/labels.py frozen TABLE… [--splits 20]
    python benchmarks/labels.py finetune TABLE…
    python benchmarks/labels.py digits [--epochs 8] [--width 64]        (WHATSIT_DATA holds mnist/)

Each TABLE has a column of labels and official parts.

frozen    a row a table, by the frozen default network: mean average precision of the test part, and photos with
          every label right; the calibration error of labels with 100 positives and more among the photos that
          calibrate, beside what chance makes of a perfect model; over other splits of all photos the share of true
          labels that `could_be` misses; of labels struck from a tenth of the training photos the share that is
          among the tenth most suspect; and the processor time of the whole command over that with one class a
          photo (the rarest label), the first time and again
finetune  a row a table: mean average precision of the test part by the frozen network and by the same trained on,
          and its gain with an interval over draws of the photos
digits    two or three handwritten digits side by side in a picture of 28 × 84, each in one of three places: which
          are there, by net fast from nothing
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from record import record

from whatsit.data.dataset import Dataset, dataset_of
from whatsit.data.photos import Arrays
from whatsit.data.readers import read
from whatsit.data.readers.labels import labelled
from whatsit.data.target import SEVERAL, UNKNOWN
from whatsit.evaluating import labels as metrics
from whatsit.evaluating.figures import compute_figures
from whatsit.evaluating.measured import measure
from whatsit.model.classifier import Classifier
from whatsit.model.finish import finish
from whatsit.model.share import CONFIDENCE
from whatsit.model.suspects import weigh_labels
from whatsit.road.preparing import prepare
from whatsit.training.options import NetOptions, TrainOptions
from whatsit.training.recipes import RECIPES
from whatsit.training.task import Task

STRUCK = 0.1  # of the training photos lose a label
LEAST = 100  # photos with a label, so that its calibration error says something
CHANCES = 50  # answers of a perfect model that are drawn
DRAWN = {"train": 20_000, "test": 5_000}  # pictures of digits
SIDE, PLACES = 28, 3  # of a digit, in pixels, and how many there is room for


def measure_frozen(table: Path, splits: int) -> None:
    """Measure a table and record it."""
    record("labels", name_of(table), measure_table(table, splits), "scikit-learn", "onnxruntime")


def name_of(table: Path) -> str:
    """What a table's row is called: its folder."""
    return table.resolve().parent.name


def measure_table(table: Path, splits: int) -> dict[str, Any]:
    """One row."""
    dataset = read(table)
    options = TrainOptions(recipe="transfer")
    ready, made, _trained = learn(dataset, options)
    model = Classifier(made.file())
    figures = compute_figures(measure(model, ready))
    assert figures.several is not None
    held = made.out_of_fold
    truth = dataset.labels[held.rows]
    probabilities = SEVERAL.link(held.logits / made.facts.temperature)
    perfect = (np.random.default_rng(0).random((CHANCES, *truth.shape)) < probabilities).astype(np.int64)
    often = (truth == 1).sum(axis=0) >= LEAST
    return {
        "photos": len(dataset),
        "labels": len(dataset.classes),
        "mean_average_precision": figures.several.mean_average_precision,
        "interval": figures.several.interval,
        "every_label_right": figures.accuracy,
        "calibration_error_a_label": round(
            float(metrics.calibration_errors(truth, probabilities)[often].mean()), 4
        ),
        "by_chance": round(metrics.calibration_error_by_chance(probabilities[:, often]), 4),
        "by_chance_on_average": round(
            float(np.mean([metrics.calibration_errors(one, probabilities)[often].mean() for one in perfect])), 4
        ),
        "in_tenths": round(float(errors_of_tenths(truth, probabilities)[often].mean()), 4),
        "in_tenths_by_chance_on_average": round(
            float(np.mean([errors_of_tenths(one, probabilities)[often].mean() for one in perfect])), 4
        ),
        "log_loss_a_label": round(metrics.log_loss(truth, probabilities), 4),
        "labels_with_100": int(often.sum()),
        "missed_by_could_be": missed_over_splits(dataset, options, splits),
        "struck_found": find_struck(dataset, options),
        "time_over_one_class": time_over_one_class(table, dataset),
    }


def time_over_one_class(table: Path, dataset: Dataset) -> dict[str, float]:
    """The processor time of `whatsit train` on the table over that on the same photos with one class each: of the
    first training, and of one again, whose features are known."""
    spent: dict[str, dict[str, float]] = {"first": {}, "again": {}}
    with tempfile.TemporaryDirectory() as folder:
        for kind, one in (("several", dataset), ("one", name_rarest(dataset))):
            place = Path(folder) / kind
            place.mkdir()
            for entry in table.resolve().parent.iterdir():
                if entry.is_dir():
                    (place / entry.name).symlink_to(entry)
            if kind == "several":
                shutil.copy(table, place / "photos.csv")
            else:
                names = [one.classes[label] for label in one.labels]
                with (place / "photos.csv").open("w", newline="") as file:
                    rows = csv.writer(file)
                    rows.writerow(("path", "class", "part"))
                    rows.writerows(zip(one.photos.names, names, one.parts.tolist(), strict=True))
            for turn in spent:
                spent[turn][kind] = time_command(place, turn)
    return {turn: round(seconds["several"] / seconds["one"], 2) for turn, seconds in spent.items()}


def time_command(place: Path, turn: str) -> float:
    """Processor seconds of a training there as a process of its own, with a cache of its own."""
    command = [sys.executable, "-m", "whatsit", "train", "photos.csv", "--recipe", "transfer", "--name", turn]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | {"WHATSIT_CACHE": str(place / "cache")}
    subprocess.run(command, cwd=place, check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def learn(dataset: Dataset, options: TrainOptions) -> tuple[Any, Any, Any]:
    """Photos made ready, the finished model, and what the recipe gave."""
    ready = prepare(dataset, options)
    with tempfile.TemporaryDirectory() as folder:
        trained = RECIPES[options.recipe].fit(Task(ready, options, Path(folder)))
    return ready, finish(trained, ready), trained


def errors_of_tenths(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(classes,) how far what is claimed of a label lies from what is true, in tenths of the photos by what is
    claimed of them: most probabilities are small, so bins of equal width leave many to few photos, and to chance.
    """
    order = np.argsort(probabilities, axis=0, kind="stable")
    known = np.take_along_axis(labels, order, 0) != UNKNOWN
    gaps = np.take_along_axis(probabilities - (labels == 1), order, 0) * known
    return np.abs([some.sum(axis=0) for some in np.array_split(gaps, 10)]).sum(axis=0) / known.sum(axis=0)


def name_rarest(dataset: Dataset) -> Dataset:
    """The same photos with one class each: their rarest label."""
    names = [*dataset.classes, "none"]
    one = dataset_of(dataset.name, dataset.photos, [names[row] for row in dataset.strata], dataset.parts.tolist())
    return replace(one, root=dataset.root)


def missed_over_splits(dataset: Dataset, options: TrainOptions, splits: int) -> dict[str, float]:
    """The share of a photo's true labels that `could_be` misses, on average, and its spread over splits."""
    free = replace(dataset, parts=np.full(len(dataset), "", dataset.parts.dtype))
    missed = []
    for seed in range(splits):
        ready, made, _trained = learn(free, replace(options, seed=seed, test=0.25))
        test = measure(Classifier(made.file()), ready).test
        some = (test.labels == 1).any(axis=1)
        is_out = (test.labels == 1) & ~test.could_be(made.facts.thresholds)
        missed.append(float((is_out.sum(axis=1)[some] / (test.labels[some] == 1).sum(axis=1)).mean()))
    return {"mean": round(float(np.mean(missed)), 4), "spread": round(float(np.std(missed)), 4), "splits": splits}


def find_struck(dataset: Dataset, options: TrainOptions, seed: int = 0) -> float:
    """Of labels struck from a tenth of the training photos, the share among the tenth of these photos that is most
    suspect: by the largest probability of a label that they are not marked with, their other labels weighed in."""
    random = np.random.default_rng(seed)
    train = np.flatnonzero((dataset.parts == "train") & (dataset.labels == 1).any(axis=1))
    struck = random.permutation(train)[: round(STRUCK * len(train))]
    labels = dataset.labels.copy()
    for row in struck:
        labels[row, random.choice(np.flatnonzero(labels[row] == 1))] = 0
    _ready, made, _trained = learn(replace(dataset, labels=labels), options)
    held = made.out_of_fold
    shares = SEVERAL.link(held.logits / made.facts.temperature)
    weighed = weigh_labels(labels[held.rows], shares)
    missing = np.where(labels[held.rows] == 0, weighed, 0.0).max(axis=1)
    most = held.rows[np.argsort(-missing)[: len(struck)]]
    return round(float(np.isin(struck, most).mean()), 3)


def measure_finetune(table: Path) -> None:
    """Measure the frozen network and the one that is trained on, and record both."""
    dataset = read(table)
    measured = {}
    for recipe in ("transfer", "finetune"):
        began = time.monotonic()
        ready, made, trained = learn(dataset, TrainOptions(recipe=recipe))
        measured[recipe] = (measure(Classifier(made.file()), ready), trained, time.monotonic() - began)
    figures = {}
    for recipe, (seen, trained, seconds) in measured.items():
        found = compute_figures(seen)
        assert found.several is not None
        figures[recipe] = {
            "mean_average_precision": found.several.mean_average_precision,
            "interval": found.several.interval,
            "every_label_right": found.accuracy,
            "seconds": round(seconds),
            "kept": trained.card.kept,
        }
    before, after = (measured[recipe][0].test for recipe in ("transfer", "finetune"))
    gain = metrics.compare_mean_precision(before.labels, after.probabilities, before.probabilities, CONFIDENCE)
    figures["gain"] = dict(zip(("low", "value", "high"), (round(each, 4) for each in gain), strict=True))
    record("labels", f"finetune-{name_of(table)}", figures, "scikit-learn", "onnxruntime", "torch")


def measure_digits(epochs: int | None, width: int | None) -> None:
    """Train on drawn pictures of digits, and record how many of them have all their digits named."""
    options = TrainOptions(recipe="cnn", net=NetOptions(net="fast", epochs=epochs, width=width))
    began = time.monotonic()
    ready, made, trained = learn(draw_digits(), options)
    seconds = time.monotonic() - began
    figures = compute_figures(measure(Classifier(made.file()), ready))
    assert figures.several is not None
    content = {
        "pictures": DRAWN,
        "size": [SIDE, SIDE * PLACES],
        "every_digit_right": figures.accuracy,
        "interval": figures.interval,
        "mean_average_precision": figures.several.mean_average_precision,
        "epochs": len(trained.history),
        "width": width,
        "parameters": trained.card.parameters,
        "precision": trained.card.precision,
        "seconds": round(seconds),
    }
    record("labels", "digits", content, "torch", "onnxruntime")


def draw_digits(seed: int = 0) -> Dataset:
    """Pictures of two or three digits, those of a part from MNIST's digits of that part."""
    digits = read(Path(os.environ["WHATSIT_DATA"]) / "mnist")
    random = np.random.default_rng(seed)
    pictures = np.zeros((sum(DRAWN.values()), SIDE, SIDE * PLACES), np.uint8)
    texts, parts = [], [part for part, count in DRAWN.items() for _ in range(count)]
    rows_of = {part: np.flatnonzero(digits.parts == part) for part in DRAWN}
    for picture, part in zip(pictures, parts, strict=True):
        count = random.integers(2, PLACES + 1)
        rows = random.choice(rows_of[part], count)
        for place, row in zip(random.permutation(PLACES), rows, strict=False):
            picture[:, place * SIDE : (place + 1) * SIDE] = digits.photos.read(int(row))
        texts.append(";".join(sorted({digits.classes[digits.labels[row]] for row in rows})))
    names = [f"{part}/{number}" for number, part in enumerate(parts)]
    photos = Arrays(pictures, names, f"digits drawn with seed {seed}, {len(pictures)}")
    return labelled("digits", photos, texts, parts, mirrored=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("row", choices=("frozen", "finetune", "digits"))
    parser.add_argument("tables", type=Path, nargs="*")
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--width", type=int)
    given = parser.parse_args()
    if given.row == "digits":
        measure_digits(given.epochs, given.width)
    for each in given.tables:
        measure_finetune(each) if given.row == "finetune" else measure_frozen(each, given.splits)

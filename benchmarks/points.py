"""Operating points: whether what `--prefer` promises holds on photos of a test part, and how many are answered.

    python benchmarks/points.py SET... [--splits 20] [--photos 2000]

SET is a folder of classes or a table of labels. Over so many splits of at most so many photos, half of them for
testing: what is promised of the precision and recall of answers (or of each label) is measured on the test part.

kept:       splits in which the test part's share was no less than was wished; of several labels, labels and splits
surely_not: those in which it was so much less that chance alone would make it so in one test part of twenty
share, worst: the mean and the least of the test parts' shares
answered:   the mean share of photos that are answered; of several labels of the labels there that are said
unfound:    splits (and labels) for which nothing could be promised
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from record import record

from whatsit.data.dataset import Dataset
from whatsit.data.readers import read
from whatsit.data.target import AnswerCounts, Wish
from whatsit.data.target.promise import CONFIDENCE, binomial_tail
from whatsit.evaluating.measured import measure
from whatsit.evaluating.predictions import Predictions
from whatsit.model.classifier import Classifier
from whatsit.model.facts.file import ModelFacts
from whatsit.model.finish import finish
from whatsit.road.preparing import prepare
from whatsit.training.options import TrainOptions
from whatsit.training.recipes import RECIPES
from whatsit.training.task import Task

WISHES = (Wish("precision", 0.9), Wish("precision", 0.95), Wish("precision", 0.99), Wish("recall", 0.95))


def main(places: Sequence[Path], splits: int, photos: int) -> None:
    """Measure each set and record it."""
    for place in places:
        name = place.resolve().parent.name if place.is_file() else place.resolve().name
        record("points", name, measure_set(read(place), splits, photos), "scikit-learn", "onnxruntime")


def measure_set(whole: Dataset, splits: int, photos: int) -> dict[str, Any]:
    """One row a wish."""
    some = np.sort(np.random.default_rng(0).permutation(len(whole))[:photos])
    dataset = whole.select(some)
    free = replace(dataset, parts=np.full(len(dataset), "", dataset.parts.dtype))
    rows: dict[str, list[tuple[bool, AnswerCounts]]] = {str(wish): [] for wish in WISHES}
    set_on = 0
    for seed in range(splits):
        options = TrainOptions(recipe="transfer", seed=seed, test=0.5)
        ready = prepare(free, options)
        with tempfile.TemporaryDirectory() as folder:
            trained = RECIPES["transfer"].fit(Task(ready, options, Path(folder)))
        for wish in WISHES:
            made = finish(trained, ready, seed, wish)
            test = measure(Classifier(made.file()), ready).test
            point = made.facts.thresholds.point
            assert point is not None
            found = (one.is_found for one in point.counts)
            rows[str(wish)] += zip(found, count(test, made.facts), strict=True)
            set_on = made.facts.thresholds.measured_on
    is_several = dataset.target.says_any_number
    figures = {str(wish): describe(wish, rows[str(wish)], is_several) for wish in WISHES}
    return {"classes": len(dataset.classes), "set_on": set_on, "tested_on": len(test), "splits": splits, **figures}


def count(test: Predictions, facts: ModelFacts) -> tuple[AnswerCounts, ...]:
    """What the operating point comes to on the test part."""
    return test.target.count_answers(test.chosen, test.labels, test.sure, test.known(facts.thresholds))


def describe(wish: Wish, rows: Sequence[tuple[bool, AnswerCounts]], is_several: bool) -> dict[str, Any]:
    """How often a wish was kept, and at which cost."""
    assert wish.least is not None
    pairs = [
        (one.right, one.answered if wish.measure == "precision" else one.there)
        for found, one in rows
        if found and one.answered
    ]
    shares = [right / of for right, of in pairs]
    surely_not = sum(binomial_tail(right, of, wish.least) < 1 - CONFIDENCE for right, of in pairs)
    answered = [one.right / max(1, one.there) if is_several else one.answered / one.photos for _found, one in rows]
    return {
        "kept": sum(share >= wish.least for share in shares),
        "of": len(shares),
        "surely_not": surely_not,
        "share": round(float(np.mean(shares)), 4) if shares else None,
        "worst": round(min(shares), 4) if shares else None,
        "answered": round(float(np.mean(answered)), 4),
        "unfound": sum(not found for found, _one in rows),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("places", type=Path, nargs="+")
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--photos", type=int, default=2000)
    given = parser.parse_args()
    main(given.places, given.splits, given.photos)

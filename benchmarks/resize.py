"""Crop, pad or squish: what each keeps of photos, by the features of a frozen network and a head on them.

    python benchmarks/resize.py DATA        as in: python benchmarks/resize.py cats-vs-dogs

The same folds for every policy, four times five; a photo's score is how often it was right while held out. The
differences from the default come with a 95 % interval, by drawing photos anew (bootstrap).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from record import record
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from whatsit.data.pixels import decode_photos
from whatsit.data.readers import read
from whatsit.image import RESIZES, Resize
from whatsit.model.graph.cut import cut_to_features
from whatsit.model.graph.features import features_of
from whatsit.training.backbones.convert import find_wanted, make_graph
from whatsit.training.options import TrainOptions

SIDE = 224
REPEATS = 4
STRENGTH = 0.003  # of the head's fit to its photos; about what cross-validation chooses


def main(data: str) -> None:
    """Score every policy on one data set and record it."""
    scores: dict[str, NDArray[np.float64]] = {policy: _scores(data, policy) for policy in RESIZES}
    default = scores[TrainOptions().resize]
    photos = len(default)
    draws = np.random.default_rng(0).integers(0, photos, (2_000, photos))
    differences = {
        policy: [
            round(float(value), 4) for value in np.quantile((own - default)[draws].mean(axis=1), [0.025, 0.975])
        ]
        for policy, own in scores.items()
    }
    figures = {
        "photos": photos,
        "accuracy": {policy: round(float(own.mean()), 4) for policy, own in scores.items()},
        "difference_from_default_between": differences,
    }
    record("resize", Path(data).name, figures, "pillow", "onnxruntime", "scikit-learn")


def _scores(data: str, policy: Resize) -> NDArray[np.float64]:
    """(n,) how often each photo was right while it was held out."""
    dataset, pixels = decode_photos(read(data), (SIDE, SIDE), policy)
    graph = cut_to_features(make_graph(find_wanted(TrainOptions().transfer), (SIDE, SIDE)))
    features = features_of(graph, pixels.take, np.arange(len(pixels)))
    right = np.zeros(len(pixels))
    for repeat in range(REPEATS):
        for train, held in StratifiedKFold(5, shuffle=True, random_state=repeat).split(features, dataset.labels):
            head = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=500))
            head.fit(features[train], dataset.labels[train])
            right[held] += head.predict(features[held]) == dataset.labels[held]
    return right / REPEATS


if __name__ == "__main__":
    main(sys.argv[1])

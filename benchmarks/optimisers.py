"""Whether each optimiser of net simple learns as it comes, without a learning rate that is given.

    python benchmarks/optimisers.py SET [--optimisers adam sgd] [--seeds 0 1 2] [--photos 200] [--test 4000]

SET is a data set with a test part. From so many photos of each class, and on so many of the test part's: the per
cent that are right, a figure a seed.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence

import numpy as np
from record import record

import whatsit
from whatsit.data.dataset import Dataset
from whatsit.data.readers import read
from whatsit.training.loop.optimise import OPTIMISERS


def main(place: str, optimisers: Sequence[str], seeds: Sequence[int], photos: int, test: int) -> None:
    """Measure each optimiser and record it."""
    dataset = draw(read(place), photos, test)
    figures = {}
    for optimiser in optimisers:
        with tempfile.TemporaryDirectory() as runs:
            found = [
                whatsit.train(
                    dataset, recipe="cnn", net="simple", optimiser=optimiser, seed=seed, name=str(seed), runs=runs
                )
                for seed in seeds
            ]
            figures[optimiser] = [round(100 * run.info.figures.accuracy, 2) for run in found]
    record("optimisers", dataset.name, figures, "torch")


def draw(whole: Dataset, photos: int, test: int) -> Dataset:
    """So many training photos of each class, drawn, and the first of the test part."""
    random, is_test = np.random.default_rng(0), whole.parts == "test"
    trained = [
        random.permutation(np.flatnonzero(whole.having(label) & ~is_test))[:photos]
        for label in range(len(whole.classes))
    ]
    return whole.select(np.sort(np.concatenate([*trained, np.flatnonzero(is_test)[:test]])))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("place", metavar="SET")
    parser.add_argument("--optimisers", nargs="+", default=list(OPTIMISERS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--test", type=int, default=4_000)
    main(**vars(parser.parse_args()))

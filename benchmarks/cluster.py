"""What work past one machine costs: a Ray cluster beside threads, a store beside a disk; photos a second.

    python benchmarks/cluster.py features [--photos 16000] [--repeats 3] [--engine ray]
    python benchmarks/cluster.py looks    [--photos 16000] …
    python benchmarks/cluster.py store    [--photos 4000] …      (see stored.py)

`features`: from files to pixels of 64 × 64 and through a small network, into the two stores that `train` keeps;
`looks`: all measures of `clean`. Photos are drawn, 160 × 120 pixels, in class folders. Both engines take turns in
one process, each time with an empty cache, after a few hundred photos that are not timed, in which the cluster's
processes begin. What they leave in the stores is compared byte by byte. `--engine ray` begins a cluster of this
machine's cores where none runs; the ratio is that of each pair of turns, and the median of these counts. Processor
seconds, those of the cluster's own processes among them where it begins here, change little with what else runs on
the machine; their ratio says the same where all cores are busy.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import stored
from quiet import clocks, foreign_cores
from record import record

from whatsit.cleaning.looks import RECORD, look_at_all
from whatsit.data.dataset import Dataset
from whatsit.data.pixels import decode_photos
from whatsit.data.readers import read
from whatsit.engine import Workers, working_on
from whatsit.files import cache_dir, remove
from whatsit.image import encode_jpeg
from whatsit.model.graph.features import features_of
from whatsit.model.graph.write import FEATURES, Graph

SIDE = 64  # pixels, of the photos that the network sees
FILTERS = 32
WARM = 400  # photos that are not timed


def main(row: str, photos: int, repeats: int, engine: str, work: Path | None) -> None:
    """Measure one row and record it."""
    folder = Path(tempfile.mkdtemp(prefix="cluster-", dir=work))
    os.environ["WHATSIT_CACHE"] = str(folder / "cache")
    try:
        draw_photos(folder / "photos", photos)
        dataset = read(folder / "photos")
        with working_on(engine) as cluster, working_on("threads") as threads:
            turns = [take_turn(ROWS[row], dataset, threads, cluster) for _ in range(repeats)]
    finally:
        shutil.rmtree(folder)
    figures = {
        "photos": photos,
        "threads_per_s": [turn["threads"] for turn in turns],
        "cluster_per_s": [turn["cluster"] for turn in turns],
        "ratios": [round(turn["cluster"] / turn["threads"], 3) for turn in turns],
        "threads_processor_s": [turn["threads_processor_s"] for turn in turns],
        "cluster_processor_s": [turn["cluster_processor_s"] for turn in turns],
        "ratio_by_processor_s": round(
            statistics.median(turn["threads_processor_s"] / turn["cluster_processor_s"] for turn in turns), 3
        ),
        "ratio": round(statistics.median(turn["cluster"] / turn["threads"] for turn in turns), 3),
        "foreign_cores": [turn["foreign"] for turn in turns],
        "same_bytes": all(turn["same"] for turn in turns),
    }
    record("cluster", row, figures, "ray", "numpy", "onnxruntime")


def take_turn(
    measure: Callable[[Dataset], bytes], dataset: Dataset, threads: Workers, cluster: Workers
) -> dict[str, Any]:
    """Photos a second by threads and by the cluster, the processor seconds that each took, whether both gave the
    same, and how many cores others kept busy."""
    before = clocks()
    turn: dict[str, Any] = {}
    found = []
    for name, workers in (("threads", threads), ("cluster", cluster)):
        with working_on(workers):
            remove(cache_dir())
            measure(dataset.select(np.arange(WARM)))
            remove(cache_dir())
            began, _, used = clocks()
            found.append(measure(dataset))
            ended, _, used_then = clocks()
            turn[name] = round(len(dataset) / (ended - began), 1)
            turn[f"{name}_processor_s"] = round(used_then - used, 2)
    turn |= {"same": found[0] == found[1], "foreign": foreign_cores(before)}
    print(turn, flush=True)
    return turn


def compute_features(dataset: Dataset) -> bytes:
    """The features of all photos, from their files."""
    good, pixels = decode_photos(dataset, (SIDE, SIDE))
    return features_of(small_network(), pixels.take, np.arange(len(good))).tobytes()


def measure_looks(dataset: Dataset) -> bytes:
    """All that the checks of `clean` measure, from the files."""
    survey = look_at_all(dataset)
    return np.array(survey.records[survey.rows])[list(RECORD.names or ())].tobytes()


ROWS: dict[str, Callable[[Dataset], bytes]] = {"features": compute_features, "looks": measure_looks}


def small_network(seed: int = 0) -> bytes:
    """A graph of two convolutions, some three million multiply-adds a photo."""
    random = np.random.default_rng(seed)
    graph = Graph("small.")
    photos = graph.add("Cast", graph.add("Transpose", "pixels", perm=[0, 3, 1, 2]), to=1)
    value = graph.add("Div", photos, 255)
    for before, after in ((3, FILTERS // 2), (FILTERS // 2, FILTERS)):
        kernel = random.normal(0, 1 / np.sqrt(9 * before), (after, before, 3, 3)).astype(np.float32)
        value = graph.add("Relu", graph.add("Conv", value, kernel, strides=[2, 2], pads=[1, 1, 1, 1]))
    graph.add("ReduceMean", value, np.array([2, 3], np.int64), output=FEATURES, keepdims=0)
    return graph.model((SIDE, SIDE), {FEATURES: [FILTERS]}).SerializeToString()


def draw_photos(folder: Path, photos: int, seed: int = 0) -> None:
    """Photos of coarse coloured noise, in ten classes."""
    random = np.random.default_rng(seed)
    for number in range(photos):
        place = folder / f"class {number % 10}" / f"{number:06}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        coarse = random.integers(0, 256, (6, 8, 3), np.uint8)
        place.write_bytes(encode_jpeg(np.repeat(np.repeat(coarse, 20, 0), 20, 1), 90))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("row", choices=[*ROWS, "store"])
    parser.add_argument("--photos", type=int, default=16_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--engine", default="ray")
    parser.add_argument("--work", type=Path, help="a folder on a disk with room")
    given = parser.parse_args()
    if given.row == "store":
        stored.main(given.photos, given.repeats, given.work)
    else:
        main(given.row, given.photos, given.repeats, given.engine, given.work)

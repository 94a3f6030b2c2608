"""What each verb costs as photos and classes grow: processor seconds, peak memory, bytes written, and exponents.

    python benchmarks/growth.py photos  [--sizes 2000 8000 32000] [--verbs info clean …]   two classes
    python benchmarks/growth.py classes [--sizes 2 1000 5000] [--photos 32000] [--verbs …]
    python benchmarks/growth.py labels  [--sizes 20 200 1842] [--photos 3000]   of which a photo has several
    python benchmarks/growth.py copies  [--sizes 1000 2000 4000]   near-identical ones, and as many exact copies
    python benchmarks/growth.py hashes  [--sizes 100000 1000000]   near duplicates among random hashes
    python benchmarks/growth.py neighbours --data FOLDER … [--sizes 20000 100000]   near features

Photos are drawn, 32 × 32 pixels. Every verb runs in a process of its own, in the order of VERBS, and the files it
writes stand in one temporary folder (`--work`), which is bounded to 5 GB and removed at the end. Seconds are those
of the processor, so that another program beside it changes little; memory is RssAnon, what is not mapped from
files. An exponent of 1 is a straight line: between two sizes, log(cost ratio) / log(size ratio), with the cost of
starting the program taken off.
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from record import Highest, record

from whatsit.cleaning.features import Features, features_at
from whatsit.cleaning.hashes import find_close_pairs
from whatsit.cleaning.nearest import find_nearest
from whatsit.data.pixels import decode_photos
from whatsit.data.readers import read
from whatsit.files import folder_bytes
from whatsit.image import encode_jpeg
from whatsit.model.backbones.default import load_default_graph
from whatsit.model.graph.cut import cut_to_features
from whatsit.model.graph.features import table_of

SIDE = 32
MOST_BYTES = 5_000_000_000
BYTES_A_PHOTO = 40_000  # of a drawn photo on disk, its pixels, looks and tables: more than was ever seen
TRAIN = ["--recipe", "cnn", "--size", str(SIDE), "--epochs", "1", "--width", "8", "--no-mirrored", "--seed", "0"]
VERBS: dict[str, list[str]] = {  # DATA, RUN and OUT stand for places
    "info": ["info", "DATA"],
    "info again": ["info", "DATA"],
    "clean": ["clean", "DATA"],
    "clean again": ["clean", "DATA"],
    "pack": ["pack", "DATA", "--into", "OUT/pack", "--size", str(SIDE)],
    "train": ["train", "DATA", "--name", "grown", "--runs", "OUT/runs", *TRAIN],
    "evaluate": ["evaluate", "RUN"],
    "predict": ["predict", "RUN", "DATA", "--to", "OUT/answers.csv"],
}
TRANSFER = ["train", "DATA", "--recipe", "transfer", "--runs", "OUT/runs", "--seed", "0", "--name"]
OF_LABELS: dict[str, list[str]] = {  # the same where photos have several labels
    "info": ["info", "DATA"],
    "train": [*TRANSFER, "grown"],
    "train again": [*TRANSFER, "again"],  # with the photos' features kept
    "evaluate": ["evaluate", "RUN"],
    "predict": ["predict", "RUN", "OUT/data", "--to", "OUT/answers.csv"],
}
LABELS_A_PHOTO = 6  # on average, the frequent ones far more often than the rare ones
WRITTEN = (
    "model.onnx",
    "run.json",
    "predictions.csv",
    "probabilities.npy",
    "confusion.csv",
    "classes.csv",
    "report.html",
)
PLANTED, BITS = 1000, 6  # pairs of hashes, and how far apart
ASKED = 1000  # features whose nearest are looked for among all
OF_PHOTOS = ("classes", "labels")  # whose sizes are not those of photos
NO_PHOTOS = ("hashes", "neighbours")
Row = dict[str, Any]


def measure_verbs(photos: int, classes: int, verbs: Sequence[str], work: Path) -> dict[str, Row]:
    """The costs of each verb on so many photos of so many classes."""
    data = work / "data"
    draw_photos(data, photos, classes)
    return measure_on(data, verbs, work)


def measure_on(data: Path, verbs: Sequence[str], work: Path) -> dict[str, Row]:
    """The costs of each verb on a folder, or on a table of labels."""
    places = {"DATA": str(data), "RUN": str(work / "runs" / "grown"), "OUT": str(work)}
    place = re.compile("|".join(places))
    rows = {"start": run_apart(["info", "--help"], work)}
    for verb in verbs:
        words = (OF_LABELS if data.suffix else VERBS)[verb]
        command = [place.sub(lambda found: places[found[0]], word) for word in words]
        rows[verb] = run_apart(command, work)
        print(f"{data.name} {verb}: {rows[verb]}", flush=True)
    run, answers = work / "runs" / "grown", work / "answers.csv"
    sizes = {name: (run / name).stat().st_size for name in WRITTEN if (run / name).exists()}
    sizes |= {answers.name: answers.stat().st_size} if answers.exists() else {}
    return rows | ({"bytes": sizes} if sizes else {})


def run_apart(command: Sequence[str], work: Path) -> Row:
    """Run a command of whatsit; its processor seconds and its highest RssAnon in megabytes."""
    environment = {**os.environ, "WHATSIT_CACHE": str(work / "cache")}
    process = subprocess.Popen(
        [sys.executable, "-m", "whatsit", *command],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    highest, status = 0, Path(f"/proc/{process.pid}/status")
    while True:
        ended, code, used = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        found = re.search(r"RssAnon:\s+(\d+)", status.read_text())
        highest = max(highest, int(found[1]) if found else 0)
        time.sleep(0.02)
    process.returncode = os.waitstatus_to_exitcode(code)
    if process.returncode:
        assert process.stderr is not None
        raise SystemExit(f"whatsit {' '.join(command)} failed:\n{process.stderr.read()}")
    return {"seconds": round(used.ru_utime + used.ru_stime, 2), "memory_mb": round(highest / 1000)}


def draw_photos(folder: Path, photos: int, classes: int, seed: int = 0) -> None:
    """Photos of coarse coloured noise, evenly in class folders, each class of a tint of its own."""
    random = np.random.default_rng(seed)
    tints = random.integers(0, 128, (classes, 3))
    for label in range(classes):
        (folder / f"class {label:05}").mkdir(parents=True)
    for number in range(photos):
        label = number % classes
        coarse = random.integers(0, 128, (8, 8, 3)) + tints[label]
        _write(folder / f"class {label:05}" / f"{number:07}.jpg", coarse)


def draw_labelled(folder: Path, photos: int, labels: int, seed: int = 0) -> Path:
    """Photos of several labels, each label in three or more, as blocks of its tint; the table that says so."""
    random = np.random.default_rng(seed)
    (folder / "photos").mkdir(parents=True)
    tints, weights = random.integers(0, 256, (labels, 3)), 1 / np.arange(1, labels + 1)
    counts = np.minimum(1 + random.poisson(LABELS_A_PHOTO - 1, photos), labels)
    has = [set(random.choice(labels, count, False, weights / weights.sum()).tolist()) for count in counts]
    for number in range(3 * labels):
        has[number * 7 % photos].add(number % labels)
    lines = ["path,labels"]
    for number, some in enumerate(has):
        blocks = random.integers(0, 256, (64, 3))
        blocks[: min(64, 4 * len(some))] = np.repeat(tints[sorted(some)], 4, 0)[:64]
        _write(folder / "photos" / f"{number:07}.jpg", random.permutation(blocks).reshape(8, 8, 3))
        lines.append(f"photos/{number:07}.jpg,{';'.join(f'label {label:05}' for label in sorted(some))}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder / "labels.csv"


def draw_copies(folder: Path, copies: int, seed: int = 0) -> None:
    """Photos that are nearly one photo, and as many that are another one byte for byte, each half in one class."""
    random = np.random.default_rng(seed)
    near, exact = random.integers(40, 200, (2, 8, 8, 3))
    for label in ("a", "b"):
        (folder / label).mkdir(parents=True)
    for number in range(copies):
        changed = near.copy()
        for place in range(24):  # a bit of the number in each of some blocks, too faint to be seen
            changed.reshape(-1)[place] += 3 * (number >> place & 1)
        _write(folder / "ab"[number % 2] / f"near-{number:07}.jpg", changed)
        _write(folder / "ab"[number % 2] / f"exact-{number:07}.jpg", exact)


def _write(file: Path, coarse: np.ndarray) -> None:
    pixels = np.repeat(np.repeat(coarse.astype(np.uint8), SIDE // 8, 0), SIDE // 8, 1)
    file.write_bytes(encode_jpeg(pixels, 92))


def measure_hashes(count: int, seed: int = 0) -> Row:
    """The costs of finding all near pairs among random hashes, and how many of those planted were found."""
    random = np.random.default_rng(seed)
    hashes = random.integers(0, 2**64, count, dtype=np.uint64)
    first, second = random.permutation(count)[: 2 * PLANTED].reshape(2, -1)
    for ours, theirs in zip(first, second, strict=True):
        flips = random.permutation(64)[:BITS].astype(np.uint64)
        hashes[theirs] = hashes[ours] ^ np.bitwise_or.reduce(np.uint64(1) << flips)
    wanted = {frozenset(pair) for pair in zip(first.tolist(), second.tolist(), strict=True)}
    began, found = time.process_time(), set()
    with Highest() as highest:
        for ours, theirs in find_close_pairs(hashes, hashes):
            apart = ours != theirs
            pairs = zip(ours[apart].tolist(), theirs[apart].tolist(), strict=True)
            found |= {frozenset(pair) for pair in pairs} & wanted
    seconds = round(time.process_time() - began, 2)
    return {"seconds": seconds, "memory_mb": round(highest[0]), "planted": PLANTED, "found": len(found)}


def real_features(folders: Sequence[Path]) -> np.ndarray:
    """(n, d) what the default network sees in the photos of some folders."""
    backbone, graph = load_default_graph()
    found = []
    for folder in folders:
        dataset, pixels = decode_photos(read(folder), backbone.size, "squish")
        found.append(table_of(cut_to_features(graph), pixels.take, np.arange(len(dataset))).take(slice(None)))
    return np.concatenate(found)


def draw_features(file: Path, real: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    """(count, d) features in a file: each lies between a real one and one of its ten nearest, and is jittered in
    each direction by a tenth of what real ones are spread."""
    random = np.random.default_rng(seed)
    near, _ = find_nearest(features_at("real", real, np.arange(len(real))).take, np.arange(len(real)), 11)
    spread = real.std(0)
    drawn = np.memmap(file, np.float32, "w+", shape=(count, real.shape[1]))
    for start in range(0, count, 8192):
        length = min(8192, count - start)
        which = random.integers(0, len(real), length)
        other = real[near[which, random.integers(1, 11, length)]]
        between = real[which] + random.random((length, 1), np.float32) / 2 * (other - real[which])
        noise = random.standard_normal(between.shape, np.float32) * (spread / 10)
        drawn[start : start + length] = np.maximum(between + noise, 0)
    drawn.flush()
    return np.memmap(file, np.float32, "r", shape=drawn.shape)


def measure_neighbours(real: np.ndarray, count: int, work: Path) -> Row:
    """The costs of finding ten neighbours of each feature, which lie in a file, and the share of the ten nearest
    that was found, of 1,000 features."""
    features = features_at("drawn", draw_features(work / "features", real, count), np.arange(count))
    began = time.process_time(), time.perf_counter()
    with Highest() as highest:
        found, _ = find_nearest(features.take, np.arange(count), 11)
    seconds, wall = time.process_time() - began[0], time.perf_counter() - began[1]
    asked = np.sort(np.random.default_rng(1).permutation(count)[:ASKED])
    nearest = _nearest_of_all(features, asked)
    shared = [len(np.intersect1d(*both)) for both in zip(found[asked], nearest, strict=True)]
    row = {"seconds": round(seconds, 2), "wall_s": round(wall, 1), "memory_mb": round(highest[0])}
    return row | {"recall_at_10": round(float(np.mean(shared)) / 10, 4)}


def _nearest_of_all(features: Features, asked: np.ndarray) -> np.ndarray:
    """(asked, 10) the nearest others of some among all, by comparing them with each."""
    places, best = np.zeros((len(asked), 10), np.int64), np.full((len(asked), 10), -np.inf, np.float32)
    for start in range(0, len(features.places), 8192):
        some = np.arange(start, min(start + 8192, len(features.places)))
        scores = features.take(asked) @ features.take(some).T
        scores[asked[:, None] == some] = -np.inf  # itself
        both = np.concatenate([best, scores], 1)
        kept = np.argpartition(-both, 9, axis=1)[:, :10]
        best = np.take_along_axis(both, kept, 1)
        places = np.take_along_axis(np.concatenate([places, np.tile(some, (len(asked), 1))], 1), kept, 1)
    return places


def exponents(table: dict[int, dict[str, Row]]) -> dict[str, dict[str, float]]:
    """How seconds and memory of each verb grow from one size to the next, the costs of starting taken off."""
    found: dict[str, dict[str, float]] = {}
    sizes = sorted(table)
    for small, large in itertools.pairwise(sizes):
        for verb in [verb for verb in table[small] if verb not in ("start", "bytes")]:
            for what in ("seconds", "memory_mb"):
                costs = [
                    table[size][verb][what] - table[size].get("start", {}).get(what, 0) for size in (small, large)
                ]
                if min(costs) > 0:
                    exponent = math.log(costs[1] / costs[0]) / math.log(large / small)
                    found.setdefault(verb, {})[f"{what} {small} to {large}"] = round(exponent, 2)
    return found


def main(given: argparse.Namespace, sizes: Sequence[int]) -> None:
    """Measure one row and record it."""
    row, verbs, work = given.row, given.verbs or [], given.work
    photos = given.photos or (3_000 if row == "labels" else 32_000)
    real = real_features(given.data) if row == "neighbours" else None
    most = max([photos, *sizes] if row in OF_PHOTOS else sizes) * (2 if row == "copies" else 1)
    if row not in NO_PHOTOS and most * BYTES_A_PHOTO > MOST_BYTES:
        raise SystemExit(
            f"{most:,} photos may take more than {MOST_BYTES / 1e9:.0f} GB of disk: give smaller sizes."
        )
    table: dict[int, dict[str, Row]] = {}
    for size in sizes:
        place = Path(tempfile.mkdtemp(prefix="growth-", dir=work))
        try:
            if row == "hashes":
                table[size] = {"search": measure_hashes(size)}
            elif real is not None:
                table[size] = {"search": measure_neighbours(real, size, place)}
            elif row == "copies":
                draw_copies(place / "data", size)
                table[size] = measure_on(place / "data", verbs or ["clean"], place)
            elif row == "labels":
                table[size] = measure_on(
                    draw_labelled(place / "data", photos, size), verbs or list(OF_LABELS), place
                )
            else:
                count, classes = (size, 2) if row == "photos" else (photos, size)
                table[size] = measure_verbs(count, classes, verbs or list(VERBS), place)
            table[size].setdefault("bytes", {})["all"] = folder_bytes(place)
        finally:
            shutil.rmtree(place)
    figures = {"sizes": {str(size): table[size] for size in sizes}, "photos": photos if row in OF_PHOTOS else None}
    figures |= {"real": len(real)} if real is not None else {}
    record("growth", row, figures | {"exponents": exponents(table)}, "numpy", "onnxruntime")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("row", choices=["photos", *OF_PHOTOS, "copies", *NO_PHOTOS])
    parser.add_argument("--sizes", type=int, nargs="+")
    parser.add_argument("--photos", type=int, help="32,000; with labels 3,000")
    parser.add_argument("--verbs", nargs="+", choices=list(VERBS | OF_LABELS))
    parser.add_argument("--work", type=Path, help="a folder on a disk with room")
    parser.add_argument("--data", type=Path, nargs="+", default=[], help="photos whose features are jittered")
    given = parser.parse_args()
    usual = {
        "photos": [2000, 8000, 32_000],
        "classes": [2, 1000, 5000],
        "labels": [20, 200, 1842],
        "copies": [1000, 2000, 4000],
        "hashes": [100_000, 1_000_000],
        "neighbours": [20_000, 100_000],
    }
    main(given, given.sizes or usual[given.row])

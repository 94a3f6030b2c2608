"""What each verb costs as photos and classes grow: processor seconds, peak memory, bytes written, and exponents.

    python benchmarks/growth.py photos  [--sizes 2000 8000 32000] [--verbs info clean …]   two classes
    python benchmarks/growth.py classes [--sizes 2 1000 5000] [--photos 32000] [--verbs …]
    python benchmarks/growth.py copies  [--sizes 1000 2000 4000]   near-identical ones, and as many exact copies
    python benchmarks/growth.py hashes  [--sizes 100000 1000000]   near duplicates among random hashes

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

from whatsit.cleaning.hashes import find_close_pairs
from whatsit.files import folder_bytes
from whatsit.image import encode_jpeg

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
WRITTEN = ("model.onnx", "run.json", "predictions.csv", "probabilities.npy", "confusion.csv", "report.html")
PLANTED, BITS = 1000, 6  # pairs of hashes, and how far apart
Row = dict[str, Any]


def measure_verbs(photos: int, classes: int, verbs: Sequence[str], work: Path) -> dict[str, Row]:
    """The costs of each verb on so many photos of so many classes."""
    data = work / "data"
    draw_photos(data, photos, classes)
    return measure_on(data, verbs, work)


def measure_on(data: Path, verbs: Sequence[str], work: Path) -> dict[str, Row]:
    """The costs of each verb on a folder."""
    places = {"DATA": str(data), "RUN": str(work / "runs" / "grown"), "OUT": str(work)}
    place = re.compile("|".join(places))
    rows = {"start": run_apart(["info", "--help"], work)}
    for verb in verbs:
        command = [place.sub(lambda found: places[found[0]], word) for word in VERBS[verb]]
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


def main(row: str, sizes: Sequence[int], photos: int, verbs: Sequence[str], work: Path | None) -> None:
    """Measure one row and record it."""
    most = max([photos, *sizes] if row == "classes" else sizes) * (2 if row == "copies" else 1)
    if row != "hashes" and most * BYTES_A_PHOTO > MOST_BYTES:
        raise SystemExit(
            f"{most:,} photos may take more than {MOST_BYTES / 1e9:.0f} GB of disk: give smaller sizes."
        )
    table: dict[int, dict[str, Row]] = {}
    for size in sizes:
        place = Path(tempfile.mkdtemp(prefix="growth-", dir=work))
        try:
            if row == "hashes":
                table[size] = {"search": measure_hashes(size)}
            elif row == "copies":
                draw_copies(place / "data", size)
                table[size] = measure_on(place / "data", verbs or ["clean"], place)
            else:
                count, classes = (size, 2) if row == "photos" else (photos, size)
                table[size] = measure_verbs(count, classes, verbs or list(VERBS), place)
            table[size].setdefault("bytes", {})["all"] = folder_bytes(place)
        finally:
            shutil.rmtree(place)
    figures = {"sizes": {str(size): table[size] for size in sizes}, "photos": photos if row == "classes" else None}
    record("growth", row, figures | {"exponents": exponents(table)}, "numpy", "onnxruntime")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("row", choices=["photos", "classes", "copies", "hashes"])
    parser.add_argument("--sizes", type=int, nargs="+")
    parser.add_argument("--photos", type=int, default=32_000)
    parser.add_argument("--verbs", nargs="+", choices=list(VERBS))
    parser.add_argument("--work", type=Path, help="a folder on a disk with room")
    given = parser.parse_args()
    usual = {"photos": [2000, 8000, 32_000], "classes": [2, 1000, 5000], "copies": [1000, 2000, 4000]}
    main(
        given.row,
        given.sizes or usual.get(given.row, [100_000, 1_000_000]),
        given.photos,
        given.verbs or [],
        given.work,
    )

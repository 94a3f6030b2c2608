"""Networks trained from nothing: the write-ups' figures, net simple beside Keras, net fast against the clock.

    python benchmarks/networks.py ROW …      (WHATSIT_DATA holds mnist/, cifar-10-batches-py/, …)

digits, mnist, cifar-…, …   see TRAININGS: what `whatsit train` reaches; runs go to runs/bench-ROW and are used
                            again where they are finished
speed PYTHON [BACKEND …]    photos a second of net simple and fast on CIFAR-10, and of simple in Keras
keras PYTHON BACKEND        the write-up's deeper network in Keras, its 20 epochs, on our split
memory                      anonymous memory while net fast trains, beside a bare torch loop over that network

PYTHON is an interpreter that has keras with tensorflow, jax and torch. Each figure is from a process of its own.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from limits import measure_matrix
from numpy.typing import NDArray
from record import Highest, record

from whatsit.data.readers import read
from whatsit.data.ready import ReadyData
from whatsit.data.splitting.split import Split
from whatsit.model.run import Run, is_finished, open_run
from whatsit.records import as_json
from whatsit.road.preparing import prepare
from whatsit.road.train import train
from whatsit.training.options import AugmentOptions, NetOptions, TrainOptions
from whatsit.training.recipes import RECIPES
from whatsit.training.task import Task

RUNS = Path("runs")
WRITEUP_CHANGES = AugmentOptions(augment="none", shift=0.1, rotation=15, zoom=0.1, flip=True, brightness=0.1)

KERAS = Path(__file__).with_name("networks_keras.py")
BACKENDS = ("tensorflow", "jax", "torch")
TURNS = 3
TIMED = 2_560  # photos of an epoch of the row `speed`
BATCH = 64  # of net simple
BATCH_FAST = 500

# row → (data, net, changes, the row it goes on from)
TRAININGS: dict[str, tuple[str, NetOptions, AugmentOptions, str]] = {
    "digits": ("digits", NetOptions(net="simple", epochs=12), AugmentOptions(), ""),
    "mnist": ("mnist", NetOptions(net="simple", epochs=12), AugmentOptions(), ""),
    "cifar-basic": (
        "cifar10",
        NetOptions(net="simple", epochs=20, depth=1, width=8, dense=64, dropout=0.0),
        AugmentOptions(),
        "",
    ),
    "cifar-deeper": ("cifar10", NetOptions(net="simple", epochs=20), AugmentOptions(), ""),
    "cifar-augmented": (
        "cifar10",
        NetOptions(net="simple", epochs=20, dropout=0.1),
        WRITEUP_CHANGES,
        "cifar-deeper",
    ),
    "cifar-fast-2": ("cifar10", NetOptions(net="fast", epochs=2), AugmentOptions(), ""),
    "cifar-fast-8": ("cifar10", NetOptions(net="fast", epochs=8), AugmentOptions(), ""),
    "cifar-fast-16": ("cifar10", NetOptions(net="fast", epochs=16), AugmentOptions(), ""),
    "cats-vs-dogs": ("cats-vs-dogs", NetOptions(net="fast", epochs=40), AugmentOptions(augment="photo"), ""),
    "imagenette": ("imagenette", NetOptions(net="fast", epochs=40), AugmentOptions(augment="photo"), ""),
}


def trained(row: str) -> Run:
    """The finished run of a row."""
    data, net, changes, earlier = TRAININGS[row]
    folder = RUNS / f"bench-{row}"
    if is_finished(folder):
        return open_run(folder)
    options = replace(TrainOptions(recipe="cnn"), net=net, augment=changes)
    return train(data, options, folder.name, RUNS, trained(earlier).folder if earlier else None)


def training(row: str) -> None:
    """Train a row and record its figures."""
    run = trained(row)
    figures, history = run.info.figures, run.rows("history")
    record(
        "networks",
        row,
        {
            "test_accuracy": figures.accuracy,
            "interval": figures.interval,
            "n": figures.n,
            "ece": figures.ece,
            "epochs": len(history),
            "seconds_per_epoch": sorted(float(epoch["seconds"]) for epoch in history)[len(history) // 2],
            "seconds": as_json(run.info.seconds),
            "parameters": run.info.card.parameters,
            "multiply_adds": run.info.card.multiply_adds,
            "precision": run.info.card.precision,
        },
        "torch",
        "onnxruntime",
    )


def speed(python: str, *backends: str) -> None:
    """Photos a second in the second epoch of net simple, ways in turn."""
    with as_npz(TIMED) as file:
        ways = {f"keras {backend}": keras(python, file, 2) for backend in backends or BACKENDS}
        for net, precision in (("simple", "fp32"), ("simple", "auto"), ("fast", "auto")):
            ways[f"ours {net} {precision}"] = [sys.executable, __file__, "_speed", net, precision]
        found: dict[str, list[float]] = {way: [] for way in ways}
        operations: dict[str, float] = {}
        for _ in range(TURNS):
            for way, command in ways.items():
                printed = apart(command, way)
                found[way].append(printed["photos_a_second"])
                if "operations" in printed:
                    operations[way] = printed["operations"]
    medians = {way: round(statistics.median(speeds)) for way, speeds in found.items()}
    best = max(speed for way, speed in medians.items() if way.startswith("keras"))
    faster = {way: round(speed / best, 2) for way, speed in medians.items() if way.startswith("ours simple")}
    peaks = {precision: measure_matrix(precision) for precision in ("fp32", "bf16")}
    figures = {
        "photos_a_second": medians,
        "matrix_peak_gflop_per_s": {precision: round(peak) for precision, peak in peaks.items()},
        "of_matrix_peak": {
            way: round(speed * operations[way] / peaks["fp32" if way.endswith("fp32") else "bf16"] / 1e9, 3)
            for way, speed in medians.items()
            if way in operations
        },
        "faster_than_best_keras": faster,
        "two_epochs_of_fast_over_twenty_of_keras": round(2 / medians["ours fast auto"] / (20 / best), 3),
    }
    record("networks", "speed", figures, "torch")


def _speed(name: str, precision: str) -> None:
    """Ours, in a process of its own: the whole recipe, two epochs of the same photos."""
    batch = BATCH if name == "simple" else BATCH_FAST
    net = NetOptions(net=name, epochs=2, batch=batch, precision=precision)
    with tempfile.TemporaryDirectory() as folder:
        trained = RECIPES["cnn"].fit(_task(cifar(), TrainOptions(recipe="cnn", net=net), folder, TIMED))
    card = trained.card
    forward = 2 * (card.multiply_adds or 0) / (2 if card.mirrored else 1)
    operations = 3 * forward  # backwards there are two products where forwards there is one
    print(json.dumps({"photos_a_second": TIMED / trained.history[-1]["seconds"], "operations": operations}))


def _task(ready: ReadyData, options: TrainOptions, folder: str, count: int) -> Task:
    """A training on the first `count` photos of the shuffle, and hardly any for validation."""
    parts = np.full(len(ready.dataset), "unused", "<U6")
    parts[shuffled(ready, "train")[:count]] = "train"
    parts[shuffled(ready, "val")[:BATCH]] = "val"
    split = Split(parts, np.array([], np.int64), 0)
    return Task(replace(ready, split=split), options, Path(folder))


def in_keras(python: str, backend: str) -> None:
    """20 epochs of the deeper network in Keras, with the backend that `speed` found fastest."""
    with as_npz() as file:
        found = apart(keras(python, file, 20), f"keras {backend}")
    record("networks", "keras", found)


def keras(python: str, file: Path, epochs: int) -> list[str]:
    """The command that trains net simple as it is for CIFAR-10 in Keras."""
    layers = {"depth": 3, "width": 32, "dense": 256, "dropout": 0.25}
    return [python, str(KERAS), str(file), *map(str, layers.values()), str(epochs), str(BATCH)]


def apart(command: list[str], way: str) -> dict[str, Any]:
    """What a process of its own prints as its last line."""
    environment = {**os.environ, "KERAS_BACKEND": way.removeprefix("keras ")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def cifar() -> ReadyData:
    """CIFAR-10 as `whatsit train` splits it."""
    return prepare(read("cifar10"), replace(TrainOptions(recipe="cnn"), net=NetOptions(net="simple")))


def shuffled(ready: ReadyData, part: str) -> NDArray[np.int64]:
    """The rows of a part, in an order that is always the same."""
    return np.random.default_rng(0).permutation(ready.split.rows(part))


@contextmanager
def as_npz(most: int | None = None) -> Iterator[Path]:
    """CIFAR-10 in a file for other tools, the first `most` training photos of a shuffle."""
    ready = cifar()
    content = {}
    for part in ("train", "val", "test"):
        rows = shuffled(ready, part)[:most]
        content[f"x_{part}"], content[f"y_{part}"] = ready.decoded.take(rows), ready.dataset.labels[rows]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cifar.npz"
        np.savez(file, **content)
        yield file


def memory() -> None:
    """RssAnon at its highest while net fast trains, and in a bare loop over the same network and batch."""
    found = {
        way: apart([sys.executable, __file__, f"_memory_{way}"], way)["megabytes"] for way in ("ours", "bare")
    }
    record("networks", "memory", found | {"above_bare": round(found["ours"] - found["bare"], 1)}, "torch")


def _memory_ours() -> None:
    options = TrainOptions(recipe="cnn", net=NetOptions(net="fast", epochs=2))
    with tempfile.TemporaryDirectory() as folder, Highest() as megabytes:
        RECIPES["cnn"].fit(_task(cifar(), options, folder, TIMED))
    print(json.dumps({"megabytes": megabytes[0]}))


def _memory_bare() -> None:
    """The same network and batch, and torch's own optimiser, on noise."""
    import torch
    from torch.nn import functional

    from whatsit.training import machine
    from whatsit.training.nets import fill_defaults, find_net

    with Highest() as megabytes:
        options = fill_defaults(NetOptions(net="fast"), (32, 32))
        net = find_net("fast").build((32, 32), 10, options).to(memory_format=torch.channels_last)
        optimiser = torch.optim.SGD([value for value in net.parameters() if value.requires_grad], 0.01, 0.9)
        photos = torch.rand(BATCH_FAST, 3, 32, 32).contiguous(memory_format=torch.channels_last)
        precision, _ = machine.choose_precision(torch.device("cpu"))
        for _ in range(8):
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
                scores = net(photos).float()
            functional.cross_entropy(scores, torch.zeros(BATCH_FAST, dtype=torch.int64)).backward()
            optimiser.step()
            optimiser.zero_grad()
    print(json.dumps({"megabytes": megabytes[0]}))


ROWS = {"speed": speed, "keras": in_keras, "memory": memory, "_speed": _speed}
ROWS |= {"_memory_ours": _memory_ours, "_memory_bare": _memory_bare}

if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in ROWS:
        ROWS[sys.argv[1]](*sys.argv[2:])
    elif len(sys.argv) == 2 and sys.argv[1] in TRAININGS:
        training(sys.argv[1])
    else:
        sys.exit(__doc__)

"""Transfer learning and trust: accuracy, speed, and whether what the model says of itself is true.

    python benchmarks/transfer.py ROW …   (WHATSIT_DATA holds cats-vs-dogs/, imagenette/, mnist/, …, weights/)

accuracy       frozen and fine-tuned on cats-vs-dogs, frozen on Imagenette
few            cats-vs-dogs with 50 photos a class, ten draws
speed          the whole command cold and warm, beside one bare pass of the network over the photos
keras PYTHON   the write-up's way in Keras, 10 epochs, beside ours; PYTHON has keras and a backend
labels         how many of the labels ranked most suspect are ones that we changed
sets           coverage of `could_be` over 20 splits
strange RUN    AUROC of CIFAR-10's test photos against MNIST and Imagenette; RUN is a finished run on cifar10
auto           what `auto` chooses, and what the other recipes reach in the same time

Rows that train write to runs/bench-transfer-… and use again what is finished.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from record import record

from whatsit.data.readers import read
from whatsit.data.ready import ReadyData
from whatsit.data.target import softmax
from whatsit.evaluating.remeasure import remeasure
from whatsit.image import encode_png
from whatsit.model.calibrate import conformal_threshold, fit_temperature
from whatsit.model.graph.cut import cut_to_features
from whatsit.model.graph.features import features_of
from whatsit.model.run import Run, is_finished, open_run
from whatsit.model.suspects import find_suspects
from whatsit.records import as_json
from whatsit.road.preparing import prepare
from whatsit.road.train import train
from whatsit.training.backbones.convert import find_wanted, make_graph
from whatsit.training.heads.choose import choose_head
from whatsit.training.heads.kinds import KINDS, Learning
from whatsit.training.options import NetOptions, TrainOptions, TransferOptions

DATA = Path(os.environ.get("WHATSIT_DATA", "data"))
RUNS = Path("runs")
KERAS = Path(__file__).with_name("transfer_keras.py")
TRANSFER = TrainOptions(recipe="transfer")
DRAWS, FEW = 10, 50
SPLITS = 20
FLIPPED = 0.05
DOGS, TRUCKS = ("n02102040",), ("n03417042",)  # of Imagenette: what CIFAR-10 and cats-vs-dogs have too


def accuracy() -> None:
    """Test accuracy of the recipes."""
    rows = {
        "cats-vs-dogs frozen": trained("cats-vs-dogs", TRANSFER),
        "cats-vs-dogs finetune": trained("cats-vs-dogs", TrainOptions(recipe="finetune")),
        "imagenette frozen": trained("imagenette", TRANSFER),
    }
    record("transfer", "accuracy", {name: of(run) for name, run in rows.items()}, "torch", "onnxruntime")


def of(run: Run) -> dict[str, Any]:
    """A run's figures for a table."""
    figures = run.info.figures
    return {
        **{name: as_json(figures)[name] for name in ("accuracy", "interval", "n", "ece")},
        "could_be": figures.could_be.accuracy,
        "not_one_of_these": figures.not_one_of_these.accuracy,
        "note": run.info.data.origin.note,
        "seconds": as_json(run.info.seconds),
    }


def trained(data: str, options: TrainOptions, name: str = "") -> Run:
    """The finished run of a data set and recipe."""
    folder = RUNS / (name or f"bench-transfer-{data}-{options.recipe}-{options.time or 'whole'}")
    if is_finished(folder):
        return open_run(folder)
    return train(data, options, folder.name, RUNS)


def seen(data: str) -> tuple[ReadyData, NDArray[np.float32]]:
    """A data set as recipe transfer sees it, and the features of all its photos."""
    ready = prepare(read(data), TRANSFER)
    graph = make_graph(find_wanted(TransferOptions()), ready.decoded.size)
    return ready, features_of(cut_to_features(graph), ready.decoded.take, np.arange(len(ready.dataset)))


def few() -> None:
    """The mean test accuracy of heads fitted to 50 photos a class."""
    ready, features = seen("cats-vs-dogs")
    labels, groups = ready.dataset.labels, ready.decoded.same_content()
    test = ready.split.rows("test")
    pool = np.flatnonzero(ready.split.parts != "test")
    shares = []
    for draw in range(DRAWS):
        order = np.random.default_rng(draw).permutation(pool)
        rows = np.concatenate([order[labels[order] == label][:FEW] for label in np.unique(labels)])
        learning = Learning(features[rows], labels[rows], len(ready.dataset.classes))
        head = choose_head(learning, groups[rows], [KINDS["linear"]], draw).head
        shares.append(float((head.logits(features[test]).argmax(1) == labels[test]).mean()))
    spread = float(np.std(shares, ddof=1))
    record(
        "transfer", "few", {"mean": round(float(np.mean(shares)), 4), "spread": round(spread, 4)}, "scikit-learn"
    )


def labels() -> None:
    """Of the 5 % of labels ranked most suspect, the share that was changed, over five draws of changes."""
    ready, features = seen("cats-vs-dogs")
    true, rows = ready.dataset.labels, np.flatnonzero(ready.split.parts != "test")
    groups = ready.decoded.same_content()[rows]
    shares = []
    for draw in range(5):
        random = np.random.default_rng(draw)
        wrong = random.permutation(len(rows))[: round(FLIPPED * len(rows))]
        given = true[rows].copy()
        given[wrong] = 1 - given[wrong]
        choice = choose_head(Learning(features[rows], given, 2), groups, [KINDS["linear"]], draw)
        probabilities = softmax(choice.logits / fit_temperature(choice.logits, given[choice.compared]))
        ranked = [suspect.place for suspect in find_suspects(given[choice.compared], probabilities)]
        top = ranked[: len(wrong)]
        shares.append({"ranked": len(ranked), "right": float(np.isin(choice.compared[top], wrong).mean())})
    mean = round(float(np.mean([share["right"] for share in shares])), 3)
    record("transfer", "labels", {"flipped": len(wrong), "precision_of_top": mean, "draws": shares}, "cleanlab")


def sets() -> None:
    """The share of photos whose class is in `could_be`: thresholds from one half, asked of the other."""
    figures = {}
    for data in ("cats-vs-dogs", "imagenette"):
        ready, features = seen(data)
        labels, learn = ready.dataset.labels, ready.split.rows("train")
        groups = ready.decoded.same_content()
        learning = Learning(features[learn], labels[learn], len(ready.dataset.classes))
        head = choose_head(learning, groups[learn], [KINDS["linear"]], 0).head
        held = np.flatnonzero(ready.split.parts != "train")
        shares, sizes = [], []
        for draw in range(SPLITS):
            order = np.random.default_rng(draw).permutation(held)
            val, test = np.array_split(order, 2)
            logits = {name: head.logits(features[rows]) for name, rows in (("val", val), ("test", test))}
            temperature = fit_temperature(logits["val"], labels[val])
            threshold = conformal_threshold(softmax(logits["val"] / temperature), labels[val])
            could_be = softmax(logits["test"] / temperature) >= threshold
            shares.append(float(could_be[np.arange(len(test)), labels[test]].mean()))
            sizes.append(float(could_be.sum(1).mean()))
        error = float(np.std(shares, ddof=1) / np.sqrt(SPLITS))
        figures[data] = {
            "coverage": round(float(np.mean(shares)), 4),
            "standard_error": round(error, 4),
            "least_asked": round(0.95 - 2 * error, 4),
            "mean_size": round(float(np.mean(sizes)), 3),
        }
    record("transfer", "sets", figures, "numpy")


def strange(run: str) -> None:
    """AUROC of distance, maximum softmax and energy."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        mnist, small = Path(place) / "mnist", Path(place) / "imagenette-32"
        mnist.mkdir()
        digits = read("mnist")
        for row in np.flatnonzero(digits.parts == "test")[:2000]:
            photo = np.asarray(digits.photos.read(int(row)))
            (mnist / f"{row}.png").write_bytes(encode_png(np.repeat(photo.reshape(*photo.shape[:2], 1), 3, 2)))
        copied(small, DOGS + TRUCKS)
        for name, folder in (("MNIST", mnist), ("Imagenette at 32, no dogs and trucks", small)):
            figures[f"cifar10 against {name}"] = told_apart(open_run(run), folder)
        no_dogs = Path(place) / "imagenette"
        copied(no_dogs, DOGS)
        pets = trained("cats-vs-dogs", TRANSFER)
        figures["cats-vs-dogs against Imagenette, no dogs"] = told_apart(pets, no_dogs)
    record("transfer", "strange", figures, "onnxruntime")


def copied(place: Path, without: tuple[str, ...]) -> None:
    """Imagenette's validation photos in one folder, some classes left out."""
    place.mkdir()
    for file in sorted((DATA / "imagenette" / "val").glob("*/*")):
        if file.parent.name not in without:
            shutil.copy(file, place / f"{file.parent.name}-{file.name}")


def told_apart(run: Run, folder: Path) -> dict[str, float]:
    """The AUROC of each score, on a copy of the run so that its report stays."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / run.name
        shutil.copytree(run.folder, copy)
        measured = remeasure(open_run(copy), outliers=folder).outliers
    assert measured is not None
    return {score.name: round(score.auroc.value, 4) for score in measured.scores}


def speed() -> None:
    """Seconds of the command from a cold cache, again, and of one bare pass; photos a second of both passes."""
    commands = {}
    with tempfile.TemporaryDirectory() as place:
        environment = {**os.environ, "WHATSIT_CACHE": f"{place}/cache"}
        for name in ("cold", "warm"):
            command = [sys.executable, "-m", "whatsit", "train", "cats-vs-dogs", "--recipe", "transfer"]
            begun = time.perf_counter()
            subprocess.run([*command, "--name", name, "--runs", place], check=True, env=environment)
            commands[name] = round(time.perf_counter() - begun, 1)
    ready = prepare(read("cats-vs-dogs"), TRANSFER)
    content, rows = make_graph(find_wanted(TransferOptions()), ready.decoded.size), np.arange(len(ready.dataset))
    bare = statistics.median(bare_pass(content, ready, rows) for _ in range(3))
    with tempfile.TemporaryDirectory() as place:
        os.environ["WHATSIT_CACHE"] = place
        begun = time.perf_counter()
        features_of(cut_to_features(content), ready.decoded.take, rows)
        extraction = time.perf_counter() - begun
    figures = {
        "seconds": commands,
        "bare_pass_seconds": round(bare, 1),
        "cold_over_bare": round(commands["cold"] / bare, 2),
        "extraction_speed_of_bare": round(bare / extraction, 3),
        "photos_a_second": round(len(rows) / extraction, 1),
    }
    record("transfer", "speed", figures, "onnxruntime")


def bare_pass(content: bytes, ready: ReadyData, rows: NDArray[np.int64]) -> float:
    """Seconds of onnxruntime itself over pixels in memory, the best of a few batch sizes on a sample."""
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    pixels = ready.decoded.take(rows)

    def over(photos: NDArray[np.uint8], batch: int) -> float:
        begun = time.perf_counter()
        for start in range(0, len(photos), batch):
            session.run(["features"], {"pixels": photos[start : start + batch]})
        return time.perf_counter() - begun

    best = min((1, 4, 16, 32), key=lambda batch: over(pixels[:128], batch))
    return over(pixels, best)


def keras(python: str) -> None:
    """The write-up's way in Keras, and our command, from files to a measured model."""
    done = subprocess.run([python, str(KERAS), str(DATA)], capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout.splitlines()[-1])
    with tempfile.TemporaryDirectory() as place:
        environment = {**os.environ, "WHATSIT_CACHE": f"{place}/cache"}
        command = [sys.executable, "-m", "whatsit", "train", "cats-vs-dogs", "--recipe", "transfer"]
        begun = time.perf_counter()
        subprocess.run([*command, "--name", "ours", "--runs", place], check=True, env=environment)
        seconds = time.perf_counter() - begun
        accuracy = open_run(Path(place) / "ours").info.figures.accuracy
    figures = {
        "keras": theirs,
        "ours": {"seconds": round(seconds, 1), "test_accuracy": accuracy},
        "times_faster": round(theirs["seconds"] / seconds, 1),
    }
    record("transfer", "keras", figures, "onnxruntime")


AUTO = {"digits": "20s", "cats-vs-dogs": "40s", "imagenette": "40s", "sports-celebrities": "40s", "cifar10": "2m"}


def auto(*names: str) -> None:
    """The choice, its accuracy, and that of the other recipes in the same time."""
    table: dict[str, Any] = {}
    for data in names or AUTO:
        place = str(DATA / data) if (DATA / data).is_dir() and data == "sports-celebrities" else data
        table[data] = {}
        for recipe in ("auto", "cnn", "transfer", "classical"):
            options = TrainOptions(recipe=recipe, time=AUTO[data], net=NetOptions())
            try:
                run = trained(place, options, f"bench-auto-{data}-{recipe}")
            except Exception as error:  # a recipe that a data set does not suit is a row of the table too
                table[data][recipe] = str(error)
                continue
            found = run.info.figures
            table[data][recipe] = {
                "recipe": run.info.recipe,
                "accuracy": found.accuracy,
                "interval": found.interval,
                "seconds": run.info.seconds.all,
            }
    record("transfer", f"auto-{'-'.join(names or ['all'])}", table, "torch", "scikit-learn")


ROWS = {
    "accuracy": accuracy,
    "few": few,
    "speed": speed,
    "keras": keras,
    "labels": labels,
    "sets": sets,
    "strange": strange,
    "auto": auto,
}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in ROWS:
        sys.exit(__doc__)
    ROWS[sys.argv[1]](*sys.argv[2:])

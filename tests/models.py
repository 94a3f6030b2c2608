"""A tiny real model and run for tests: it tells drawn colours apart, in milliseconds and without training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from whatsit.data.dataset import Dataset, dataset_of
from whatsit.data.photos import Arrays
from whatsit.data.pixels import Decoded, decode_photos
from whatsit.data.ready import ReadyData
from whatsit.data.splitting.split import Split, split
from whatsit.evaluating.figures import compute_figures
from whatsit.evaluating.measured import measure
from whatsit.files import write_bytes, write_csv
from whatsit.model.classifier import MODEL_FILE, Classifier
from whatsit.model.facts.figures import Figures
from whatsit.model.facts.file import Card
from whatsit.model.facts.run import FORMAT, Leaks, Machine, PartCounts, RunInfo, TrainingData
from whatsit.model.facts.tables import SKIPPED, write_skipped
from whatsit.model.finish import IR_VERSION, OPSET, Finished, Trained, finish
from whatsit.model.run import Run

COLOURS = {"blue": (60, 80, 200), "green": (60, 180, 80), "red": (200, 60, 60)}


def colours(photos: int = 240, side: int = 12, seed: int = 0, names: tuple[str, ...] = tuple(COLOURS)) -> Dataset:
    """Photos of one noisy colour each, some of them hard to tell; classes are `names`, in sorted order."""
    random = np.random.default_rng(seed)
    ground = np.array(list(COLOURS.values()), float)[np.arange(photos) % 3]
    own = random.uniform(0.35, 0.95, (photos, 1))  # below a half, the colour is mostly another class's
    mixed = own * ground + (1 - own) * ground[random.permutation(photos)]
    noisy = mixed[:, None, None] + random.normal(0, 25, (photos, side, side, 3))
    pictures = np.clip(noisy, 0, 255).astype(np.uint8)
    labels = [sorted(names)[row % 3] for row in range(photos)]
    return dataset_of(
        "colours", Arrays(pictures, [f"{label}/{row}" for row, label in enumerate(labels)], f"{seed}"), labels
    )


def colour_graph() -> onnx.ModelProto:
    """pixels → the mean colour as features → logits by likeness to each of COLOURS, with a class activation."""
    centres = np.array(list(COLOURS.values()), np.float32) / 255  # (classes, 3)
    weights, bias = 30 * centres.T, -15 * (centres**2).sum(axis=1)  # -15 |x - centre|², less what all share
    nodes = [
        helper.make_node("Cast", ["pixels"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["floats", "white"], ["shares"]),
        helper.make_node("ReduceMean", ["shares", "axes"], ["features"], keepdims=0),
        helper.make_node("Gemm", ["features", "weights", "bias"], ["logits"]),
        helper.make_node("MatMul", ["shares", "weights"], ["activation"]),
    ]
    constants = {
        "white": np.array(255, np.float32),
        "axes": np.array([1, 2], np.int64),
        "weights": weights.astype(np.float32),
        "bias": bias.astype(np.float32),
    }
    graph = helper.make_graph(
        nodes,
        "colours",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["batch", "height", "width", 3])],
        [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 3]),
            helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", 3]),
            helper.make_tensor_value_info("activation", TensorProto.FLOAT, ["batch", "height", "width", 3]),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


@dataclass(frozen=True)
class Tiny:
    """A finished run of the colour model, and what it was made of."""

    run: Run
    model: Classifier
    dataset: Dataset
    decoded: Decoded
    split: Split

    @property
    def ready(self) -> ReadyData:
        return ReadyData(self.dataset, self.decoded, self.split)


def tiny_run(folder: Path, dataset: Dataset | None = None, seed: int = 0, size: int = 12) -> Tiny:
    """A run in `folder` with model.onnx, split.csv and history.csv, not yet measured."""
    dataset, pixels = decode_photos(dataset or colours(), (size, size))
    groups = pixels.same_content() if dataset.groups is None else dataset.groups
    parts = split(dataset.labels, groups, dataset.parts, pixels.sha256, seed)
    trained = Trained(colour_graph(), [], "mean colour (3)\nlinear (3 → 3)", Card(recipe="cnn", net="tiny"))
    ready = ReadyData(dataset, pixels, parts)
    finished = finish(trained, ready, seed)
    write_bytes(folder / MODEL_FILE, finished.file())
    write_csv(
        folder / "split.csv",
        ("name", "class", "part", "sha256"),
        (
            {
                "name": name,
                "class": dataset.classes[label],
                "part": part,
                "sha256": digest.tobytes().hex(),
            }
            for name, label, part, digest in zip(
                dataset.photos.names, dataset.labels, parts.parts, pixels.sha256, strict=True
            )
        ),
    )
    columns = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds")
    history = [
        dict(
            zip(
                columns,
                (epoch, 1 / epoch, 0.5 + epoch / 10, 1.1 / epoch, 0.5 + epoch / 11, 0.01, 1.5),
                strict=True,
            )
        )
        for epoch in (1, 2, 3, 4)
    ]
    write_csv(folder / "history.csv", columns, history)
    write_skipped(folder / SKIPPED, dataset.skipped)
    model = Classifier(finished.file(), MODEL_FILE)
    run = Run(folder, _info(folder.name, ready, finished, compute_figures(measure(model, ready)), seed))
    run.save()
    return Tiny(run, model, dataset, pixels, parts)


def _info(name: str, ready: ReadyData, finished: Finished, figures: Figures, seed: int) -> RunInfo:
    dataset = ready.dataset
    return RunInfo(
        format=FORMAT,
        name=name,
        whatsit="0.1.0",
        created="2026-01-31T12:00:00+00:00",
        source=str(dataset.root or dataset.name),
        options={"recipe": "cnn", "seed": seed, "net": {"net": "tiny", "epochs": 4}},
        from_=None,
        command=("whatsit", "train", "colours", "--recipe", "cnn"),
        classes=dataset.classes,
        recipe="cnn",
        data=TrainingData(
            name=dataset.name,
            counts=PartCounts(*(tuple(ready.counts(part).tolist()) for part in ("train", "val", "test"))),
            skipped=len(dataset.skipped),
            origin=dataset.origin,
        ),
        split=Leaks(len(ready.split.leaked), ready.split.random_leaks),
        summary="mean colour (3)\nlinear (3 → 3)",
        warnings=finished.warnings,
        machine=Machine("x86_64", 2, "Linux", "3.11"),
        card=Card(recipe="cnn", net="tiny", parameters=12),
        figures=figures,
        finished="2026-01-31T12:01:00+00:00",
    )

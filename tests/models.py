"""A tiny real model and run for tests: it tells drawn colours apart, in milliseconds and without training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from whatsit.data.dataset import Arrays, Dataset, dataset_of
from whatsit.data.pixels import Decoded, decoded
from whatsit.data.split import Split, split
from whatsit.files import write_bytes, write_csv
from whatsit.model.classifier import MODEL_FILE, Classifier
from whatsit.model.facts.file import Card
from whatsit.model.finish import IR_VERSION, OPSET, Trained, finish
from whatsit.model.run import FORMAT, Run

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


def tiny_run(folder: Path, dataset: Dataset | None = None, seed: int = 0, size: int = 12) -> Tiny:
    """A run in `folder` with model.onnx, split.csv and history.csv, not yet measured."""
    dataset, pixels = decoded(dataset or colours(), (size, size))
    groups = pixels.same_content() if dataset.groups is None else dataset.groups
    parts = split(dataset.labels, groups, dataset.parts, pixels.sha256, seed)
    trained = Trained(colour_graph(), [], "mean colour (3)\nlinear (3 → 3)", Card(recipe="cnn", net="tiny"))
    finished = finish(trained, pixels, dataset.labels, parts, dataset.classes, seed=seed)
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
    run = Run(folder, _info(folder.name, dataset, parts, finished.warnings, seed))
    run.save()
    return Tiny(run, Classifier(finished.file(), MODEL_FILE), dataset, pixels, parts)


def _info(name: str, dataset: Dataset, parts: Split, warnings: tuple[str, ...], seed: int) -> dict[str, object]:
    return {
        "format": FORMAT,
        "name": name,
        "created": "2026-01-31T12:00:00+00:00",
        "finished": "2026-01-31T12:01:00+00:00",
        "whatsit": "0.1.0",
        "data": {
            "source": str(dataset.root or dataset.name),
            "name": dataset.name,
            "counts": {
                part: np.bincount(dataset.labels[parts.rows(part)], minlength=len(dataset.classes)).tolist()
                for part in ("train", "val", "test")
            },
            "skipped": [{"name": item.name, "reason": item.reason} for item in dataset.skipped],
            "origin": {
                "title": dataset.origin.title,
                "licence": dataset.origin.licence,
                "address": dataset.origin.address,
                "note": dataset.origin.note,
            },
        },
        "classes": list(dataset.classes),
        "options": {"recipe": "cnn", "seed": seed, "net": {"net": "tiny", "epochs": 4}},
        "command": ["whatsit", "train", "colours", "--recipe", "cnn"],
        "recipe": "cnn",
        "summary": "mean colour (3)\nlinear (3 → 3)",
        "card": {"recipe": "cnn", "net": "tiny", "parameters": 12},
        "split": {"leaked": len(parts.leaked), "random_leaks": parts.random_leaks},
        "warnings": list(warnings),
        "machine": {"cores": 2, "python": "3.11"},
    }

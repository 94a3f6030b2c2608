"""What a model promises with few photos: "not one of these", sets of classes, and the limits set by cross-fitting.

    python benchmarks/trust.py ROW …   (WHATSIT_DATA holds cats-vs-dogs/, flowers/, trashnet/, imagenette/)

strange        ten draws of 300 and of 80 photos of cats and dogs: how many photos of other things are refused, and
               how many cats and dogs of the test part are turned away
promises [N]   200 (or N) draws of 40, 80 and 300 photos: how often `could_be` holds the class, how many photos of
               the same source are turned away, on average and in one draw of ten
cifar RUN      AUROC of a finished run on cifar10 against Imagenette at 32 pixels, without dogs and trucks

Of each draw 15 % are set apart as a test part would be, as `train` does; the rest is learnt from. Features are
computed once a photo, and what follows is what recipe transfer and `finish` call. BACKBONE names another network.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from record import record

from whatsit.data.pixels import decode_photos
from whatsit.data.readers import read
from whatsit.data.ready import groups_of
from whatsit.data.splitting.split import USUAL
from whatsit.data.target import softmax
from whatsit.evaluating.remeasure import remeasure
from whatsit.model.calibrate import conformal_threshold, fit_temperature, tail_threshold
from whatsit.model.finish import COVERAGE, REJECT_SHARE
from whatsit.model.graph.cut import cut_to_features
from whatsit.model.graph.features import features_of
from whatsit.model.run import open_run
from whatsit.model.strangeness.knowledge import read_knowledge
from whatsit.model.strangeness.novelty import fit_novelty
from whatsit.training.backbones.convert import find_wanted, make_graph
from whatsit.training.heads.choose import choose_head
from whatsit.training.heads.kinds import KINDS, TINY, Learning
from whatsit.training.options import TransferOptions

DATA = Path(os.environ.get("WHATSIT_DATA", "data"))
BACKBONE = os.environ.get("BACKBONE", TransferOptions().backbone)
KNOWN, OTHERS = "cats-vs-dogs", ("flowers", "trashnet", "imagenette")
DOGS, TRUCKS = "n02102040", "n03417042"  # of Imagenette: what cats-vs-dogs and CIFAR-10 have too
STRANGE_DRAWS, STRANGE_SIZES = 10, (300, 80)
DRAWS, SIZES = 200, (40, 80, 300)

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Seen:
    """A data set as the network sees it: features (n, d), labels, groups of copies, parts, names."""

    features: NDArray[np.float32]
    labels: Rows
    groups: Rows
    parts: NDArray[np.str_]
    names: Sequence[str]


class Drawn:
    """A head, calibration and distance from some photos, as recipe transfer and `finish` make them."""

    def __init__(self, known: Seen, rows: Rows, knowledge: NDArray[np.float32] | None, seed: int) -> None:
        features, labels, groups = known.features[rows], known.labels[rows], known.groups[rows]
        learning = Learning(features, labels, int(known.labels.max()) + 1)
        few = np.bincount(labels).min() < TINY
        kinds = [KINDS["linear"], KINDS["means"], KINDS["neighbours"]] if few else [KINDS["linear"]]
        choice = choose_head(learning, groups, kinds, seed)
        self.head, self.novelty = choice.head, fit_novelty(features, knowledge)
        self.temperature = fit_temperature(choice.logits, labels[choice.compared])
        asked = choice.compared
        apart = self.novelty.distance_apart(features[asked], groups[asked], groups)
        self.farthest = tail_threshold(apart, REJECT_SHARE, self.novelty.shape)
        held_out = softmax(choice.logits / self.temperature)
        self.least = conformal_threshold(held_out, labels[asked], COVERAGE)

    def refused(self, features: NDArray[np.float32]) -> float:
        """The share of photos that are called "not one of these"."""
        return float((self.novelty.distance(features) > self.farthest).mean())

    def covered(self, features: NDArray[np.float32], labels: Rows) -> tuple[float, float]:
        """The share of photos whose class is in `could_be`, and how many classes that has on average."""
        could_be = softmax(self.head.logits(features) / self.temperature) >= self.least
        return float(could_be[np.arange(len(labels)), labels].mean()), float(could_be.sum(axis=1).mean())


def see(data: str) -> tuple[Seen, NDArray[np.float32] | None]:
    """The features of a data set's photos, and what the network knows to tell apart."""
    backbone = find_wanted(TransferOptions(backbone=BACKBONE))
    graph = make_graph(backbone, backbone.size)
    dataset, pixels = decode_photos(read(DATA / data), backbone.size, "squish")
    features = features_of(cut_to_features(graph), pixels.take, np.arange(len(dataset)))
    knowledge = read_knowledge(onnx.load_model_from_string(graph).graph)
    names, groups = dataset.photos.names, groups_of(dataset, pixels)
    return Seen(features, dataset.labels, groups, dataset.parts, names), knowledge


def draw_photos(known: Seen, count: int, seed: int) -> Rows:
    """So many photos of the training part, as many of each class, less those that a test part would take."""
    order = np.random.default_rng(seed).permutation(np.flatnonzero(known.parts == "train"))
    classes = np.unique(known.labels)
    each = round(count * (1 - USUAL.test) / len(classes))
    return np.concatenate([order[known.labels[order] == label][:each] for label in classes])


def strange() -> None:
    """Photos of other things that are refused, and cats and dogs that are turned away."""
    known, knowledge = see(KNOWN)
    others = {name: see(name)[0] for name in OTHERS}
    test = np.flatnonzero(known.parts == "test")
    figures: dict[str, Any] = {"backbone": BACKBONE}
    for size in STRANGE_SIZES:
        draws = []
        for seed in range(STRANGE_DRAWS):
            model = Drawn(known, draw_photos(known, size, seed), knowledge, seed)
            row = {name: model.refused(_without(seen, DOGS)) for name, seen in others.items()}
            draws.append(row | {"turned away": model.refused(known.features[test])})
        figures[f"{size} photos"] = {
            name: {
                "mean": round(float(np.mean([draw[name] for draw in draws])), 4),
                "worst": round((max if name == "turned away" else min)(draw[name] for draw in draws), 4),
            }
            for name in draws[0]
        }
    record("trust", "strange", figures, "onnxruntime", "scikit-learn")


def _without(seen: Seen, wanted: str) -> NDArray[np.float32]:
    return seen.features[[wanted not in name for name in seen.names]]


def promises(draws: str = str(DRAWS)) -> None:
    """Coverage of the sets, and photos of the same source that are turned away, over many draws."""
    known, knowledge = see(KNOWN)
    figures: dict[str, Any] = {"backbone": BACKBONE, "draws": int(draws)}
    for size in SIZES:
        rows = []
        for seed in range(int(draws)):
            drawn = draw_photos(known, size, seed)
            rest = np.flatnonzero((known.parts == "train") & ~np.isin(known.groups, known.groups[drawn]))
            model = Drawn(known, drawn, knowledge, seed)
            features = known.features[rest]
            rows.append((*model.covered(features, known.labels[rest]), model.refused(features)))
        covered, sizes, refused = np.array(rows).T
        figures[f"{size} photos"] = {
            "learnt from": len(drawn),
            "covered": round(float(covered.mean()), 4),
            "covered in the worst of ten": round(float(np.quantile(covered, 0.1)), 4),
            "classes in a set": round(float(sizes.mean()), 3),
            "turned away": round(float(refused.mean()), 4),
            "turned away in the worst of ten": round(float(np.quantile(refused, 0.9)), 4),
        }
    record("trust", "promises", figures, "onnxruntime", "scikit-learn")


def cifar(run: str) -> None:
    """The AUROC of each score of a run on CIFAR-10, on a copy so that its report stays."""
    with tempfile.TemporaryDirectory() as place:
        small, copy = Path(place) / "imagenette-32", Path(place) / "run"
        small.mkdir()
        for file in sorted((DATA / "imagenette" / "val").glob("*/*")):
            if file.parent.name not in (DOGS, TRUCKS):
                shutil.copy(file, small / f"{file.parent.name}-{file.name}")
        shutil.copytree(open_run(run).folder, copy)
        measured = remeasure(open_run(copy), outliers=small).outliers
    assert measured is not None
    record(
        "trust",
        "cifar",
        {score.name: round(score.auroc.value, 4) for score in measured.scores},
        "onnxruntime",
    )


ROWS = {"strange": strange, "promises": promises, "cifar": cifar}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in ROWS:
        sys.exit(__doc__)
    ROWS[sys.argv[1]](*sys.argv[2:])

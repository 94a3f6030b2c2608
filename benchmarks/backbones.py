"""Pretrained networks beside each other, on the same photos, draws and folds, with the head that training takes.

    python benchmarks/backbones.py few [NAME]        (WHATSIT_DATA holds cats-vs-dogs/, flowers/, …)
    python benchmarks/backbones.py folds DATA [NAME [OTHER]]

few     cats-vs-dogs: right of the test photos with all, 50 and 20 photos a class (mean of ten draws)
folds   every photo of a data set asked once, by grouped five folds dealt in three ways; the difference to OTHER,
        paired by photo

NAME is a backbone, lite0 where none is named; OTHER is mobilenetv2. lite0@320 is lite0 that is shown photos at 320
pixels.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from record import record

from whatsit.data.readers import read
from whatsit.data.ready import ReadyData
from whatsit.data.splitting.folds import FOLDS, deal_folds, list_folds
from whatsit.model.backbones.find import find_backbone
from whatsit.model.graph.cut import count_features, find_front
from whatsit.model.graph.stages import compute_front
from whatsit.model.graph.write import STAGES
from whatsit.road.preparing import prepare
from whatsit.training.backbones.convert import make_graph
from whatsit.training.heads.choose import choose_head
from whatsit.training.heads.kinds import KINDS, HeadKind, Learning
from whatsit.training.heads.parts import on_last, on_stages
from whatsit.training.options import TrainOptions

DATA = Path(os.environ.get("WHATSIT_DATA", "data"))
DRAWS, FEW = 10, (50, 20)
DEALS = 3  # ways to deal the folds: of a few hundred photos one way and another lie two points apart
NORMAL = 1.96  # standard errors of a 95 % interval


def look(data: str, name: str) -> tuple[ReadyData, NDArray[np.float32], list[HeadKind]]:
    """A data set, what a backbone makes of all its photos, and the kinds of heads that training compares."""
    name, _, side = name.partition("@")
    backbone = find_backbone(name)
    size = (int(side), int(side)) if side else backbone.size
    ready = prepare(read(DATA / data), TrainOptions(recipe="transfer", size=size[0]))
    graph = make_graph(backbone, size)
    features = compute_front(graph, ready.decoded.take, np.arange(len(ready.dataset)))
    linear = KINDS["linear"]
    if find_front(graph) == STAGES:
        return ready, features, [on_last(linear, count_features(graph)), on_stages(linear)]
    return ready, features, [linear]


def few(name: str = "lite0") -> None:
    """Accuracy on the test photos, with all training photos and with few of them."""
    ready, features, kinds = look("cats-vs-dogs", name)
    labels, groups = ready.dataset.labels, ready.groups()
    test, pool = ready.split.rows("test"), np.flatnonzero(ready.split.parts != "test")

    def right(rows: NDArray[np.int64], seed: int) -> tuple[float, str]:
        choice = choose_head(Learning(features[rows], labels[rows], 2), groups[rows], kinds, seed)
        return float((choice.head.logits(features[test]).argmax(1) == labels[test]).mean()), choice.name

    figures: dict[str, Any] = {"backbone": name, "test photos": len(test)}
    for count in FEW:
        shares = []
        for draw in range(DRAWS):
            order = np.random.default_rng(draw).permutation(pool)
            rows = np.concatenate([order[labels[order] == label][:count] for label in np.unique(labels)])
            shares.append(right(rows, draw)[0])
        mean, spread = round(float(np.mean(shares)), 4), round(float(np.std(shares, ddof=1)), 4)
        figures[f"{count} a class"] = {"mean": mean, "spread": spread, "least": min(shares)}
        print(count, figures[f"{count} a class"], flush=True)
    share, head = right(pool, 0)
    figures["all"] = {"accuracy": round(share, 4), "photos": len(pool), "head": head}
    record("backbones", f"few-{name}", figures, "onnxruntime", "scikit-learn")


def folds(data: str, name: str = "lite0", other: str = "mobilenetv2") -> None:
    """Every photo asked once of two networks, each with a head that has not seen its fold."""
    hits = {one: ask_once(data, one) for one in (name, other)}
    difference = hits[name] - hits[other]
    error = float(difference.std(ddof=1) / np.sqrt(len(difference)))
    figures = {
        "photos": len(difference),
        **{one: round(float(found.mean()), 4) for one, found in hits.items()},
        "difference": round(float(difference.mean()), 4),
        "interval": [round(float(difference.mean() + side * NORMAL * error), 4) for side in (-1, 1)],
    }
    record("backbones", f"folds-{data}-{name}", figures, "onnxruntime", "scikit-learn")


def ask_once(data: str, name: str) -> NDArray[np.float64]:
    """(n,) how often each photo is named right by the head of the other four folds, over all deals."""
    ready, features, kinds = look(data, name)
    labels, groups, classes = ready.dataset.labels, ready.groups(), len(ready.dataset.classes)
    hits = np.zeros((DEALS, len(labels)))
    for deal in range(DEALS):
        for held in (fold.asked for fold in list_folds(deal_folds(labels, groups, FOLDS, deal))):
            rest = np.setdiff1d(np.arange(len(labels)), held)
            head = choose_head(Learning(features[rest], labels[rest], classes), groups[rest], kinds, deal).head
            hits[deal, held] = head.logits(features[held]).argmax(1) == labels[held]
    return hits.mean(axis=0)


ROWS = {"few": few, "folds": folds}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in ROWS:
        sys.exit(__doc__)
    ROWS[sys.argv[1]](*sys.argv[2:])

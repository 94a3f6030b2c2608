"""Faces of five athletes by a face network: who it is, who is a stranger, and whose face lies in the wrong class.

    python benchmarks/faces.py ROW …    (WHATSIT_DATA holds sports-celebrities/; WHATSIT_YUNET and
                                         WHATSIT_FACE_NETWORK name the two files that the user brings)

named      every face that YuNet finds asked about once (grouped 5-fold, three seeds): the face network with dlib's
           cut, and beside it the same with our own cut
pictures   the same faces, asked of the default network of all pictures: what one gets without a face network
few        the same network when it learnt from 3, 5 and 10 faces a person
strangers  each athlete left out in turn: the distance of its faces against that of unseen faces of the other four
people     the check another-person: what it finds, and how many of the faces that are always named wrong it has
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from classical import DATA, OUTER, SEEDS, Faces
from numpy.typing import NDArray
from record import record

from whatsit.cleaning.cleaning import clean
from whatsit.data.dataset import Dataset
from whatsit.data.decisions import apply_decisions
from whatsit.data.faces.kept import cut_to_chips
from whatsit.data.pixels import decode_photos
from whatsit.data.readers import read
from whatsit.data.ready import ReadyData
from whatsit.data.splitting.folds import deal_folds, list_folds
from whatsit.data.splitting.groups import join_groups
from whatsit.data.splitting.split import Split
from whatsit.evaluating.trust import auroc
from whatsit.model.backbones.face_network import SAME_PERSON, SIDE
from whatsit.model.finish import finish
from whatsit.model.graph.session import Session, run_over
from whatsit.training.options import TrainOptions, TransferOptions
from whatsit.training.recipes import RECIPES
from whatsit.training.task import Task

YUNET, NETWORK = (os.environ.get(name, "") for name in ("WHATSIT_YUNET", "WHATSIT_FACE_NETWORK"))
BY_NETWORK = TrainOptions(recipe="transfer", transfer=TransferOptions(face_network=NETWORK))
STRENGTH = 0.3  # of the head, as cross-validation chooses it here: the distance does not depend on it
FEW, DRAWS = (3, 5, 10), 10
NOTHING = np.array([], np.int64)


def cut(side: int, chips: bool, into: Path) -> Faces:
    """The faces that YuNet finds, cut out at a size as dlib cuts them, or as we do."""
    if not into.exists():
        shutil.copytree(DATA / "sports-celebrities", into)
        clean(into, face_detector=YUNET)
    dataset = apply_decisions(read(into))
    dataset, pixels = decode_photos(cut_to_chips(dataset) if chips else dataset, (side, side))
    return Faces(replace(dataset, groups=join_groups(dataset.groups, pixels.same_content())), pixels)


def named(into: Path) -> None:
    """Which of five athletes it is."""
    chips = cut(SIDE, True, into)
    figures = {
        "faces": len(chips.dataset),
        "dlib's cut": chips.by_folds(BY_NETWORK),
        "our cut": cut(SIDE, False, into).by_folds(BY_NETWORK),
    }
    record("faces", "named", figures, "onnxruntime", "opencv-python-headless", "scikit-learn")


def pictures(into: Path) -> None:
    """Which of five athletes it is, by a network that has learnt of everything but faces."""
    by_default = TrainOptions(recipe="transfer")
    faces = cut(RECIPES["transfer"].size(cut(SIDE, False, into).dataset, by_default)[0], False, into)
    figures = {"faces": len(faces.dataset), "default network": faces.by_folds(by_default)}
    record("faces", "pictures", figures, "onnxruntime", "opencv-python-headless", "scikit-learn")


def few(into: Path) -> None:
    """Which of five athletes it is, by what learnt from a few faces of each."""
    chips = cut(SIDE, True, into)
    figures = {f"{count} faces a person": by_draws(chips, count) for count in FEW}
    record("faces", "few", figures, "onnxruntime", "opencv-python-headless", "scikit-learn")


def by_draws(faces: Faces, count: int) -> dict[str, Any]:
    """The share of all other faces named right by what learnt from `count` faces a person, over some draws."""
    shares = []
    for seed in range(DRAWS):
        order = np.random.default_rng(seed).permutation(len(faces.dataset))
        labels = faces.dataset.labels[order]
        learnt = np.concatenate([order[labels == label][:count] for label in range(len(faces.dataset.classes))])
        groups = faces.dataset.groups
        assert groups is not None
        asked = np.flatnonzero(~np.isin(groups, groups[learnt]))
        parts = np.full(len(faces.dataset), "", "<U5")
        parts[learnt], parts[asked] = "train", "test"
        logits = answer(faces, parts, asked, seed, ["logits"])[0]
        shares.append(float((logits.argmax(axis=1) == faces.dataset.labels[asked]).mean()))
    return {"accuracy": round(float(np.mean(shares)), 3), "by_draw": [round(share, 3) for share in shares]}


def answer(
    faces: Faces, parts: NDArray[np.str_], asked: NDArray[np.int64], seed: int, outputs: list[str]
) -> list[NDArray[np.float32]]:
    """Outputs of the network with a head that learnt from the photos of part train; and, but for the logits, the
    distance from which on a photo is none of them."""
    ready = ReadyData(faces.dataset, faces.pixels, Split(parts, NOTHING, 0))
    options = replace(BY_NETWORK, seed=seed, transfer=replace(BY_NETWORK.transfer, strength=STRENGTH))
    with tempfile.TemporaryDirectory() as checkpoint:
        trained = RECIPES["transfer"].fit(Task(ready, options, Path(checkpoint)))
    if outputs == ["logits"]:
        return run_over(Session(trained.graph.SerializeToString()), faces.pixels.take, asked, outputs)
    finished = finish(trained, ready, seed)
    found = run_over(Session(finished.graph), faces.pixels.take, asked, outputs)
    return [*found, np.array([finished.facts.thresholds.distance], np.float32)]


def strangers(into: Path) -> None:
    """Whether a stranger's face is told from those of the people a model knows."""
    chips = cut(SIDE, True, into)
    figures: dict[str, Any] = {"faces": len(chips.dataset)}
    scores, refused, turned_away = [], [], []
    for stranger, name in enumerate(chips.dataset.classes):
        known = np.flatnonzero(chips.dataset.labels != stranger)
        strange = np.flatnonzero(chips.dataset.labels == stranger)
        own = []
        for seed in SEEDS[:1]:  # 25 models take long enough
            for train, val, asked in thirds(chips.dataset, known, seed):
                parts = np.full(len(chips.dataset), "", "<U5")
                parts[train], parts[val] = "train", "val"
                keep = np.sort(np.concatenate([train, val, asked, strange]))
                four = Faces(of_four(chips.dataset.select(keep), stranger), chips.pixels.select(keep))
                distances, (limit,) = answer(four, parts[keep], np.arange(len(keep)), seed, ["distance"])
                by_row = dict(zip(keep.tolist(), distances.tolist(), strict=True))
                near, far = (np.array([by_row[row] for row in rows.tolist()]) for rows in (asked, strange))
                own.append(auroc(near, far).value)
                refused.append(float((far > limit).mean()))
                turned_away.append(float((near > limit).mean()))
        figures[name] = round(float(np.mean(own)), 4)
        scores += own
    figures["auroc"] = {
        "mean": round(float(np.mean(scores)), 4),
        "lowest": round(min(scores), 4),
        "highest": round(max(scores), 4),
    }
    figures["strangers_refused"] = round(float(np.mean(refused)), 3)
    figures["known_turned_away"] = round(float(np.mean(turned_away)), 3)
    record("faces", "strangers", figures, "onnxruntime", "opencv-python-headless", "scikit-learn")


def of_four(dataset: Dataset, stranger: int) -> Dataset:
    """The data set without the stranger's class; its faces bear the label of the first, and are in no part."""
    classes = tuple(name for label, name in enumerate(dataset.classes) if label != stranger)
    labels = np.where(dataset.labels == stranger, 0, dataset.labels - (dataset.labels > stranger))
    return replace(dataset, classes=classes, labels=labels)


def thirds(
    dataset: Dataset, rows: NDArray[np.int64], seed: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """Each fold of some rows asked in turn, the next for validation, the other three to learn from."""
    assert dataset.groups is not None
    labels = np.unique(dataset.labels[rows], return_inverse=True)[1].astype(np.int64)
    asked = [rows[fold.asked] for fold in list_folds(deal_folds(labels, dataset.groups[rows], OUTER, seed))]
    return [
        (np.setdiff1d(rows, np.concatenate([asked[at], asked[at - 1]])), asked[at - 1], asked[at])
        for at in range(len(asked))
    ]


def people(into: Path) -> None:
    """What the check another-person finds."""
    chips = cut(SIDE, True, into)
    assert chips.dataset.groups is not None
    wrong = np.zeros(len(chips.dataset), np.int64)
    for seed in SEEDS:
        for fold in list_folds(deal_folds(chips.dataset.labels, chips.dataset.groups, OUTER, seed)):
            parts = np.full(len(chips.dataset), "train", "<U5")
            parts[fold.asked] = "test"
            (logits,) = answer(chips, parts, fold.asked, seed, ["logits"])
            wrong[fold.asked] += logits.argmax(axis=1) != chips.dataset.labels[fold.asked]
    cleaned = clean(into, face_network=NETWORK)
    found = {one.photo for one in cleaned.findings if one.check == "another-person"}
    always = {chips.dataset.photos.names[row] for row in np.flatnonzero(wrong == len(SEEDS))}
    never = {chips.dataset.photos.names[row] for row in np.flatnonzero(wrong == 0)}
    figures = {
        "faces": len(chips.dataset),
        "farther_than": SAME_PERSON,
        "found": len(found),
        "always_named_wrong": len(always),
        "of_them_found": len(always & found),
        "not_found": len(chips.dataset) - len(found),
        "of_them_always_named_right": len(never - found),
    }
    record("faces", "people", figures, "onnxruntime", "opencv-python-headless", "scikit-learn")


ROWS = {"named": named, "pictures": pictures, "few": few, "strangers": strangers, "people": people}

if __name__ == "__main__":
    if not YUNET or not NETWORK:
        sys.exit(
            "Name the two files by WHATSIT_YUNET and WHATSIT_FACE_NETWORK: docs/faces.md says where they are."
        )
    with tempfile.TemporaryDirectory() as folder:
        for row in sys.argv[1:] or ROWS:
            ROWS[row](Path(folder) / "sports-celebrities")

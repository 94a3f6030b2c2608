"""The classical route: faces of five athletes, handwritten digits in minutes, and the time of one answer.

    python benchmarks/classical.py ROW      (WHATSIT_DATA holds sports-celebrities/, mnist/, …)

celebrities [STACK …]  grouped 5-fold on the faces that `clean --faces` finds, nothing cleaned by hand: the whole
                       search inside each fold; the tutorial's own way beside it
digits                 MNIST whole, and scikit-learn's plain grid over raw pixels on a part of it
answer                 one answer of the ONNX file, and scikit-learn's predict_proba on the same features
features               every stack of features on several data sets: what the default was chosen by
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from record import record

from whatsit.clean.cleaning import clean
from whatsit.data.dataset import Dataset
from whatsit.data.decided import decided
from whatsit.data.groups import joined
from whatsit.data.pixels import Decoded
from whatsit.data.pixels import decoded as decode_all
from whatsit.data.readers import read
from whatsit.data.split import Split
from whatsit.evaluate.metrics import wilson
from whatsit.model.session import Session, run_over
from whatsit.train.options import AugmentOptions, ClassicalOptions, TrainOptions
from whatsit.train.recipes.classical.folds import folds_of
from whatsit.train.recipes.classical.recipe import fit
from whatsit.train.task import Task

DATA = Path(os.environ.get("WHATSIT_DATA", "data"))
OUTER = 5
SEEDS = (0, 1, 2)
STACKS = ("raw+wavelet", "hog", "hog+patches", "hog+colour+patches")


def celebrities(*stacks: str) -> None:
    """Write-up 2's task: who of five athletes it is."""
    dataset, pixels, groups = faces_of_celebrities()
    figures: dict[str, Any] = {"photos": 250, "faces": len(dataset), "tutorial": tutorial()}
    for stack in stacks or STACKS:
        options = ClassicalOptions(features=stack)
        figures[stack] = by_folds(dataset, pixels, groups, lambda task: fit(task).graph, options)
        print(stack, figures[stack], flush=True)
    record("classical", "celebrities", figures, "scikit-learn", "onnxruntime", "opencv-python-headless")


def faces_of_celebrities() -> tuple[Dataset, Decoded, NDArray[np.int64]]:
    """The aligned faces as pixels, and the groups that must not be separated."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "sports-celebrities"
        shutil.copytree(DATA / "sports-celebrities", copy)
        clean(copy, cut_to_faces=True)
        dataset, pixels = decode_all(decided(read(copy)), (128, 128))
    same = pixels.same_content()
    return dataset, pixels, same if dataset.groups is None else joined(dataset.groups, same)


def by_folds(
    dataset: Dataset,
    pixels: Decoded,
    groups: NDArray[np.int64],
    graph_of: Callable[[Task], Any],
    classical: ClassicalOptions,
) -> dict[str, Any]:
    """Accuracy over outer folds; everything, the choice of the model included, is learnt inside a fold's train."""
    options = TrainOptions(recipe="classical", classical=classical, augment=AugmentOptions("none", flip=True))
    shares, seconds = [], []
    for seed in SEEDS:
        right = 0
        for fold in folds_of(dataset.labels, groups, OUTER, seed).folds:
            parts = np.where(np.isin(np.arange(len(dataset)), fold.asked), "test", "train")
            with tempfile.TemporaryDirectory() as checkpoint:
                split = Split(parts, np.array([], np.int64), 0)
                wanted = replace(options, seed=seed)
                known = replace(dataset, groups=groups)
                begun = time.perf_counter()
                graph = graph_of(Task(known, pixels, dataset.labels, split, wanted, Path(checkpoint)))
                seconds.append(time.perf_counter() - begun)
            (logits,) = run_over(Session(graph.SerializeToString()), pixels.take, fold.asked, ["logits"])
            right += int((logits.argmax(axis=1) == dataset.labels[fold.asked]).sum())
        shares.append(right / len(dataset))
    low, high = wilson(round(float(np.mean(shares)) * len(dataset)), len(dataset))
    return {
        "accuracy": round(float(np.mean(shares)), 3),
        "interval": [round(low, 3), round(high, 3)],
        "by_seed": [round(share, 3) for share in shares],
        "seconds_a_search": round(float(np.median(seconds)), 1),
    }


def tutorial() -> dict[str, Any]:
    """The tutorial's own way: the first face with two eyes in it, as it stands; a linear machine."""
    import cv2
    import pywt
    from skimage.feature import hog
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    faces, labels = [], []
    cascade = cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_frontalface_default.xml")
    eyes = cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_eye.xml")
    for file in sorted((DATA / "sports-celebrities").glob("*/*")):
        photo = cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        grey = cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY)
        for x, y, w, h in cascade.detectMultiScale(grey, 1.3, 5):
            if len(eyes.detectMultiScale(grey[y : y + h, x : x + w])) >= 2:
                faces.append(photo[y : y + h, x : x + w])
                labels.append(file.parent.name)
                break
    raw = [cv2.resize(face, (32, 32)).reshape(-1) for face in faces]
    waves = []
    for face in faces:
        coefficients = pywt.wavedec2(cv2.cvtColor(face, cv2.COLOR_BGR2GRAY) / 255, "db1", level=5)
        coefficients[0] *= 0
        picture = (pywt.waverec2(coefficients, "db1") * 255).astype(np.int64).astype(np.uint8)  # wraps
        waves.append(cv2.resize(picture, (32, 32)).reshape(-1))
    gradients = [
        hog(cv2.resize(face, (64, 64)), channel_axis=-1, block_norm="L2-Hys", cells_per_block=(2, 2))
        for face in faces
    ]
    figures: dict[str, Any] = {"faces": len(faces)}
    for name, columns in {"raw+wavelet": np.hstack([raw, waves]), "hog": np.array(gradients)}.items():
        machine = make_pipeline(StandardScaler(), SVC(kernel="linear", C=1))
        folds = [StratifiedKFold(OUTER, shuffle=True, random_state=seed) for seed in SEEDS]
        shares = [
            (cross_val_predict(machine, columns, labels, cv=fold) == np.array(labels)).mean() for fold in folds
        ]
        figures[name] = round(float(np.mean(shares)), 3)
    return figures


ROWS = {"celebrities": celebrities}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in ROWS:
        sys.exit(__doc__)
    ROWS[sys.argv[1]](*sys.argv[2:])

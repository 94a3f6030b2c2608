"""The classical route: faces of five athletes, handwritten digits in minutes, and the time of one answer.

    python benchmarks/classical.py ROW …    (WHATSIT_DATA holds sports-celebrities/, mnist/, imagenette/, …)

celebrities STACK …  grouped 5-fold on the faces that `clean --faces` finds, nothing cleaned by hand: the search
                     inside each fold, and the tutorial's own way beside it; the stack `transfer` is that recipe
mnist                60,000 digits from the command's start to the report
plain-grid           scikit-learn's plain grid search on raw pixels of growing parts of MNIST
answer               one answer of the ONNX file, and scikit-learn's predict_proba on the same features
features DATA SIDE   each stack of features on one data set: what the default was chosen by
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from record import record

from whatsit.cleaning.cleaning import clean
from whatsit.data.dataset import Dataset
from whatsit.data.decisions import apply_decisions
from whatsit.data.pixels import Decoded
from whatsit.data.pixels import decode_photos as decode_all
from whatsit.data.readers import read
from whatsit.data.ready import ReadyData
from whatsit.data.splitting.folds import Fold, deal_folds, list_folds
from whatsit.data.splitting.groups import join_groups
from whatsit.data.splitting.split import Split
from whatsit.engine import cores
from whatsit.image import as_rgb
from whatsit.model.classifier import MODEL_FILE, Classifier
from whatsit.model.graph.session import Session, run_over
from whatsit.model.share import wilson
from whatsit.road.train import train
from whatsit.training.features import FEATURES
from whatsit.training.features.stack import stack_features
from whatsit.training.options import AugmentOptions, ClassicalOptions, TrainOptions
from whatsit.training.recipes import RECIPES
from whatsit.training.recipes.classical.examples import compute_feature, examples_of, sample_of
from whatsit.training.recipes.classical.kinds import KINDS
from whatsit.training.recipes.classical.score import GridCandidate
from whatsit.training.task import Task

DATA = Path(os.environ.get("WHATSIT_DATA", "data"))
OUTER = 5
SEEDS = (0, 1, 2)
STACKS = ("raw+wavelet", "hog+patches", "transfer")
FIXED = (
    ("logistic", {"C": 1.0}),
    ("svm-linear", {"C": 1.0}),
    ("svm-rbf", {"C": 10.0, "gamma": 1.0}),
    ("svm-rbf", {"C": 10.0, "gamma": 0.3}),
)


def celebrities(*stacks: str) -> None:
    """Write-up 2's task: which of five athletes it is."""
    faces = Faces.of(128)
    figures: dict[str, Any] = {"photos": 250, "faces": len(faces.dataset), "tutorial": tutorial()}
    for stack in stacks or STACKS:
        if stack == "transfer":
            options = TrainOptions(recipe="transfer")
            large = Faces.of(RECIPES["transfer"].size(faces.dataset, options)[0])
        else:
            augment = AugmentOptions("none", flip=True)
            options = TrainOptions(recipe="classical", classical=ClassicalOptions(stack), augment=augment)
            large = faces
        figures[stack] = large.by_folds(options)
    record("classical", f"celebrities-{'-'.join(stacks)}", figures, "scikit-learn", "onnxruntime")


@dataclass(frozen=True)
class Faces:
    """The aligned faces as pixels, with the groups that must not be separated."""

    dataset: Dataset
    pixels: Decoded

    @classmethod
    def of(cls, side: int) -> Faces:
        """The faces that cleaning finds, cut out at a size."""
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "sports-celebrities"
            shutil.copytree(DATA / "sports-celebrities", copy)
            clean(copy, cut_to_faces=True)
            dataset, pixels = decode_all(apply_decisions(read(copy)), (side, side))
        same = pixels.same_content()
        groups = join_groups(dataset.groups, same)
        return cls(replace(dataset, groups=groups), pixels)

    def by_folds(self, options: TrainOptions) -> dict[str, Any]:
        """Accuracy over outer folds: all is learnt, and the model chosen, inside a fold's training photos."""
        shares, seconds = [], []
        assert self.dataset.groups is not None
        for seed in SEEDS:
            folds = list_folds(deal_folds(self.dataset.labels, self.dataset.groups, OUTER, seed))
            right = sum(self._right(replace(options, seed=seed), fold, seconds) for fold in folds)
            shares.append(right / len(self.dataset))
        count, accuracy = len(self.dataset), float(np.mean(shares))
        return {
            "accuracy": round(accuracy, 3),
            "interval": [round(end, 3) for end in wilson(round(accuracy * count), count)],
            "by_seed": [round(share, 3) for share in shares],
            "seconds_a_search": round(float(np.median(seconds)), 1),
        }

    def _right(self, options: TrainOptions, fold: Fold, seconds: list[float]) -> int:
        parts = np.full(len(self.dataset), "train", "<U5")
        parts[fold.asked] = "test"
        split = Split(parts, np.array([], np.int64), 0)
        with tempfile.TemporaryDirectory() as checkpoint:
            task = Task(ReadyData(self.dataset, self.pixels, split), options, Path(checkpoint))
            begun = time.perf_counter()
            graph = RECIPES[options.recipe].fit(task).graph
            seconds.append(time.perf_counter() - begun)
        (logits,) = run_over(Session(graph.SerializeToString()), self.pixels.take, fold.asked, ["logits"])
        return int((logits.argmax(axis=1) == self.dataset.labels[fold.asked]).sum())


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


def mnist() -> None:
    """The whole command on 60,000 digits."""
    with tempfile.TemporaryDirectory() as runs:
        begun = time.perf_counter()
        run = train("mnist", TrainOptions(recipe="classical"), "mnist", Path(runs))
        figures = {
            "accuracy": run.info.figures.accuracy,
            "interval": run.info.figures.interval,
            "model": run.info.card.net,
            "megabytes": round((run.folder / MODEL_FILE).stat().st_size / 1e6, 1),
            "seconds": round(time.perf_counter() - begun, 1),
            "seconds_training": run.info.seconds.train,
            "answer_ms": _median_ms(_asked(run.model(), read("mnist"))),
        }
    record("classical", "mnist", figures, "scikit-learn", "onnxruntime")


def plain_grid() -> None:
    """scikit-learn's GridSearchCV as the tutorial writes it, on raw pixels, for growing parts of MNIST."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    grids = [
        (SVC(gamma="auto"), {"svc__C": [1, 10, 100, 1000], "svc__kernel": ["rbf", "linear"]}),
        (RandomForestClassifier(random_state=0), {"randomforestclassifier__n_estimators": [1, 5, 10]}),
        (LogisticRegression(max_iter=1000), {"logisticregression__C": [1, 5, 10]}),
    ]
    dataset, decoded = decode_all(read("mnist"), (28, 28))
    columns = decoded.pixels[decoded.rows].reshape(len(dataset), -1)
    learn, ask = np.flatnonzero(dataset.parts == "train"), np.flatnonzero(dataset.parts == "test")
    draw = np.random.default_rng(0).permutation(learn)
    found = {}
    for count in (1_000, 3_000):
        rows, begun = draw[:count], time.perf_counter()
        searches = [
            GridSearchCV(make_pipeline(StandardScaler(), model), grid, cv=5, n_jobs=cores()).fit(
                columns[rows], dataset.labels[rows]
            )
            for model, grid in grids
        ]
        spent = time.perf_counter() - begun
        best = max(searches, key=lambda search: search.best_score_)
        right = best.predict(columns[ask]) == dataset.labels[ask]
        found[str(count)] = {"seconds": round(spent, 1), "accuracy": round(float(right.mean()), 4)}
    record("classical", "plain-grid", found, "scikit-learn")


def answer() -> None:
    """One answer: features and model in the file; the model alone beside scikit-learn on the same features."""
    faces = Faces.of(128)
    everything = np.arange(len(faces.dataset))
    split = Split(np.full(len(faces.dataset), "train", "<U5"), np.array([], np.int64), 0)
    stack = "hog+patches"
    figures = {}
    for model in KINDS:
        classical = ClassicalOptions(stack, model)
        options = TrainOptions(recipe="classical", classical=classical, augment=AugmentOptions("none"))
        with tempfile.TemporaryDirectory() as checkpoint:
            task = Task(ReadyData(faces.dataset, faces.pixels, split), options, Path(checkpoint))
            trained = RECIPES["classical"].fit(task)
        built = stack_features(stack, sample_of(task, everything))
        features = built.graph.model((128, 128), {built.columns: [sum(built.widths)]}).SerializeToString()
        columns = run_over(Session(features), faces.pixels.take, everything, [built.columns])[0]
        peer = plain(model).fit(columns, faces.dataset.labels)
        photo, one = faces.pixels.take(everything[:1]), columns[:1]
        whole, front = Session(trained.graph.SerializeToString(), cores()), Session(features, cores())
        figures[model] = {
            "whole_ms": _median_ms(partial(whole.run, photo, ["logits"])),
            "features_ms": _median_ms(partial(front.run, photo, [built.columns])),
            "scikit_learn_ms": _median_ms(partial(peer.predict_proba, one)),
        }
    record("classical", "answer", figures, "scikit-learn", "onnxruntime")


def plain(model: str) -> Any:
    """The kind of model as one writes it in scikit-learn."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    def calibrated(kernel: str) -> Any:
        return CalibratedClassifierCV(make_pipeline(StandardScaler(), SVC(C=10, kernel=kernel)), ensemble=False)

    return {
        "logistic": make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
        "svm-linear": calibrated("linear"),
        "svm-rbf": calibrated("rbf"),
        "forest": RandomForestClassifier(100, random_state=0),
    }[model]


def _asked(model: Classifier, dataset: Dataset) -> Callable[[], Any]:
    photo = as_rgb(np.asarray(dataset.photos.read(0)))[None]
    return lambda: model.run(photo)


def _median_ms(call: Callable[[], Any], times: int = 300) -> float:
    """The median of some calls in milliseconds, after a few that warm up."""
    taken = []
    for place in range(times + 10):
        begun = time.perf_counter()
        call()
        if place >= 10:
            taken.append(time.perf_counter() - begun)
    return round(1000 * float(np.median(taken)), 3)


def features(data: str, side: str) -> None:
    """Accuracy on the official test photos of four fixed models, at most 5,000 + 2,000 photos."""
    dataset = read(data)
    draw = np.random.default_rng(0)
    learn, ask = (
        np.sort(draw.permutation(np.flatnonzero((dataset.parts == "train") == is_train))[:most])
        for is_train, most in ((True, 5_000), (False, 2_000))
    )
    dataset, pixels = decode_all(dataset, (int(side), int(side)))
    parts = np.full(len(dataset), "", "<U5")
    parts[learn], parts[ask] = "train", "test"
    task = Task(ReadyData(dataset, pixels, Split(parts, learn[:0], 0)), TrainOptions(), Path())
    names = [name for name in FEATURES if FEATURES[name].least_side <= int(side)]
    figures: dict[str, Any] = {"photos": [len(learn), len(ask)], "side": int(side)}
    for stack in [*names, "raw+hog", "hog+patches", "hog+colour+patches", "raw+hog+colour+patches"]:
        asked = np.concatenate(
            [compute_feature(name, task, ask, False).straight.take(slice(None)) for name in stack.split("+")], 1
        )
        examples = examples_of(
            stack, {name: compute_feature(name, task, learn, False) for name in stack.split("+")}, task, learn
        )
        figures[stack] = {}
        for model, parameters in FIXED:
            kind = KINDS[model]
            fitted = kind.make(parameters, 0).fit(*examples.to_learn(kind, np.arange(len(learn))))
            named = kind.scores(fitted, examples.space.of(asked)).argmax(axis=1)
            words = GridCandidate(stack, model, parameters).words
            figures[stack][f"{model} {words}"] = round(float((named == dataset.labels[ask]).mean()), 4)
    record("classical", f"features-{Path(data).name}", figures, "scikit-learn", "onnxruntime")


ROWS = {
    "celebrities": celebrities,
    "mnist": mnist,
    "plain-grid": plain_grid,
    "answer": answer,
    "features": features,
}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in ROWS:
        sys.exit(__doc__)
    ROWS[sys.argv[1]](*sys.argv[2:])

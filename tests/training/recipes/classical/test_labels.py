"""Several labels a photo: a model a label, what is unknown left out, the same answers from the graph."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import make_multilabel_classification
from sklearn.metrics import average_precision_score
from tasks import task_of

from labelled import red_and_striped
from whatsit.data.dataset import Dataset
from whatsit.data.target import SEVERAL, UNKNOWN
from whatsit.evaluating.figures import compute_figures
from whatsit.evaluating.measured import measure
from whatsit.model.classifier import Classifier
from whatsit.model.finish import finish
from whatsit.model.graph.session import Session
from whatsit.model.graph.write import Graph
from whatsit.training.features.graph import flatten_value, photo_of
from whatsit.training.options import ClassicalOptions
from whatsit.training.recipes.classical.aim import AIMS
from whatsit.training.recipes.classical.kinds import KINDS, LABEL_KINDS
from whatsit.training.recipes.classical.recipe import fit

QUICK = ClassicalOptions(features="raw", models="logistic", search_folds=3)


def numbers_and_labels(labels: int = 4, photos: int = 200) -> tuple[np.ndarray, np.ndarray]:
    numbers, truth = make_multilabel_classification(photos, 48, n_classes=labels, random_state=0)
    pixels = np.clip(numbers * 10, 0, 255).round().astype(np.uint8).reshape(-1, 4, 4, 3)
    return pixels, truth.astype(np.int64)


def columns_of(photos: np.ndarray) -> np.ndarray:
    return photos.transpose(0, 3, 1, 2).reshape(len(photos), -1).astype(np.float32) / np.float32(255)


@pytest.mark.parametrize("name", LABEL_KINDS)
def test_the_graph_answers_as_the_models_of_each_label(name: str) -> None:
    photos, truth = numbers_and_labels()
    truth[:, 2] = 1  # that all have
    truth[:, 3] = np.where(np.arange(len(truth)) % 2, UNKNOWN, truth[:, 3])
    kind = LABEL_KINDS[name]
    parameters = kind.grid(len(photos), 3)[0]
    fitted = kind.make(parameters, 0).fit(columns_of(photos), truth)
    expected = SEVERAL.link(kind.scores(fitted, columns_of(photos)))
    graph = Graph()
    kind.nodes(graph, fitted, flatten_value(graph, graph.add("Div", photo_of(graph), 255.0)), "logits")
    model = graph.model((4, 4), {"logits": [4]})
    (found,) = Session(model.SerializeToString()).run(photos, ["logits"])
    np.testing.assert_allclose(SEVERAL.link(found), expected, atol=1e-4)
    alone = KINDS[name].make(parameters, 0).fit(columns_of(photos), truth[:, 0])
    both = KINDS[name].scores(alone, columns_of(photos))
    np.testing.assert_allclose(expected[:, 0], SEVERAL.link(both[:, 1] - both[:, 0]), atol=1e-6)


def test_a_label_is_learnt_from_the_photos_of_which_it_is_known() -> None:
    photos, truth = numbers_and_labels()
    known = np.arange(len(truth)) < 120
    masked = truth.copy()
    masked[~known, 1] = UNKNOWN
    kind = LABEL_KINDS["logistic"]
    both = [
        kind.scores(kind.make({"C": 1.0}, 0).fit(columns_of(pixels), labels), columns_of(photos))[:, 1]
        for pixels, labels in ((photos, masked), (photos[known], truth[known]))
    ]
    np.testing.assert_allclose(both[0], both[1], atol=1e-6)


def test_what_all_known_photos_have_or_none_has_is_a_number() -> None:
    photos, truth = numbers_and_labels()
    truth[:, 0], truth[:, 1], truth[:, 2] = 1, 0, UNKNOWN
    kind = LABEL_KINDS["svm-linear"]
    scores = kind.scores(kind.make({"C": 1.0}, 0).fit(columns_of(photos), truth), columns_of(photos))
    assert scores[0, 0] == pytest.approx(np.log(200.5 / 0.5))
    assert scores[0, 1] == pytest.approx(np.log(0.5 / 200.5))
    assert scores[0, 2] == 0
    assert not np.ptp(scores[:, :3], axis=0).any()


def test_candidates_are_ranked_by_mean_average_precision_of_what_is_known() -> None:
    random = np.random.default_rng(0)
    scores, truth = random.normal(size=(50, 3)), random.integers(2, size=(50, 3))
    truth[:, 2] = 1  # says nothing
    truth[10:20, 0] = UNKNOWN
    known = truth[:, 0] != UNKNOWN
    expected = np.mean(
        [
            average_precision_score(truth[known, 0], scores[known, 0]),
            average_precision_score(truth[:, 1], scores[:, 1]),
        ]
    )
    assert AIMS[SEVERAL.name].measure(None, scores, truth) == pytest.approx(expected)
    assert AIMS[SEVERAL.name].measure(None, scores[:, 2:], truth[:, 2:]) == 0


def learnt(dataset: Dataset, folder: Path, options: ClassicalOptions = QUICK) -> tuple[Classifier, float]:
    task = task_of(dataset, folder, options)
    model = Classifier(finish(fit(task), task.ready).file())
    figures = compute_figures(measure(model, task.ready))
    assert figures.several is not None
    assert figures.several.mean_average_precision is not None
    return model, figures.several.mean_average_precision


@pytest.mark.parametrize("models", ["logistic", "svm-linear", "svm-rbf", "forest"])
def test_every_kind_of_model_becomes_a_file_that_answers(models: str, tmp_path: Path) -> None:
    options = replace(QUICK, models=models)
    model, precision = learnt(red_and_striped(150), tmp_path, options)
    assert precision > 0.95
    facts = model.facts
    assert facts.target == SEVERAL.name
    assert facts.thresholds.labels is not None
    (answer,) = model.answers(np.asarray(red_and_striped(150).photos.read(0))[None])
    assert set(answer.labels or ()) <= set(answer.could_be)


def test_unknown_labels_and_one_that_nothing_has_are_learnt_around(tmp_path: Path) -> None:
    dataset = red_and_striped(150)
    labels = np.column_stack([dataset.labels, np.zeros(150, np.int64)])
    labels[::3, 0] = UNKNOWN
    wider = replace(dataset, labels=labels, classes=("red", "striped", "unseen"))
    model, precision = learnt(wider, tmp_path)
    assert precision > 0.95
    (answer,) = model.answers(np.asarray(dataset.photos.read(0))[None])
    assert answer.probabilities["unseen"] < 0.1


def test_all_photos_one_group(tmp_path: Path) -> None:
    dataset = red_and_striped(40)
    parts = np.array(["train"] * 30 + ["test"] * 10)
    _, precision = learnt(replace(dataset, groups=np.zeros(40, np.int64), parts=parts), tmp_path)
    assert precision > 0.5


def test_the_history_says_what_its_figures_are(tmp_path: Path) -> None:
    rows = fit(task_of(red_and_striped(90), tmp_path)).history
    assert {row["mean_of"] for row in rows} == {"mean average precision"}


def test_a_kind_is_tried_with_as_many_labels_as_it_can_learn_soon() -> None:
    assert not LABEL_KINDS["forest"].grid(1_000, 40)
    assert LABEL_KINDS["logistic"].grid(1_000, 40)

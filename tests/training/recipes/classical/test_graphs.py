"""Every kind of model: its graph against scikit-learn's own arithmetic."""

import numpy as np
import pytest
from sklearn.datasets import make_classification

from whatsit.data.target import softmax
from whatsit.model.graph.session import Session
from whatsit.model.graph.write import Graph
from whatsit.training.features.graph import flatten_value, photo_of
from whatsit.training.recipes.classical.kinds import KINDS
from whatsit.training.recipes.classical.svm import count_votes

SIDE = 4
COLUMNS = SIDE * SIDE * 3


def pixels_and_labels(classes: int, photos: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Photos of 4 × 4 pixels whose 48 numbers tell overlapping classes apart."""
    numbers, labels = make_classification(
        photos, COLUMNS, n_informative=12, n_classes=classes, class_sep=0.7, random_state=seed
    )
    scaled = np.clip((numbers - numbers.mean()) * 25 + 128, 0, 255)
    return scaled.round().astype(np.uint8).reshape(-1, SIDE, SIDE, 3), labels


def by_graph(name: str, fitted: object, photos: np.ndarray, classes: int) -> np.ndarray:
    graph = Graph()
    columns = flatten_value(graph, graph.add("Div", photo_of(graph), 255.0))
    KINDS[name].nodes(graph, fitted, columns, "logits")
    model = graph.model((SIDE, SIDE), {"logits": [classes]})
    return Session(model.SerializeToString()).run(photos, ["logits"])[0]


def columns_of(photos: np.ndarray) -> np.ndarray:
    return photos.transpose(0, 3, 1, 2).reshape(len(photos), -1).astype(np.float32) / np.float32(255)


@pytest.mark.parametrize("classes", [2, 3, 7])
@pytest.mark.parametrize("name", KINDS)
def test_probabilities_and_labels_are_those_of_the_fitted_estimator(name: str, classes: int) -> None:
    photos, labels = pixels_and_labels(classes)
    kind = KINDS[name]
    for parameters in kind.grid(len(photos), classes):
        fitted = kind.make(parameters, 0).fit(columns_of(photos[:200]), labels[:200])
        expected = kind.scores(fitted, columns_of(photos[200:]))
        found = by_graph(name, fitted, photos[200:], classes)
        assert np.abs(softmax(found) - softmax(expected)).max() < 1e-4
        top_two = np.sort(expected, axis=1)[:, -2:]
        clear = top_two[:, 1] - top_two[:, 0] > 1e-5
        np.testing.assert_array_equal(found.argmax(axis=1)[clear], expected.argmax(axis=1)[clear])
        assert clear.mean() > 0.9


@pytest.mark.parametrize("classes", [2, 5])
def test_logistic_regressions_softmax_is_its_own_predict_proba(classes: int) -> None:
    photos, labels = pixels_and_labels(classes)
    fitted = KINDS["logistic"].make({"C": 10.0}, 0).fit(columns_of(photos), labels)
    found = softmax(by_graph("logistic", fitted, photos, classes))
    assert np.abs(found - fitted.predict_proba(columns_of(photos))).max() < 1e-5


@pytest.mark.parametrize("classes", [2, 5])
def test_a_forests_votes_are_exact_and_its_label_is_its_own_predict(classes: int) -> None:
    photos, labels = pixels_and_labels(classes, photos=500)
    fitted = KINDS["forest"].make({"trees": 60, "leaf": 1}, 3).fit(columns_of(photos[:250]), labels[:250])
    logits = by_graph("forest", fitted, photos, classes)
    votes = np.exp(logits) * 61 - 1 / classes
    np.testing.assert_allclose(votes, np.rint(votes), atol=1e-4)
    np.testing.assert_array_equal(np.rint(votes), np.rint(fitted.predict_proba(columns_of(photos)) * 60))
    np.testing.assert_array_equal(logits.argmax(axis=1), fitted.predict(columns_of(photos)))


def test_a_forest_of_stumps_and_one_of_single_leaves_walk_as_well() -> None:
    photos, labels = pixels_and_labels(3)
    columns = columns_of(photos)
    for depth, most in ((1, 300), (3, 300), (2, 4)):  # four photos of one class make trees of a single leaf
        estimator = KINDS["forest"].make({"trees": 7, "leaf": 1}, 0).set_params(max_depth=depth)
        chosen = np.arange(most) if most > 4 else np.flatnonzero(labels == 1)[:4]
        fitted = estimator.fit(columns[chosen], labels[chosen])
        classes = len(fitted.classes_)
        expected = KINDS["forest"].scores(fitted, columns)
        np.testing.assert_allclose(by_graph("forest", fitted, photos, classes), expected, atol=1e-5)


def test_each_pairs_vote_is_cut_and_summed() -> None:
    decisions = np.array([[5.0, 0.25, -1.5]])  # of the pairs (0, 1), (0, 2), (1, 2)
    np.testing.assert_allclose(count_votes(decisions, 3), [[1.25, -2.0, 0.75]])


def test_summed_votes_name_as_many_photos_right_as_counted_votes() -> None:
    photos, labels = pixels_and_labels(7, photos=900)
    fitted = KINDS["svm-rbf"].make({"C": 10.0, "gamma": 0.3}, 0).fit(columns_of(photos[:400]), labels[:400])
    asked, truth = columns_of(photos[400:]), labels[400:]
    summed = KINDS["svm-rbf"].scores(fitted, asked).argmax(axis=1)
    assert (summed == truth).mean() > (fitted.predict(asked) == truth).mean() - 0.02

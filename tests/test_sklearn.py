"""Photos as scikit-learn's own tools see them."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks

from evaluating import photo_folder
from models import colours
from whatsit import TrainOptions, UserError
from whatsit.options import choose
from whatsit.sklearn import PhotoClassifier, PhotoFeatures

QUICK = choose(TrainOptions, None, {"recipe": "classical", "features": "colour", "models": "logistic"})


def drawn(photos: int = 90) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Photos (n, 12, 12, 3) and their classes: "blue", "green", "red"."""
    dataset = colours(photos)
    pictures = np.stack([np.asarray(dataset.photos.read(row)) for row in range(photos)])
    return pictures, np.array(dataset.classes)[dataset.labels]


@pytest.fixture(scope="module")
def fitted() -> PhotoClassifier:
    return PhotoClassifier(options=QUICK).fit(*drawn())


def test_it_learns_from_every_photo_and_names_them(fitted: PhotoClassifier) -> None:
    photos, labels = drawn()
    assert list(fitted.classes_) == ["blue", "green", "red"]
    assert fitted.score(photos, labels) > 0.6
    shares = fitted.predict_proba(photos)
    assert shares.shape == (90, 3)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert list(fitted.classes_[shares.argmax(axis=1)]) == list(fitted.predict(photos))
    assert fitted.model_.facts.card.photos.train == 90


def test_a_photo_is_the_same_in_every_form(fitted: PhotoClassifier, tmp_path: Path) -> None:
    picture = drawn()[0][0]
    Image.fromarray(picture).save(tmp_path / "a.png")
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    forms = [tmp_path / "a.png", str(tmp_path / "a.png"), out.getvalue(), Image.fromarray(picture), picture]
    shares = fitted.predict_proba(forms)
    np.testing.assert_allclose(shares, np.repeat(shares[:1], len(forms), axis=0), atol=1e-6)


def test_files_are_learnt_from_where_they_lie(tmp_path: Path) -> None:
    files = sorted(photo_folder(tmp_path / "colours", 60).rglob("*.png"))
    model = PhotoClassifier(options=QUICK, runs=tmp_path / "runs")
    model.fit([str(file) for file in files], [file.parent.name for file in files])
    assert model.run_.report.exists()
    assert model.run_.rows("split")[0]["name"] == str(files[0])
    assert model.run_.info.figures.part == "folds"


@pytest.mark.parametrize("kind", [int, float, bool], ids=["int", "float", "bool"])
def test_classes_come_back_as_they_were_given(kind: type) -> None:
    photos, labels = drawn(60)
    given = np.array([kind(label == "red") for label in labels])
    found = PhotoClassifier(options=QUICK).fit(photos, given).predict(photos)
    assert found.dtype == given.dtype
    assert set(found.tolist()) <= set(given.tolist())


def test_any_number_of_labels_a_photo() -> None:
    photos, labels = drawn(90)
    marks = np.stack([labels == "red", labels != "green"], axis=1).astype(int)
    model = PhotoClassifier(recipe="transfer", size=32).fit(photos, marks)
    assert model.predict(photos).shape == (90, 2)
    assert set(np.unique(model.predict(photos))) <= {0, 1}
    assert 0 <= model.score(photos, marks) <= 1
    assert model.predict_proba(photos).shape == (90, 2)


def test_what_belongs_together_stays_together(tmp_path: Path) -> None:
    photos, labels = drawn(90)
    both = TrainOptions(**(vars(QUICK) | {"test": 0.3}))
    model = PhotoClassifier(options=both, runs=tmp_path).fit(photos, labels, groups=np.arange(90) // 6)
    parts = [row["part"] for row in model.run_.rows("split")]
    assert set(parts) == {"train", "test"}
    assert all(len(set(parts[start : start + 6])) == 1 for start in range(0, 90, 6))


def test_it_is_cloned_pickled_and_searched(fitted: PhotoClassifier) -> None:
    photos, labels = drawn(60)
    again = clone(PhotoClassifier(options=QUICK, size=8).set_params(seed=3))
    assert (again.size, again.seed, again.options) == (8, 3, QUICK)
    assert repr(PhotoClassifier(size=8)) == "PhotoClassifier(size=8)"
    read = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(read.predict(photos), fitted.predict(photos))
    search = GridSearchCV(PhotoClassifier(options=QUICK), {"size": [4, 8]}, cv=2, error_score="raise")
    assert search.fit(photos, labels).best_params_["size"] in (4, 8)


def test_features_feed_any_estimator() -> None:
    photos, labels = drawn(60)
    pipeline = make_pipeline(PhotoFeatures(size=32), LogisticRegression(max_iter=500))
    assert cross_val_score(pipeline, photos, labels, cv=2).mean() > 0.5
    features = PhotoFeatures(size=32).transform(photos[:3])
    assert features.shape == (3, 1280)
    assert features.dtype == np.float32
    np.testing.assert_allclose(PhotoFeatures(size=32).transform(photos[1:2])[0], features[1], atol=1e-5)


@pytest.mark.parametrize("estimator", [PhotoClassifier(), PhotoFeatures()], ids=["classifier", "features"])
@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_set_params,
        estimator_checks.check_estimator_cloneable,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_valid_tag_types,
        estimator_checks.check_mixin_order,
    ],
    ids=lambda check: check.__name__,
)
def test_scikit_learns_own_checks_hold(estimator: Any, check: Any) -> None:
    """Those that need no array of numbers, which photos are not."""
    check(type(estimator).__name__, estimator)


@pytest.mark.parametrize(
    ("photos", "sentence"),
    [
        ("photo.jpg", "X is one photo."),
        (np.zeros((3, 2)), r"X has the shape \(3, 2\)"),
        (["/nowhere/a.jpg", "/nowhere/b.jpg"], "There is no file"),
        ([b"<html>"] * 2, "cannot be read|not a picture"),
        ([1, 2], "no photo|is none"),
    ],
    ids=["one", "numbers", "missing", "page", "ints"],
)
def test_what_is_no_list_of_photos_is_refused(photos: Any, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        PhotoFeatures().fit(photos).transform(photos)


def test_photos_without_labels_and_models_without_photos_are_refused(fitted: PhotoClassifier) -> None:
    photos, labels = drawn(60)
    with pytest.raises(UserError, match="60 photos came with 59 labels"):
        PhotoClassifier(options=QUICK).fit(photos, labels[:-1])
    with pytest.raises(NotFittedError):
        PhotoClassifier().predict(photos)
    with pytest.raises(UserError, match="Photo 1 has no answer"):
        fitted.predict([photos[0], b"<html>"])
    with pytest.raises(ValueError, match="Unknown label type"):
        PhotoClassifier(options=QUICK).fit(photos, np.linspace(0, 1, 60))

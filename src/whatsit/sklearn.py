"""Photos in scikit-learn: a classifier of photos, and their features, as estimators.

>>> from whatsit.sklearn import PhotoClassifier
>>> model = PhotoClassifier().fit(photos, labels)
>>> model.predict(others)

A photo is whatever `whatsit.predict` takes for one: a path, bytes, a picture of Pillow's, an array. X is a list of
them, or an array of photos; all else is as in scikit-learn (`clone`, `GridSearchCV`, `Pipeline`).
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted

from whatsit import verbs, words
from whatsit.data.dataset import NO_PART, Dataset, dataset_of
from whatsit.data.handed import Item, hand_over
from whatsit.data.pixels import decode_photos
from whatsit.data.splitting.groups import number_names
from whatsit.data.target import SEVERAL
from whatsit.errors import UserError
from whatsit.image import UnreadablePhoto
from whatsit.model.given import read_given
from whatsit.model.graph.features import features_of
from whatsit.options import list_given
from whatsit.training.backbones.convert import find_wanted, make_graph
from whatsit.training.options import TrainOptions, TransferOptions

if TYPE_CHECKING:
    from typing import Self

    from whatsit.model.answer import Answer
    from whatsit.model.classifier import Classifier
    from whatsit.model.run import Run

NAME = "photos"  # of the data set and, with what makes it unique, of its run


class PhotoClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier of photos, trained as `whatsit train` does it.

    recipe, backbone, net, epochs, size, resize, head, strength, time, seed: as in `TrainOptions`
    options: further ones; where the same stands in both, the keyword counts
    runs:    the folder in which each fit leaves its run, with report and model.onnx; None: none is kept

    Every photo given to `fit` is learnt from (recipes cnn and finetune set some apart for validation): measuring
    is scikit-learn's. `options=TrainOptions(test=0.15)` sets a test part apart as the command line does.

    classes_: (k,) the classes, sorted; of several labels the numbers of y's columns
    model_:   the `Classifier`: calibrated, and able to say "not one of these"
    run_:     the `Run`, where `runs` is given
    """

    def __init__(
        self,
        *,
        recipe: str | None = None,
        backbone: str | None = None,
        net: str | None = None,
        epochs: int | None = None,
        size: int | None = None,
        resize: str | None = None,
        head: str | None = None,
        strength: float | None = None,
        time: str | None = None,
        seed: int | None = None,
        options: TrainOptions | None = None,
        runs: str | Path | None = None,
    ) -> None:
        self.recipe = recipe
        self.backbone = backbone
        self.net = net
        self.epochs = epochs
        self.size = size
        self.resize = resize
        self.head = head
        self.strength = strength
        self.time = time
        self.seed = seed
        self.options = options
        self.runs = runs

    def fit(self, X: Sequence[Any] | NDArray[Any], y: ArrayLike, groups: Sequence[Any] | None = None) -> Self:  # noqa: N803
        """Train on photos X, (n,), and their classes y, (n,); or on any number of labels, y (n, k) of 0s and 1s.

        groups: (n,) equal values for photos that belong together (of one person, place, day)
        Raises UserError where X are no photos, or too few.
        """
        dataset = self._dataset(_items(X), np.asarray(y), groups)
        if self.runs is not None:
            self.run_: Run = self._train(dataset, Path(self.runs))
            self.model_: Classifier = self.run_.model()
            return self
        with tempfile.TemporaryDirectory(prefix="whatsit-") as folder:
            self.model_ = self._train(dataset, Path(folder)).model()
        return self

    def predict(self, X: Sequence[Any] | NDArray[Any]) -> NDArray[Any]:  # noqa: N803
        """(n,) the likeliest class of each photo; of several labels (n, k) 1 where one is said, else 0."""
        answers = self._ask(X)
        if self._is_several:
            return np.array([[int(name in one.said) for name in self._names] for one in answers])
        place = {name: row for row, name in enumerate(self._names)}
        return np.asarray(self.classes_[[place[one.label] for one in answers]])

    def predict_proba(self, X: Sequence[Any] | NDArray[Any]) -> NDArray[np.float64]:  # noqa: N803
        """(n, k) the calibrated probability of each class, or label, in the order of `classes_`."""
        found = [[one.probabilities[name] for name in self._names] for one in self._ask(X)]
        return np.array(found, np.float64).reshape(-1, len(self._names))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.classifier_tags.multi_label = True
        tags.no_validation = True  # photos are checked by what reads them
        return tags

    def _train(self, dataset: Dataset, runs: Path) -> Run:
        asked = list_given(self.options or TrainOptions())
        own = self.get_params(deep=False)
        named = {name: own[name] for name in own if name not in ("options", "runs") and own[name] is not None}
        choices: dict[str, Any] = {"test": 0.0} | asked | named
        return verbs.train(dataset, name=f"{NAME}-{uuid.uuid4().hex[:8]}", runs=runs, **choices)

    def _dataset(self, items: Sequence[Item], y: NDArray[Any], groups: Sequence[Any] | None) -> Dataset:
        """The data set that is trained on; `classes_` are set on the way."""
        check_classification_targets(y)
        if len(items) != len(y) or (groups is not None and len(groups) != len(y)):
            raise UserError(
                f"{words.photos(len(items)).capitalize()} came with {words.count(len(y), 'label')}.",
                hint="Give one a photo.",
            )
        photos = hand_over(items)
        facts: dict[str, Any] = {} if groups is None else {"groups": number_names([str(one) for one in groups])}
        self._is_several = type_of_target(y) == "multilabel-indicator"
        if self._is_several:
            self.classes_ = np.arange(y.shape[1])
            self._names = [str(column) for column in self.classes_]
            parts = np.full(len(y), NO_PART, dtype="<U5")
            return Dataset(NAME, tuple(self._names), photos, y.astype(np.int64), parts, target=SEVERAL, **facts)
        self.classes_, places = np.unique(y.ravel(), return_inverse=True)
        self._names = [str(label) for label in self.classes_.tolist()]
        return dataset_of(NAME, photos, [self._names[place] for place in places.tolist()], **facts)

    def _ask(self, photos: Sequence[Any] | NDArray[Any]) -> list[Answer]:
        check_is_fitted(self, "model_")
        answers = list(self.model_.stream(_each(photos)))
        for place, answer in enumerate(answers):
            if answer.reason:
                raise UserError(f"Photo {place} has no answer: {answer.reason}", hint="Leave it out.")
        return answers


class PhotoFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The features of photos by a pretrained network, left as it is: numbers for any estimator.

    backbone: as in `TransferOptions`
    size:     side of the square that photos are brought to; None: the one that the network was trained with

    Features of a photo are computed once and kept, whatever folds it is in.
    """

    def __init__(self, *, backbone: str = TransferOptions.backbone, size: int | None = None) -> None:
        self.backbone = backbone
        self.size = size

    def fit(self, X: Sequence[Any] | NDArray[Any], y: object = None) -> Self:  # noqa: ARG002, N803
        """Nothing is learnt."""
        return self

    def transform(self, X: Sequence[Any] | NDArray[Any]) -> NDArray[np.float32]:  # noqa: N803
        """(n, d) float32. Raises UserError where a photo cannot be read."""
        items = _items(X)
        found = find_wanted(TransferOptions(backbone=self.backbone))
        size = found.size if self.size is None else (self.size, self.size)
        graph = make_graph(found, size)
        labels, parts = np.zeros(len(items), np.int64), np.full(len(items), NO_PART, dtype="<U5")
        good, decoded = decode_photos(Dataset(NAME, (NAME,), hand_over(items), labels, parts), size)
        if good.skipped:
            first = good.skipped[0]
            raise UserError(f"{first.name} cannot be read: {first.reason}.", hint="Leave it out.")
        return features_of(graph, decoded.take, np.arange(len(items)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.requires_fit = False
        tags.no_validation = True
        return tags


def _each(photos: Sequence[Any] | NDArray[Any]) -> Iterable[Any]:
    """The photos one by one. Raises UserError where they are one photo, or none."""
    if isinstance(photos, str | bytes | os.PathLike):
        raise UserError("X is one photo.", hint="Give a list: [photo]")
    if isinstance(photos, np.ndarray) and photos.ndim not in (1, 3, 4):
        raise UserError(
            f"X has the shape {photos.shape}, which is no list of photos.",
            hint="Give (n, height, width) or (n, height, width, 3), or paths.",
        )
    if isinstance(photos, np.ndarray) and photos.dtype.kind in "US":
        return [str(one) for one in photos]
    return photos


def _items(photos: Sequence[Any] | NDArray[Any]) -> list[Item]:
    """Photos as a data set holds them: files stay files."""
    found: list[Item] = []
    for place, photo in enumerate(_each(photos)):
        if isinstance(photo, str | os.PathLike) and Path(photo).is_file():
            found.append(Path(photo))
            continue
        try:
            found.append(read_given(photo))
        except UnreadablePhoto as error:
            raise UserError(f"Photo {place} cannot be read: {error.reason}.", hint="Leave it out.") from None
    return found

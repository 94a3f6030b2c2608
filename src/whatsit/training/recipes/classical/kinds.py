"""The kinds of model that a search tries, by name, in the order they are tried: the quick ones first."""

from __future__ import annotations

from whatsit.training.recipes.classical.forest import FOREST
from whatsit.training.recipes.classical.kind import ModelKind
from whatsit.training.recipes.classical.labels import each_label
from whatsit.training.recipes.classical.linear import LOGISTIC, SVM_LINEAR
from whatsit.training.recipes.classical.svm import SVM_RBF

KINDS: dict[str, ModelKind] = {
    "logistic": LOGISTIC,
    "svm-linear": SVM_LINEAR,
    "svm-rbf": SVM_RBF,
    "forest": FOREST,
}
# For several labels, with the most labels that each is tried with: more take too long, or make the file large.
LABEL_KINDS: dict[str, ModelKind] = {
    "logistic": each_label(LOGISTIC, 500),
    "svm-linear": each_label(SVM_LINEAR, 100),
    "svm-rbf": each_label(SVM_RBF, 10),
    "forest": each_label(FOREST, 3),
}

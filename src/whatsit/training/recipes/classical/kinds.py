"""The kinds of model that a search tries, by name, in the order they are tried: the quick ones first."""

from __future__ import annotations

from whatsit.training.recipes.classical.forest import FOREST
from whatsit.training.recipes.classical.kind import ModelKind
from whatsit.training.recipes.classical.linear import LOGISTIC, SVM_LINEAR
from whatsit.training.recipes.classical.svm import SVM_RBF

KINDS: dict[str, ModelKind] = {
    "logistic": LOGISTIC,
    "svm-linear": SVM_LINEAR,
    "svm-rbf": SVM_RBF,
    "forest": FOREST,
}

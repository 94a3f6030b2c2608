"""What is tried: the stacks of features and the models that the options name, and their parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from whatsit import words
from whatsit.errors import UserError, suggest_nearest
from whatsit.training.features.stack import names_of
from whatsit.training.options import ClassicalOptions
from whatsit.training.recipes.classical.kind import ModelKind
from whatsit.training.recipes.classical.score import GridCandidate

# Measured on three sets and on faces (docs/classical.md): colour may help where things have colours.
AUTO_FEATURES = "hog+patches,hog+colour+patches"


def stacks_of(options: ClassicalOptions) -> tuple[str, ...]:
    """The stacks of features to try, each once. Raises UserError for one that is not there."""
    asked = AUTO_FEATURES if options.features == "auto" else options.features
    return tuple(dict.fromkeys("+".join(names_of(stack)) for stack in asked.split(",")))


def candidates_of(
    options: ClassicalOptions, stacks: Sequence[str], known: Mapping[str, ModelKind], photos: int, classes: int
) -> list[GridCandidate]:
    """Every stack with every kind of model and its parameters, the quick kinds first.

    known:  the kinds there are
    photos: how many a model learns from, mirror images included
    """
    asked = _models_of(options, known)
    kinds = {name: kind for name, kind in known.items() if name in asked}
    found = [
        GridCandidate(stack, name, parameters)
        for name, kind in kinds.items()
        for stack in stacks
        for parameters in kind.grid(photos, classes)
    ]
    if not found:
        raise UserError(
            f"The models {options.models!r} do not suit {words.photos(photos)} of "
            f"{words.count(classes, 'class')}.",
            hint="Add logistic to --models.",
        )
    return found


def _models_of(options: ClassicalOptions, known: Iterable[str]) -> list[str]:
    if options.models == "all":
        return list(known)
    names = [name.strip() for name in options.models.split(",")]
    for name in names:
        if name not in known:
            raise UserError(f"There is no model {name!r}.", hint=suggest_nearest(name, [*known, "all"]))
    return names

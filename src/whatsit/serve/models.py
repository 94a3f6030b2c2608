"""The models on offer: one or several, each by the name of its run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from whatsit.errors import UserError
from whatsit.model.classifier import MODEL_FILE, Classifier, load
from whatsit.serve.refusals import NO_MODEL, Refused


class Shelf:
    """The models by name, in the order they were given; the first answers where none is named."""

    def __init__(self, models: dict[str, Classifier]) -> None:
        self._models = models

    def get(self, name: str = "") -> Classifier:
        """The model of that name, or the first. Raises Refused."""
        if not name:
            return next(iter(self._models.values()))
        if name not in self._models:
            raise Refused(NO_MODEL)
        return self._models[name]

    @property
    def names(self) -> tuple[str, ...]:
        """What the models are called."""
        return tuple(self._models)

    def __iter__(self) -> Iterator[tuple[str, Classifier]]:
        return iter(self._models.items())


def open_shelf(paths: Sequence[Path]) -> Shelf:
    """The models in run folders or model files. Raises UserError where one is missing or two share a name."""
    models: dict[str, Classifier] = {}
    for path in paths:
        name = name_of(path)
        if name in models:
            raise UserError(f"Two models would be called {name!r}.", hint="Rename one of their folders.")
        models[name] = load(path)
    return Shelf(models)


def name_of(path: Path) -> str:
    """What a model is called: its run's folder, or the file's own name where it stands alone."""
    whole = path.absolute()
    return whole.parent.name if whole.name == MODEL_FILE else whole.stem if whole.is_file() else whole.name

"""whatsit: from photos to a classifier that is honestly measured and fits in one file.

>>> import whatsit
>>> run = whatsit.train("digits")
>>> model = whatsit.load(run.folder)
>>> model.predict("photo.jpg")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from whatsit.version import __version__ as __version__

if TYPE_CHECKING:
    from whatsit.data.readers import read as read
    from whatsit.errors import UserError as UserError
    from whatsit.model.answer import Answer as Answer
    from whatsit.model.classifier import Classifier as Classifier
    from whatsit.model.classifier import load as load
    from whatsit.model.run import Run as Run
    from whatsit.model.run import open_run as open_run
    from whatsit.road.train import train as train
    from whatsit.training.options import TrainOptions as TrainOptions

# name → the module it lives in, imported when the name is first used: `import whatsit` costs nothing
_PUBLIC = {
    "Answer": "whatsit.model.answer",
    "Classifier": "whatsit.model.classifier",
    "Run": "whatsit.model.run",
    "TrainOptions": "whatsit.training.options",
    "UserError": "whatsit.errors",
    "load": "whatsit.model.classifier",
    "open_run": "whatsit.model.run",
    "read": "whatsit.data.readers",
    "train": "whatsit.road.train",
}
__all__ = ["__version__", *_PUBLIC]  # names, made above


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'whatsit' has no attribute {name!r}")

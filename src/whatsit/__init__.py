"""whatsit: from photos to a classifier that is honestly measured and fits in one file.

>>> import whatsit
>>> run = whatsit.train("digits", recipe="cnn")
>>> model = whatsit.load(run.folder)
>>> model.predict("photo.jpg")

Every command is a function here, with the same name and options: `help(whatsit.train)` names those of one.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from whatsit.version import __version__ as __version__

if TYPE_CHECKING:
    from whatsit.data.readers import read as read
    from whatsit.errors import UserError as UserError
    from whatsit.events import Stopped as Stopped
    from whatsit.events import listening as listening
    from whatsit.frames import to_pandas as to_pandas
    from whatsit.frames import to_polars as to_polars
    from whatsit.model.answer import Answer as Answer
    from whatsit.model.classifier import Classifier as Classifier
    from whatsit.model.classifier import load as load
    from whatsit.model.run import Run as Run
    from whatsit.model.run import open_run as open_run
    from whatsit.training.options import TrainOptions as TrainOptions
    from whatsit.verbs import backbones as backbones
    from whatsit.verbs import clean as clean
    from whatsit.verbs import collect as collect
    from whatsit.verbs import compare as compare
    from whatsit.verbs import demo as demo
    from whatsit.verbs import deploy as deploy
    from whatsit.verbs import doctor as doctor
    from whatsit.verbs import evaluate as evaluate
    from whatsit.verbs import export as export
    from whatsit.verbs import forget as forget
    from whatsit.verbs import info as info
    from whatsit.verbs import make as make
    from whatsit.verbs import pack as pack
    from whatsit.verbs import predict as predict
    from whatsit.verbs import push as push
    from whatsit.verbs import review as review
    from whatsit.verbs import serve as serve
    from whatsit.verbs import sort as sort
    from whatsit.verbs import sources as sources
    from whatsit.verbs import train as train
    from whatsit.verbs import undo_sort as undo_sort

# name → the module it lives in, imported when the name is first used: `import whatsit` costs nothing
_PUBLIC = {
    "Answer": "whatsit.model.answer",
    "Classifier": "whatsit.model.classifier",
    "Run": "whatsit.model.run",
    "Stopped": "whatsit.events",
    "TrainOptions": "whatsit.training.options",
    "UserError": "whatsit.errors",
    "backbones": "whatsit.verbs",
    "clean": "whatsit.verbs",
    "collect": "whatsit.verbs",
    "compare": "whatsit.verbs",
    "demo": "whatsit.verbs",
    "deploy": "whatsit.verbs",
    "doctor": "whatsit.verbs",
    "evaluate": "whatsit.verbs",
    "export": "whatsit.verbs",
    "forget": "whatsit.verbs",
    "info": "whatsit.verbs",
    "listening": "whatsit.events",
    "load": "whatsit.model.classifier",
    "make": "whatsit.verbs",
    "open_run": "whatsit.model.run",
    "pack": "whatsit.verbs",
    "predict": "whatsit.verbs",
    "push": "whatsit.verbs",
    "read": "whatsit.data.readers",
    "review": "whatsit.verbs",
    "serve": "whatsit.verbs",
    "sort": "whatsit.verbs",
    "sources": "whatsit.verbs",
    "to_pandas": "whatsit.frames",
    "to_polars": "whatsit.frames",
    "train": "whatsit.verbs",
    "undo_sort": "whatsit.verbs",
}
__all__ = ["__version__", *_PUBLIC]  # names, made above


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'whatsit' has no attribute {name!r}")
    found = getattr(import_module(_PUBLIC[name]), name)
    if _PUBLIC[name] == "whatsit.verbs":
        from whatsit.options import reveal_choices

        reveal_choices(found)
        if _is_notebook():  # its cells show what verbs tell, unless somebody else listens
            from whatsit import events, listeners

            events.listen_by_default(listeners.in_notebook)
    return found


def _is_notebook() -> bool:
    """Whether this is the process behind a notebook."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def __dir__() -> list[str]:
    return sorted(__all__)

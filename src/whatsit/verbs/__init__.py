"""The verbs as functions: the names and options of the command line, called from Python.

>>> import whatsit
>>> run = whatsit.train("digits", recipe="cnn", epochs=10)
>>> for answer in whatsit.predict(run.folder, "photo.jpg"):
...     print(answer.label, answer.probability)

Each verb gives back what the command prints of it. Options with a record of their own may be given as that record
or, by their names, as keywords. Where the user has to mend something a `UserError` says what; what happens
meanwhile is told to whoever listens (`whatsit.listening`). The work itself is done in the package of the verb.
"""

from __future__ import annotations

from whatsit.verbs.answers import deploy, export, predict, push, serve, sort, undo_sort
from whatsit.verbs.common import RUNS
from whatsit.verbs.photos import clean, collect, forget, info, pack, review, sources
from whatsit.verbs.training import backbones, compare, demo, doctor, evaluate, make, train

__all__ = [
    "RUNS",
    "backbones", "clean", "collect", "compare", "demo", "deploy", "doctor", "evaluate", "export", "forget", "info",
    "make", "pack", "predict", "push", "review", "serve", "sort", "sources", "train", "undo_sort",
]  # fmt: skip

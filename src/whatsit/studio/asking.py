"""Asking the models of a project's runs."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whatsit.engine import cores
from whatsit.errors import UserError
from whatsit.image import DEFAULT_LIMITS
from whatsit.languages.speaking import gettext
from whatsit.model.classifier import Classifier, load
from whatsit.model.facts.figures import OutlierFigures
from whatsit.model.run import open_run
from whatsit.model.strangeness.doubt import doubt_refusal
from whatsit.serving.door.bodies.question import EncodedPhoto
from whatsit.serving.door.refusals import Refused
from whatsit.serving.routes.why import explain

KEPT = 2  # models in memory: the one that is asked, and the one before it


@dataclass(frozen=True)
class Asked:
    """A model, and what was measured on photos of other things, if they were."""

    model: Classifier
    outliers: OutlierFigures | None

    @property
    def doubt(self) -> str:
        """What is to be minded of whatever it names."""
        return doubt_refusal(self.model.facts.thresholds, self.outliers)


class Models:
    """The models of runs, loaded when they are asked first."""

    def __init__(self) -> None:
        self._loaded: OrderedDict[Path, Asked] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, run: Path) -> Asked:
        """The model of a run. Raises UserError where there is none that is finished."""
        with self._turn:
            if run not in self._loaded:
                opened = open_run(run)
                model = load(opened.folder, threads=cores())
                self._loaded[run] = Asked(model, opened.info.figures.outliers)
                while len(self._loaded) > KEPT:
                    self._loaded.popitem(last=False)
            self._loaded.move_to_end(run)
            return self._loaded[run]

    def forget(self, run: Path) -> None:
        """Let a model go, as its run does."""
        with self._turn:
            self._loaded.pop(run, None)


def ask(asked: Asked, content: bytes) -> dict[str, Any]:
    """What a model says of an encoded photo, and what is to be minded of it. Raises UserError where the photo
    cannot be read."""
    answer = asked.model.answers(asked.model.pixels(content)[None])[0]
    return answer.as_dict() | {"doubt": asked.doubt if answer.known else ""}


def explain_answer(model: Classifier, content: bytes, label: str) -> bytes:
    """Where in a photo that speaks for a class lies, as JSON for heat.js. Raises UserError."""
    if label not in model.classes:
        raise UserError(
            gettext("The model has no class {name}.", name=f"{label!r:.80}"), hint=gettext("Ask again.")
        )
    try:
        return explain(model, EncodedPhoto(content), label, DEFAULT_LIMITS)
    except Refused as refused:
        raise UserError(refused.refusal.error, refused.refusal.hint) from None

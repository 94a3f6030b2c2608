"""What photos show, as vectors: by a trained network given or cached, else by a built-in description."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whatsit import engine
from whatsit.cleaning.check import Survey
from whatsit.data.pixels import decoded
from whatsit.errors import UserError
from whatsit.files import cache_dir
from whatsit.image import Resize, Size
from whatsit.model.classifier import MODEL_FILE
from whatsit.model.container import read_facts
from whatsit.model.graph.inner import inner_session
from whatsit.model.session import BATCH, Session

BUILT_IN = "built-in edges and colours"
_SIDE = 224  # pixels, for a network that does not say
_DIGEST = 32  # bytes in front of a cached network


@dataclass(frozen=True)
class Features:
    """Vectors of length 1, (n, d) float32, of the survey's photos; zeros where a photo cannot be read.

    source:     what they were computed by, in words
    is_trained: whether by a trained network
    """

    source: str
    is_trained: bool
    values: NDArray[np.float32]


def features_of(survey: Survey, given: Path | None = None) -> Features:
    """The features of all photos: by the network in `given` (a run, a model, an ONNX graph), else by a cached
    one, else by the built-in description. Raises UserError where `given` is no network."""
    place = given or _cached()
    if place is None:
        return Features(BUILT_IN, False, _unit(survey.column("descriptor").astype(np.float32)))
    session, side, resize = _opened(place)
    dataset, pixels = decoded(survey.dataset, side, resize)
    rows = {name: row for row, name in enumerate(survey.names)}
    found: list[NDArray[np.float32]] = []
    chunks = [np.arange(start, min(start + BATCH, len(dataset))) for start in range(0, len(dataset), BATCH)]
    for values in engine.each(lambda chunk: session.run(pixels.take(chunk), ("features",))[0], chunks):
        found.append(values.reshape(len(values), -1))
    values = np.zeros((len(survey), found[0].shape[1]), np.float32)
    values[[rows[name] for name in dataset.photos.names]] = np.concatenate(found)
    return Features(place.name if place.name != MODEL_FILE else place.parent.name, True, _unit(values))


def _cached() -> Path | None:
    """The network that training with a pretrained one left in the cache, if there is one."""
    return next(iter(sorted((cache_dir() / "backbones").glob("*.onnx"))), None)


def _opened(place: Path) -> tuple[Session, Size, Resize]:
    """A session that gives `features`, and the (height, width) and resize policy it wants."""
    file = place / MODEL_FILE if place.is_dir() else place
    try:
        content = file.read_bytes()
    except OSError:
        raise UserError(
            f"There is no network {str(place)!r}.", hint="Give a finished run, or an ONNX file."
        ) from None
    if hashlib.sha256(content[_DIGEST:]).digest() == content[:_DIGEST]:
        content = content[_DIGEST:]
    try:
        facts = read_facts(content, str(place))
    except UserError:
        session = Session(content)
        if "features" not in session.outputs:
            raise UserError(
                f"{str(place)!r} does not give features.", hint="Its input is `pixels`, its output `features`."
            ) from None
        return session, session.size or (_SIDE, _SIDE), "squish"
    return inner_session(content, ("features",)), facts.size, facts.resize


def _unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.maximum(lengths, 1e-9), np.float32)


def nearest(
    values: NDArray[np.float32], among: NDArray[np.float32], count: int, block: int = 512
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The `count` rows of `among` with the largest cosine to each of `values`, best first, and the cosines."""
    count = min(count, len(among))
    rows = np.empty((len(values), count), np.int64)
    cosines = np.empty((len(values), count), np.float32)
    for start in range(0, len(values), block):
        scores = values[start : start + block] @ among.T
        best = np.argpartition(-scores, count - 1, axis=1)[:, :count]
        order = np.argsort(-np.take_along_axis(scores, best, 1), axis=1, kind="stable")
        best = np.take_along_axis(best, order, 1)
        rows[start : start + block] = best
        cosines[start : start + block] = np.take_along_axis(scores, best, 1)
    return rows, cosines

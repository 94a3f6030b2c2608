"""What photos show, as vectors, by a trained network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whatsit.cleaning.check import Survey
from whatsit.data.pixels import decode_photos
from whatsit.errors import UserError
from whatsit.image import Resize, Size
from whatsit.model.backbones.default import load_default_graph
from whatsit.model.backbones.kept import find_graph, read_graph
from whatsit.model.backbones.known import DEFAULT
from whatsit.model.classifier import MODEL_FILE, load
from whatsit.model.container import check_plain, has_facts, read_model_file
from whatsit.model.foreign.apart import run_apart
from whatsit.model.graph import features as model_features
from whatsit.model.graph.cut import cut_to_features
from whatsit.model.graph.session import Session
from whatsit.model.graph.write import FEATURES

_SIDE = 224  # pixels, for a network that does not say


@dataclass(frozen=True)
class Features:
    """Vectors of length 1, (n, d) float32, of the survey's photos; zeros where a photo cannot be read.

    source: the network they were computed by
    """

    source: str
    values: NDArray[np.float32]


def features_of(survey: Survey, given: Path | None = None) -> Features:
    """The features of all photos: by the network that is `given` (a run, a model, an ONNX graph, the name of one
    that training left in the cache), else by the default one.

    Raises UserError where `given` is no network.
    """
    source, graph, size, resize = _choose(given)
    dataset, pixels = decode_photos(survey.dataset, size, resize)
    found = model_features.features_of(graph, pixels.take, np.arange(len(dataset)))
    rows = {name: row for row, name in enumerate(survey.names)}
    values = np.zeros((len(survey), found.shape[1]), np.float32)
    values[[rows[name] for name in dataset.photos.names]] = found
    return Features(source, _unit(values))


def _choose(given: Path | None) -> tuple[str, bytes, Size, Resize]:
    """What a network is called, its graph that gives `features`, and at what size and in what shape it sees."""
    is_named = given is not None and not given.exists()
    if given is None or (is_named and str(given) == DEFAULT):
        backbone, graph = load_default_graph()
        return backbone.name, cut_to_features(graph), backbone.size, "squish"
    place = (find_graph(str(given)) if is_named else None) or given
    return place.name if place.name != MODEL_FILE else place.parent.name, *_open(place)


def _open(place: Path) -> tuple[bytes, Size, Resize]:
    """A graph that gives `features`, and the (height, width) and resize policy it wants."""
    file = place / MODEL_FILE if place.is_dir() else place
    try:
        content = read_model_file(file)
    except UserError as error:
        raise UserError(
            f"There is no network {str(place)!r}: {error.sentence}", hint="Give a finished run, or an ONNX file."
        ) from None
    kept = read_graph(content)
    if kept is not None:
        return cut_to_features(kept), Session(kept).size or (_SIDE, _SIDE), "squish"
    if not has_facts(content):
        check_plain(content, str(place))
        run_apart(content, str(place))
        session = Session(content)
        if FEATURES not in session.outputs:
            raise UserError(
                f"{str(place)!r} does not give features.", hint="Its input is `pixels`, its output `features`."
            )
        return content, session.size or (_SIDE, _SIDE), "squish"
    facts = load(place).facts
    return cut_to_features(content), facts.size, facts.resize


def _unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.maximum(lengths, 1e-9), np.float32)


def find_nearest(
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

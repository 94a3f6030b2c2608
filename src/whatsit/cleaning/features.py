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
from whatsit.model.graph.cut import cut_to_features
from whatsit.model.graph.features import table_of
from whatsit.model.graph.session import Session
from whatsit.model.graph.write import FEATURES
from whatsit.model.run_names import NO_RUNS, hint_run

_SIDE = 224  # pixels, for a network that does not say
_BLOCK = 8192  # vectors measured at once


@dataclass(frozen=True)
class Features:
    """Vectors of the survey's photos, which may lie on disk: `take` brings some into memory.

    source:  the network they were computed by
    values:  (records, d) float32, of any length
    places:  (n,) the record of each photo; -1 where it cannot be read
    lengths: (n,) that of its vector; 0 where it has none
    """

    source: str
    values: NDArray[np.float32]
    places: NDArray[np.int64]
    lengths: NDArray[np.float32]

    def take(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(k, d) float32 of length 1; zeros where a photo cannot be read."""
        places = self.places[rows]
        here = places >= 0
        found = np.zeros((len(rows), self.values.shape[1]), np.float32)
        found[here] = self.values[places[here]] / np.maximum(self.lengths[rows[here]], 1e-9)[:, None]
        return found


def features_of(survey: Survey, given: Path | None = None) -> Features:
    """The features of all photos: by the network that is `given` (a run, a model, an ONNX graph, the name of one
    that training left in the cache), else by the default one.

    Raises UserError where `given` is no network.
    """
    source, graph, size, resize = _choose(given)
    dataset, pixels = decode_photos(survey.dataset, size, resize)
    found = table_of(graph, pixels.take, np.arange(len(dataset)))
    rows = {name: row for row, name in enumerate(survey.names)}
    places = np.full(len(survey), -1)
    places[[rows[name] for name in dataset.photos.names]] = found.places
    return features_at(source, found.values, places)


def features_at(source: str, values: NDArray[np.float32], places: NDArray[np.int64]) -> Features:
    """Features whose values lie where `places` says, -1 for none."""
    lengths, here = np.zeros(len(places), np.float32), np.flatnonzero(places >= 0)
    for start in range(0, len(here), _BLOCK):
        some = here[start : start + _BLOCK]
        lengths[some] = np.linalg.norm(values[places[some]], axis=1)
    return Features(source, values, places, lengths)


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
    if not place.exists():
        hint = hint_run(place)
        wanted = "Give a finished run, or an ONNX file." if hint == NO_RUNS else hint
        raise UserError(f"There is no network {str(place)!r}.", hint=wanted)
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

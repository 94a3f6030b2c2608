"""Faces that are perhaps not those of the person whose name they have, by a face network that the user brings.

Two faces at most 0.6 apart are one person's, as the network's author has it. A face that is farther than that from
most other faces of its class may be somebody else's: a rival in the same photo, a husband, a namesake.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from whatsit import events
from whatsit.cleaning.check import HINT, Survey
from whatsit.data.catalog import Catalog, Finding, has_catalog, open_catalog
from whatsit.data.dataset import Dataset
from whatsit.data.faces.chip import CHIP
from whatsit.data.faces.kept import find_chips, load_crop
from whatsit.data.pixels import decode_photos
from whatsit.errors import UserError
from whatsit.model.backbones.face_network import NAME, SAME_PERSON, convert, find_face_network
from whatsit.model.backbones.find import Backbone
from whatsit.model.backbones.kept import load_kept_graph
from whatsit.model.graph.features import features_of

CHECK = "another-person"
FEWEST = 4  # other faces of a class: of fewer, a single wrong one moves the middle

Floats = NDArray[np.float32]


def find_named_network(dataset: Dataset, file: str | None, cuts_to_faces: bool | None) -> Backbone | None:
    """The face network that is named; None where none is. Raises UserError where it is of no use.

    cuts_to_faces: whether photos are to be cut to faces now; None: as the last time
    """
    if file is None:
        return None
    network = find_face_network(file)
    if cuts_to_faces is None and dataset.root is not None and has_catalog(dataset.root):
        with open_catalog(dataset.root) as catalog:
            cuts_to_faces = bool(load_crop(catalog)[0])
    if not cuts_to_faces:
        raise UserError(
            "A face network looks at faces, and the photos stay whole.",
            hint="Cut them too: --faces, or better --face-detector FILE.",
        )
    return network


def judge_people(catalog: Catalog, survey: Survey, network: Backbone) -> Iterator[Finding]:
    """A finding for each face that is farther from most other faces of its class than one person's are."""
    events.note(f"The face network {NAME} compares the faces of each class.")
    rows, features = _see_faces(catalog, survey, network)
    labels, copies = survey.dataset.labels[rows], survey.duplicates.groups[rows]
    for label, name in enumerate(survey.dataset.classes):
        own = np.flatnonzero(labels == label)
        distances = measure_usual_distances(features[own], copies[own])
        for place in np.argsort(-distances, kind="stable"):
            if distances[place] > SAME_PERSON:
                value = round(float(distances[place]), 3)
                reason = f"{value:.2f} from most other faces of {name}; one person's are within {SAME_PERSON}"
                yield Finding(survey.names[rows[own[place]]], CHECK, HINT, value, SAME_PERSON, reason)


def measure_usual_distances(features: Floats, copies: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n,) the median of each face's distances to the others; 0 where there are fewer than FEWEST of them.

    copies: (n,) equal numbers for photos that show the same, which count as one
    """
    found = np.zeros(len(features))
    _, firsts = np.unique(copies, return_index=True)
    for row, face in enumerate(features):
        others = features[firsts[copies[firsts] != copies[row]]]
        if len(others) >= FEWEST:
            found[row] = np.median(np.linalg.norm(others - face, axis=1))
    return found


def _see_faces(catalog: Catalog, survey: Survey, network: Backbone) -> tuple[NDArray[np.int64], Floats]:
    """The rows (k,) of the photos that show a face, and what the network makes of it, (k, d)."""
    chips, names = find_chips(catalog), survey.names
    rows = np.array([row for row, name in enumerate(names) if name in chips], np.int64)
    if not len(rows):
        return rows, np.zeros((0, 1), np.float32)
    boxes = tuple(chips[names[row]] for row in rows)
    faces = replace(survey.dataset.select(rows), boxes=boxes, crop=load_crop(catalog)[0] + CHIP)
    good, pixels = decode_photos(faces, network.size)
    place = {name: row for row, name in enumerate(names)}
    graph = load_kept_graph(network, network.size, convert)
    seen = features_of(graph, pixels.take, np.arange(len(good)))
    return np.array([place[name] for name in good.photos.names], np.int64), seen

"""Faces of a whole data set: found once a photo, written to the catalog, judged.

What was found is kept in a store by the photo's content, so a killed run goes on where it stopped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import astuple
from functools import partial

import numpy as np

from whatsit import engine, events
from whatsit.cleaning.check import CERTAIN, HINT, Survey
from whatsit.data.catalog import Catalog, Face, Finding
from whatsit.data.faces import HAAR, detector_of, find_detector
from whatsit.data.faces.face import NO_FACE, Detector, FoundFace, choose_search_size, face_in, import_cv2
from whatsit.data.faces.kept import keep_crop, load_crop
from whatsit.data.photos import Photos
from whatsit.errors import UserError
from whatsit.image import Box, UnreadablePhoto, as_rgb, decoder_version, resize_pixels
from whatsit.records import decode_json
from whatsit.store import KEY_BYTES, Store, keys_of

_FINDER = 1  # raise it when faces are found otherwise, and what is remembered is left behind


def find_named(cut_to_faces: bool | None, detector: str | None) -> Detector | None:
    """The detector that is named; None where none is. Raises UserError where it is of no use."""
    if detector is None:
        return None
    if cut_to_faces is False:
        raise UserError(
            "--no-faces leaves photos whole, and --face-detector is about cutting them to faces.",
            hint="Leave one of them out.",
        )
    return find_detector(detector)


def choose_detector(catalog: Catalog, cut_to_faces: bool | None, named: Detector | None) -> Detector | None:
    """What photos are cut to their faces by: as asked now, else as the last time; None where they stay whole."""
    if cut_to_faces is False:
        keep_crop(catalog, None)
        return None
    if named is not None:
        return named
    crop, content = load_crop(catalog)
    if not crop:
        return find_detector(HAAR) if cut_to_faces else None
    return detector_of(crop, content, catalog.place)


def judge_faces(catalog: Catalog, survey: Survey, detector: Detector) -> list[Finding]:
    """Find the faces of all photos, write them to the catalog, and give back what is wrong with them."""
    if detector.content:
        events.note("YuNet finds the faces; `--face-detector haar` goes back to the cascades of OpenCV.")
    found = _find_all(survey, detector)
    faces = [
        Face(name, face.box, face.score, {"eyes": face.eyes})
        for name, several in found.items()
        for face in several
    ]
    with catalog.together():  # faces of one detector under the name of another would mislead training
        keep_crop(catalog, detector)
        catalog.put_faces(found, faces)
    return list(_judge(found))


def _judge(found: dict[str, list[FoundFace]]) -> Iterator[Finding]:
    for name, faces in found.items():
        if not faces:
            yield Finding(name, "no-face", CERTAIN, 0, 1, NO_FACE)
        elif len(faces) > 1:
            reason = f"{len(faces)} clear faces, of which the largest is used"
            yield Finding(name, "several-faces", HINT, len(faces), 1, reason)


def _find_all(survey: Survey, detector: Detector) -> dict[str, list[FoundFace]]:
    """The faces of every readable photo, largest first."""
    rows = survey.readable.nonzero()[0]
    store = store_of(detector)
    keys = keys_of([digest.tobytes()[:KEY_BYTES] for digest in survey.column("sha256")[rows]])
    records = store.read()
    found = records.find(keys)
    if (found < 0).any():
        with store.writing("Another whatsit is looking for faces right now.") as out:
            _, first = np.unique(keys, return_index=True)
            missing = np.sort(first[store.read().find(keys[first]) < 0])
            photos = (survey.dataset.photos.select(rows[at : at + 1]) for at in missing)
            looked = engine.each(partial(find_faces, detector), photos, engine.chosen())
            with events.progress("Looking for faces", len(missing)) as step:
                for at, faces in zip(missing, looked, strict=True):
                    out.add(keys[at : at + 1], [json.dumps([astuple(face) for face in faces]).encode()])
                    step(1)
        records = store.read()
        found = records.find_each(keys)
    names = (survey.names[row] for row in rows)
    return dict(zip(names, map(_faces_in, records.rows(found)), strict=True))


def store_of(detector: Detector) -> Store:
    """Where the faces that a detector finds are kept, by the photo's content."""
    identity = f"{_FINDER}\0{decoder_version()}\0{detector.crop}"
    return Store("faces", identity, f"photos by {detector.crop}")


def find_faces(detector: Detector, photos: Photos) -> list[FoundFace]:
    """The faces of one photo."""
    import_cv2().setNumThreads(1)  # a photo a core is faster than a core a photo
    try:
        content = photos.read(0)
        if isinstance(content, bytes):
            return face_in(content, detector)
        pixels = as_rgb(content)
        return detector.find(resize_pixels(pixels, choose_search_size(pixels.shape[1], pixels.shape[0])))
    except (OSError, UnreadablePhoto):  # it vanished or changed since it was looked at
        return []


def _faces_in(row: bytes) -> list[FoundFace]:
    return [
        FoundFace(Box(*box), (tuple(left), tuple(right)), score) for box, (left, right), score in decode_json(row)
    ]

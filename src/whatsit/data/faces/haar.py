"""Faces by the Haar cascades that come with OpenCV 4 (Viola and Jones, CVPR 2001; Lienhart, ICIP 2002).

A frontal face counts only where two eyes are found in it at the places eyes have, of about one size; where the
face is tilted, the photo is turned a little and looked at again.
"""

from __future__ import annotations

import itertools
import math
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.faces.face import FACE, LEAST_FACE, FoundFace, face_of, import_cv2
from whatsit.image import Pixels

_FACE_SIDE = 240  # pixels: a face is brought to this size before its eyes are looked for
_JUDGED_SIDE = 160
_TILTS = (0.0, -18.0, 18.0)  # degrees; the cascades find faces tilted by about ten
_FACES = ("haarcascade_frontalface_alt2.xml", "haarcascade_frontalface_default.xml")
_JUDGES = (*_FACES, "haarcascade_frontalface_alt.xml")
_VOTES = 2  # of the judges, that must see a face in the crop too once it is level
_EYES = ("haarcascade_eye.xml", "haarcascade_eye_tree_eyeglasses.xml")

# Where eyes may be in a detected face, as shares of its side. Measured on 250 press photos.
_EYE_HEIGHT = (0.22, 0.54)
_EYE_SPREAD = (0.27, 0.62)  # distance between the eyes' centres
_EYE_SLOPE = math.radians(20)
_EYE_SIZES = 1.9  # the larger through the smaller
_EYE_MIDDLE = (0.36, 0.64)


class Haar:
    """The cascades, in one thread or many."""

    crop = FACE
    content = b""

    def __init__(self) -> None:
        import_cv2("CascadeClassifier")  # what is missing is said now, not at the first photo
        self._cascades = _Cascades()

    def __reduce__(self) -> tuple[type[Haar], tuple[()]]:
        return Haar, ()  # the cascades are of the machine that looks

    def find(self, pixels: Pixels) -> list[FoundFace]:
        """The clear faces with two eyes in a photo (h, w, 3), largest first."""
        found: list[FoundFace] = []
        for tilt in _TILTS:
            found = self._cascades.search(pixels, tilt)
            if found:
                break
        return sorted(found, key=lambda face: -face.score)


class _Cascades(threading.local):
    """The detectors of one thread: OpenCV's are not to be shared."""

    @cached_property
    def faces(self) -> list[Any]:
        return [_load(name) for name in _FACES]

    @cached_property
    def judges(self) -> list[Any]:
        return [_load(name) for name in _JUDGES]

    @cached_property
    def eyes(self) -> list[Any]:
        return [_load(name) for name in _EYES]

    def search(self, pixels: Pixels, tilt: float) -> list[FoundFace]:
        """The faces with two eyes in a photo that is first turned counter-clockwise by `tilt` degrees."""
        cv2 = import_cv2()
        height, width = pixels.shape[:2]
        upright = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        grey = cv2.equalizeHist(upright)
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), tilt, 1.0)
        if tilt:
            grey = cv2.warpAffine(grey, turn, (width, height), flags=cv2.INTER_LINEAR)
        back = cv2.invertAffineTransform(turn)
        least = round(LEAST_FACE * max(width, height))
        found: list[FoundFace] = []
        for x, y, side in _largest_first(self.faces[:1] if tilt else self.faces, grey, least):
            if any(_covers(face, (x + side / 2, y + side / 2), turn, (width, height)) for face in found):
                continue
            eyes = self._eyes_in(grey[y : y + side, x : x + side])
            if eyes:
                placed = [back @ (x + eye[0] * side, y + eye[1] * side, 1.0) for eye in eyes]
                face = face_of(placed[0], placed[1], side, width, height)
                if self.votes(upright, face) >= _VOTES:
                    found.append(face)
        return found

    def votes(self, grey: NDArray[np.uint8], face: FoundFace) -> int:
        """How many of the judges see a face in the middle of the crop, laid level, with some room around it."""
        cv2 = import_cv2()
        height, width = grey.shape
        box = face.box
        centre = (box.left + box.right) / 2 * width, (box.top + box.bottom) / 2 * height
        side = 1.5 * max((box.right - box.left) * width, (box.bottom - box.top) * height)
        turn = cv2.getRotationMatrix2D(centre, box.turn, _JUDGED_SIDE / side)
        turn[:, 2] += _JUDGED_SIDE / 2 - np.array(centre)
        crop = cv2.equalizeHist(
            cv2.warpAffine(grey, turn, (_JUDGED_SIDE, _JUDGED_SIDE), borderMode=cv2.BORDER_REPLICATE)
        )
        least = round(0.35 * _JUDGED_SIDE)
        middle = 0.3 * _JUDGED_SIDE, 0.7 * _JUDGED_SIDE
        return sum(
            any(
                middle[0] < x + w / 2 < middle[1] and middle[0] < y + h / 2 < middle[1]
                for x, y, w, h in judge.detectMultiScale(crop, 1.05, 4, minSize=(least, least))
            )
            for judge in self.judges
        )

    def _eyes_in(self, face: NDArray[np.uint8]) -> tuple[tuple[float, float], tuple[float, float]] | None:
        """The two eyes of a face, left one first, as shares of its side; None where two cannot be told."""
        cv2 = import_cv2()
        large = cv2.resize(face, (_FACE_SIDE, _FACE_SIDE), interpolation=cv2.INTER_LINEAR)
        upper = large[: round(0.65 * _FACE_SIDE)]
        eyes = []
        for cascade in self.eyes:
            least, most = round(0.12 * _FACE_SIDE), round(0.42 * _FACE_SIDE)
            boxes = cascade.detectMultiScale(upper, 1.05, 3, minSize=(least, least), maxSize=(most, most))
            eyes += [((x + w / 2) / _FACE_SIDE, (y + h / 2) / _FACE_SIDE, w / _FACE_SIDE) for x, y, w, h in boxes]
        pairs = [_order(pair) for pair in itertools.combinations(eyes, 2)]
        good = [pair for pair in pairs if _is_pair(*pair)]
        if not good:
            return None
        left, right = min(good, key=_oddness)
        return (left[0], left[1]), (right[0], right[1])


_Eye = tuple[float, float, float]  # x, y of its centre and its size, as shares of the face's side


def _load(name: str) -> Any:
    cv2 = import_cv2()
    return cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / name))


def _largest_first(cascades: list[Any], grey: NDArray[np.uint8], least: int) -> list[tuple[int, int, int]]:
    boxes = [
        (int(x), int(y), int(side))
        for cascade in cascades
        for x, y, side, _ in cascade.detectMultiScale(grey, 1.1, 4, minSize=(least, least))
    ]
    return sorted(boxes, key=lambda box: -box[2])


def _order(pair: tuple[_Eye, _Eye]) -> tuple[_Eye, _Eye]:
    return pair if pair[0][0] <= pair[1][0] else (pair[1], pair[0])


def _is_pair(left: _Eye, right: _Eye) -> bool:
    across, down = right[0] - left[0], right[1] - left[1]
    return (
        all(_EYE_HEIGHT[0] <= eye[1] <= _EYE_HEIGHT[1] for eye in (left, right))
        and _EYE_SPREAD[0] <= math.hypot(across, down) <= _EYE_SPREAD[1]
        and abs(math.atan2(down, across)) <= _EYE_SLOPE
        and max(left[2], right[2]) <= _EYE_SIZES * min(left[2], right[2])
        and _EYE_MIDDLE[0] <= (left[0] + right[0]) / 2 <= _EYE_MIDDLE[1]
    )


def _oddness(pair: tuple[_Eye, _Eye]) -> float:
    """How far a pair is from where eyes usually are: 0.4 apart, 0.38 down, level, in the middle."""
    left, right = pair
    middle = (left[0] + right[0]) / 2, (left[1] + right[1]) / 2
    return (
        abs(math.hypot(right[0] - left[0], right[1] - left[1]) - 0.4)
        + abs(middle[1] - 0.38)
        + abs(middle[0] - 0.5)
        + abs(right[1] - left[1])
        + abs(left[2] - right[2])
    )


def _covers(
    face: FoundFace, centre: tuple[float, float], turn: NDArray[np.float64], size: tuple[int, int]
) -> bool:
    """Whether a face that was found already holds the centre of another box, given in turned pixels."""
    x, y = import_cv2().invertAffineTransform(turn) @ (*centre, 1.0)
    x, y = x / size[0], y / size[1]
    return bool(face.box.left <= x <= face.box.right and face.box.top <= y <= face.box.bottom)

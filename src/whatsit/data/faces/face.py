"""A face that was found in a photo, and the crop it gives: level by its eyes, as large as they are apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from whatsit.errors import missing_extra
from whatsit.image import DEFAULT_LIMITS, Box, DecodeLimits, Pixels, Size, decode, fit_within, read_header

FACE = "face"  # with what the names of all crops begin
NO_FACE = "no clear face with two eyes"

SIDE = 640  # pixels of the photo's longer side: its largest face is searched at this size
LEAST_FACE = 0.08  # of the longer side

# The crop, in distances between the eyes: room for forehead, ears and chin.
_CROP_SIDE = 2.7
_CROP_DROP = 0.45  # of the crop's centre below the eyes


@dataclass(frozen=True)
class FoundFace:
    """A face: the box that cuts it out level, and its eyes (x, y) as shares of the photo's width and height.

    score: the face's share of the photo's longer side
    """

    box: Box
    eyes: tuple[tuple[float, float], tuple[float, float]]
    score: float


class Detector(Protocol):
    """What finds faces.

    crop:    how photos cut by it are named: in `Dataset.crop`, the catalog's fact "crop" and a model's facts
    content: the bytes of the file it was made from; empty where it comes with OpenCV
    """

    @property
    def crop(self) -> str: ...

    @property
    def content(self) -> bytes: ...

    def find(self, pixels: Pixels) -> list[FoundFace]:
        """The clear faces with two eyes in a photo (h, w, 3), largest first."""


def face_in(content: bytes, detector: Detector, limits: DecodeLimits = DEFAULT_LIMITS) -> list[FoundFace]:
    """The clear faces of an encoded photo, largest first. Raises UnreadablePhoto."""
    header = read_header(content, limits)
    return detector.find(decode(content, choose_search_size(header.width, header.height), limits=limits))


def choose_search_size(width: int, height: int) -> Size:
    """The (height, width) at which a photo's faces are searched: small photos are enlarged."""
    return fit_within(height, width, SIDE, enlarge=True)


def face_of(left: Sequence[float], right: Sequence[float], side: float, width: int, height: int) -> FoundFace:
    """The face whose eyes these are, left one first, in a photo of `width` × `height` pixels.

    side: of the square or box it was found in; all of them in pixels
    """
    across, down = float(right[0] - left[0]), float(right[1] - left[1])
    apart, slope = math.hypot(across, down), math.atan2(down, across)
    drop = _CROP_DROP * apart
    x = float(left[0] + right[0]) / 2 - math.sin(slope) * drop
    y = float(left[1] + right[1]) / 2 + math.cos(slope) * drop
    reach = _CROP_SIDE * apart / 2
    box = Box(
        max(0.0, (x - reach) / width),
        max(0.0, (y - reach) / height),
        min(1.0, (x + reach) / width),
        min(1.0, (y + reach) / height),
        math.degrees(slope),
    )
    eyes = tuple((float(eye[0]) / width, float(eye[1]) / height) for eye in (left, right))
    return FoundFace(box, (eyes[0], eyes[1]), side / max(width, height))


def import_cv2(part: str = "") -> Any:
    """OpenCV. Raises UserError where it is not installed, or is a version without its `part`."""
    try:
        import cv2
    except ImportError:
        raise missing_extra("opencv-python-headless", "clean", "Finding faces") from None
    # OpenCV 5 moved the cascades out of its wheels; before 4.5.4 there was no YuNet
    if part and not hasattr(cv2, part):
        raise missing_extra("opencv-python-headless below 5 (4.10 or later)", "clean", "Finding faces")
    return cv2

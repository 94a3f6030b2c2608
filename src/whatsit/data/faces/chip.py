"""The cut of a face that a face network wants: "chips", as dlib cuts the faces it learns from.

A chip is larger than the other cut and lower, and is never made smaller at the edge of a photo: what it has beyond
is grey. It needs nothing but the two eyes, so it fits every detector and every face that was found before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from whatsit.data.faces.face import Detector, FoundFace
from whatsit.image import Box, Pixels

CHIP = " as dlib's chip"  # behind the name of the detector's own cut

# Where dlib's mean face has the eyes in a chip with a padding of 0.25, as shares of its side: the means of its six
# points around each (get_face_chip_details in dlib/image_transforms/interpolation.h), moved in by the padding.
_PADDING = 0.25
_LEFT_EYE, _RIGHT_EYE, _EYES_DOWN = 0.225492, 0.754761, 0.215990
_SIDE = (1 + 2 * _PADDING) / (_RIGHT_EYE - _LEFT_EYE)  # of a chip, in distances between the eyes: 2.83
_DROP = _SIDE / 2 - (_PADDING + _EYES_DOWN) / (_RIGHT_EYE - _LEFT_EYE)  # of its centre below the eyes: 0.54

Eyes = Sequence[Sequence[float]]


@dataclass(frozen=True)
class ChipDetector:
    """A detector whose faces are cut out as chips."""

    inner: Detector

    @property
    def crop(self) -> str:
        """How photos cut by it are named."""
        return self.inner.crop + CHIP

    @property
    def content(self) -> bytes:
        """The bytes of the file that finds the faces."""
        return self.inner.content

    def find(self, pixels: Pixels) -> list[FoundFace]:
        """The clear faces with two eyes in a photo (h, w, 3), largest first."""
        height, width = pixels.shape[:2]
        return [replace(face, box=place_chip(face.eyes, width, height)) for face in self.inner.find(pixels)]


def place_chip(eyes: Eyes, width: int, height: int) -> Box:
    """The chip of a face whose eyes (x, y) are these shares of a photo's width and height, left one first.

    width, height: the size at which the face was searched, to the pixel: so that a photo has one chip, always
    """
    left, right = ((x * width, y * height) for x, y in eyes)
    across, down = right[0] - left[0], right[1] - left[1]
    apart, slope = math.hypot(across, down), math.atan2(down, across)
    x = (left[0] + right[0]) / 2 - math.sin(slope) * _DROP * apart
    y = (left[1] + right[1]) / 2 + math.cos(slope) * _DROP * apart
    reach = _SIDE * apart / 2
    return Box(
        (x - reach) / width, (y - reach) / height, (x + reach) / width, (y + reach) / height, math.degrees(slope)
    )

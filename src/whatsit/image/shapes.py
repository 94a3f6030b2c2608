"""What pixels, sizes and parts of photos are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # (height, width, 3), RGB
Size = tuple[int, int]  # (height, width)
CHANNELS = (1, 3, 4)  # of an array that is a picture: grey, RGB, RGB with alpha
Resize = Literal["crop", "pad", "squish"]
RESIZES: tuple[Resize, ...] = get_args(Resize)

LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # RGB to grey: ITU-R BT.601, as OpenCV and Pillow have it
PAD_COLOUR = 128  # grey: the mean of a photo, so that a border says nothing


@dataclass(frozen=True)
class Box:
    """A part of an upright photo, as shares 0..1 of its width and height, turned by `turn` degrees.

    The photo is turned counter-clockwise by `turn` about the box's centre before it is cut, so that a face
    whose eyes are not level comes out level. Below 0 and above 1 the box reaches beyond the photo.
    """

    left: float
    top: float
    right: float
    bottom: float
    turn: float = 0.0

    def part(self, inner: Box) -> Box:
        """The part of the whole that `inner` is of this box, which is not turned itself."""
        across, down = self.right - self.left, self.bottom - self.top
        return Box(
            self.left + inner.left * across,
            self.top + inner.top * down,
            self.left + inner.right * across,
            self.top + inner.bottom * down,
            inner.turn,
        )


WHOLE = Box(0.0, 0.0, 1.0, 1.0)

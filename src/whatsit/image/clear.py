"""What is transparent in a photo without alpha: PNG and GIF may name one value that stands for "nothing here"."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

_MODES = frozenset({"1", "L", "P", "RGB", "I;16"})
_LEVELS = {"L;2": 85, "L;4": 17}  # from a grey value of 2 or 4 bits, as a PNG names it, to one of 8


@dataclass(frozen=True)
class Clear:
    """The value that is clear, as the pixels have it; and what 16-bit colours have below their upper 8 bits."""

    value: Any
    low: NDArray[np.uint8] | None = None

    def mask(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Where pixels (height, width[, 3]) are clear, (height, width)."""
        value = np.asarray(self.value)
        if self.low is not None:
            values = values.astype(np.uint16) << 8 | self.low
        elif values.dtype == np.uint8 and value.max() > 255:  # of a picture that is loaded: only 8 bits are left
            value = value >> 8
        is_clear = np.asarray(values == value)
        return np.asarray(is_clear.all(axis=2) if is_clear.ndim == 3 else is_clear)


def find_clear(photo: Image.Image) -> Clear | None:
    """What is clear in a photo; None where nothing is.

    Asked before it is loaded: only then is it known how many bits a value had in the file, in which it is named.
    """
    value = photo.info.get("transparency")
    if value is None or photo.mode not in _MODES:
        return None
    tiles = getattr(photo, "tile", None)
    kind = str(tiles[0][3]) if tiles else ""
    if kind == "RGB;16B":
        return Clear(value, _low_bytes(photo))
    return Clear(value * _LEVELS[kind]) if kind in _LEVELS else Clear(value)


def _low_bytes(photo: Image.Image) -> NDArray[np.uint8] | None:
    """The lower bytes of a PNG's 16-bit colours, of which Pillow gives the upper: read in the other order."""
    from PIL import Image

    file = photo.fp if hasattr(photo, "fp") else None
    if not isinstance(file, io.BytesIO):
        return None
    again: Any = Image.open(io.BytesIO(file.getvalue()), formats=("PNG",))
    again.tile = [tile._replace(args="RGB;16L") for tile in again.tile]
    return np.asarray(again)

"""A data set's photos as pixels of one size, on disk."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from whatsit.image import Ground, Pixels, Resize, Size


@dataclass(frozen=True)
class Decoded:
    """A data set's photos as pixels of one size.

    pixels:     (rows, height, width, 3) uint8 RGB, or (rows, height, width) grey, memory-mapped
    rows:       (n,) the row in `pixels` of each photo
    sha256:     (n, 32) uint8 of each photo's content
    widths, heights: (n,) of the photos before resizing; brightness: (n,) in 0..1

    ground: what lies under transparency; "white" where nothing else was needed
    is_cut: the pixels are a part that was cut out of each photo, as a face, and not in the photo's proportions

    Where `pixels` is a file it is pickled as its path, so `take` can be handed to other processes.
    """

    size: Size
    resize: Resize
    pixels: NDArray[np.uint8]
    rows: NDArray[np.int64]
    sha256: NDArray[np.uint8]
    widths: NDArray[np.int32]
    heights: NDArray[np.int32]
    brightness: NDArray[np.float32]
    ground: Ground = "white"
    is_cut: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, index: NDArray[np.int64] | slice) -> Pixels:
        """The pixels of some photos, (k, height, width, 3) uint8 RGB, a copy."""
        found = self.pixels[self.rows[index]]
        return np.repeat(found[..., None], 3, axis=-1) if found.ndim == 3 else found

    def select(self, rows: NDArray[np.int64]) -> Decoded:
        """Only the photos at `rows`."""
        return replace(self, **{name: getattr(self, name)[rows] for name in _COLUMNS})

    def same_content(self) -> NDArray[np.int64]:
        """(n,) a number a content: equal for photos that are the same byte for byte."""
        whole = np.ascontiguousarray(self.sha256).view("V32")[:, 0]
        return np.unique(whole, return_inverse=True)[1].astype(np.int64)


_COLUMNS = ("rows", "sha256", "widths", "heights", "brightness")

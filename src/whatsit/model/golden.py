"""Golden pictures: drawn pictures in the model file with the pixels and the answer the trainer saw.

Before a model answers, its golden pictures are decoded, resized and asked about on the machine at hand. Where
pixels or probabilities differ from what the trainer saw, the model is refused: the same photo must get the
same answer everywhere. They are drawn by formula and show nobody.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.image import Pixels, Resize, Size, decode, encode_jpeg, encode_png

WIDTH, HEIGHT = 96, 72
PIXEL_TOLERANCE = 3  # JPEG decoders may round differently; PNG must agree to 1
PNG_TOLERANCE = 1
PROBABILITY_TOLERANCE = 2e-3


def drawn() -> list[tuple[str, bytes]]:
    """The golden pictures, encoded: a JPEG, a PNG with alpha, and a JPEG turned by EXIF."""
    picture = _landscape()
    fading = np.broadcast_to(np.linspace(0, 255, HEIGHT).astype(np.uint8)[:, None, None], (HEIGHT, WIDTH, 1))
    return [
        ("jpeg", encode_jpeg(picture, quality=90)),
        ("png", encode_png(np.concatenate([picture, fading], axis=2))),
        ("turned", encode_jpeg(picture, quality=90, orientation=6)),
    ]


def _landscape() -> Pixels:
    """A sky, a sun, a hill and a fine grid: smooth shades, edges and detail, no two quarters alike.

    Colours change slowly and edges are of brightness alone: JPEG keeps colours at half the size, and where
    they jump, a decoder that shrinks (`image.decode` for small models) is up to 10 levels from one that does not.
    """
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    picture = np.stack([90 + y, 120 + y * 0.6, 195 - y * 0.7], axis=-1)
    hill = y > 45 + 10 * np.sin(x / 11)
    picture[(x - 70) ** 2 + (y - 18) ** 2 < 100] += 30
    picture[hill] -= 30
    picture[hill & ((x.astype(int) // 3 + y.astype(int) // 3) % 2 == 0)] -= 10
    return np.asarray(np.rint(picture), np.uint8)


def golden_entries(
    size: Size, resize: Resize, answers: NDArray[np.float32], distances: NDArray[np.float32]
) -> tuple[dict[str, Any], ...]:
    """What the model file keeps of each picture: file, pixels at the model's size (as PNG), and the answer."""
    entries = []
    for (kind, file), probabilities, distance in zip(drawn(), answers, distances, strict=True):
        entries.append(
            {
                "kind": kind,
                "file": base64.b64encode(file).decode(),
                "pixels": base64.b64encode(encode_png(decode(file, size, resize))).decode(),
                "probabilities": [round(float(value), 6) for value in probabilities],
                "distance": round(float(distance), 5),
            }
        )
    return tuple(entries)


def golden_pixels(size: Size, resize: Resize) -> Pixels:
    """The golden pictures decoded for a model, (3, height, width, 3)."""
    return np.stack([decode(file, size, resize) for _, file in drawn()])


def pixel_disagreement(entry: dict[str, Any], size: Size, resize: Resize) -> str:
    """Why this machine's decoding of one golden picture is not the trainer's; empty where it agrees."""
    here = decode(base64.b64decode(entry["file"]), size, resize).astype(np.int16)
    there = pixels_of(entry).astype(np.int16)
    tolerance = PNG_TOLERANCE if entry["kind"] == "png" else PIXEL_TOLERANCE
    worst = int(np.abs(here - there).max()) if here.shape == there.shape else 255
    return f"its {entry['kind']} picture decodes {worst} levels apart" if worst > tolerance else ""


def pixels_of(entry: dict[str, Any]) -> Pixels:
    """The pixels of one golden picture that its trainer saw."""
    return decode(base64.b64decode(entry["pixels"]))

"""Golden pictures: drawn pictures in the model file with the pixels and the answer the trainer saw.

Before a model answers, its golden pictures are decoded, resized and asked about on the machine at hand. Where
pixels or probabilities differ from what the trainer saw, the model is refused: the same photo must get the
same answer everywhere. They are drawn by formula and show nobody.
"""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import NDArray

from whatsit.image import Ground, Pixels, Resize, Size, UnreadablePhoto, decode, encode_jpeg, encode_png
from whatsit.model.facts.file import Golden

Floats = NDArray[np.float32]
WIDTH, HEIGHT = 96, 72
PIXEL_TOLERANCE = 3  # JPEG decoders may round differently; PNG must agree to 1
PNG_TOLERANCE = 1
PROBABILITY_TOLERANCE = 2e-3


def draw_golden(ground: Ground = "white") -> list[tuple[str, bytes]]:
    """The golden pictures, encoded: a JPEG, a PNG with alpha, and a JPEG turned by EXIF.

    Where the ground under transparency is not white there is a drawing too that would vanish on it.
    """
    picture = _landscape()
    fading = np.broadcast_to(np.linspace(0, 255, HEIGHT).astype(np.uint8)[:, None, None], (HEIGHT, WIDTH, 1))
    pictures = [
        ("jpeg", encode_jpeg(picture, quality=90)),
        ("png", encode_png(np.concatenate([picture, fading], axis=2))),
        ("turned", encode_jpeg(picture, quality=90, orientation=6)),
    ]
    if ground != "white":
        light = np.maximum(picture, 240)
        sun = np.where(picture[:, :, :1] > 100, 255, 0).astype(np.uint8)
        pictures.append(("light", encode_png(np.concatenate([light, sun], axis=2))))
    return pictures


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


def make_golden_pictures(
    photos: Pixels, answers: NDArray[np.float32], distances: NDArray[np.float32], ground: Ground = "white"
) -> tuple[Golden, ...]:
    """What the model file keeps of each drawn picture: its file, its pixels as PNG, and the answer.

    photos:    (n, height, width, 3) the pictures as the model sees them, by `decode_golden` or otherwise
    answers:   (n, classes) the probabilities of each; distances: (n,)
    """
    rows = zip(draw_golden(ground), photos, answers, distances, strict=True)
    return tuple(
        Golden(
            kind=kind,
            file=base64.b64encode(file).decode(),
            pixels=base64.b64encode(encode_png(pixels)).decode(),
            probabilities=tuple(round(float(value), 6) for value in probabilities),
            distance=round(float(distance), 5),
        )
        for (kind, file), pixels, probabilities, distance in rows
    )


def decode_golden(size: Size, resize: Resize, ground: Ground = "white") -> Pixels:
    """The golden pictures decoded for a model, (n, height, width, 3)."""
    return np.stack([decode(file, size, resize, ground=ground) for _, file in draw_golden(ground)])


def why_pixels_differ(picture: Golden, size: Size, resize: Resize, ground: Ground = "white") -> str:
    """Why this machine's decoding of a golden picture is not the trainer's; empty where it agrees."""
    try:
        there = pixels_of(picture)
        if there.shape != (*size, 3):  # before it is decoded at a size that somebody made up
            return f"its {picture.kind} picture is not of the size that the model looks at"
        here = decode(base64.b64decode(picture.file), size, resize, ground=ground)
    except (ValueError, UnreadablePhoto) as error:  # ValueError: no base64
        why = error.reason if isinstance(error, UnreadablePhoto) else "it is not in base64"
        return f"its {picture.kind} picture cannot be read: {why}"
    worst = int(np.abs(here.astype(np.int16) - there.astype(np.int16)).max())
    tolerance = PNG_TOLERANCE if picture.kind in ("png", "light") else PIXEL_TOLERANCE
    if worst <= tolerance:
        return ""
    return f"its {picture.kind} picture decodes {worst} levels apart from those of its trainer"


def pixels_of(picture: Golden) -> Pixels:
    """The pixels of a golden picture that its trainer saw."""
    return decode(base64.b64decode(picture.pixels))

"""A pile of drawn photos that show three things."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from whatsit.image import Pixels, encode_jpeg

KINDS = ("disc", "stripes", "squares")


def draw(kind: str, seed: int) -> Pixels:
    """A disc on white, slanted stripes, or a board of squares, each in its own colours and at its own place."""
    random = np.random.default_rng(seed)
    across, down = np.meshgrid(np.arange(96), np.arange(96))
    left, top = random.integers(30, 66, 2)
    shape = {
        "disc": (across - left) ** 2 + (down - top) ** 2 < random.integers(200, 600),
        "stripes": (across + down + left) // random.integers(5, 8) % 2 == 0,
        "squares": (across // 16 + down // 16 + left) % 2 == 0,
    }[kind]
    ink = {"disc": (200, 30, 40), "stripes": (20, 40, 180), "squares": (10, 120, 40)}[kind]
    picture = np.where(shape[..., None], np.array(ink), np.array((250, 245, 235)))
    return np.clip(picture + random.normal(0, 12, picture.shape), 0, 255).astype(np.uint8)


def draw_pile(folder: Path, each: int = 16) -> dict[str, str]:
    """Write the photos, mixed, under names that tell nothing; what each shows."""
    folder.mkdir()
    truth = {}
    for number in range(each * len(KINDS)):
        kind = KINDS[number % len(KINDS)]
        name = f"{number * 7919 % 1000:03}.jpg"
        (folder / name).write_bytes(encode_jpeg(draw(kind, number)))
        truth[name] = kind
    return truth


def draw_label_pile(folder: Path, count: int = 24) -> dict[str, list[str]]:
    """Write photos that show several things each, side by side, or none; what each shows."""
    folder.mkdir()
    random = np.random.default_rng(0)
    truth = {}
    for number in range(count):
        shown = [kind for kind in KINDS if random.random() < 0.5]
        strips = [draw(kind, number) if kind in shown else np.full((96, 96, 3), 245, np.uint8) for kind in KINDS]
        name = f"{number:03}.jpg"
        (folder / name).write_bytes(encode_jpeg(np.concatenate(strips, axis=1)))
        truth[name] = shown
    return truth

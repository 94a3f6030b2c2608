"""A backbone for tests: MobileNet V2 with random weights, small photos of colours, and data sets of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from whatsit.image import encode_png

SIDE = 32
COLOURS = {"blue": (60, 80, 200), "green": (60, 180, 80), "red": (200, 60, 60), "white": (220, 220, 220)}


def random_weights(folder: Path, seed: int = 0) -> Path:
    """A weights file that fits: convolutions at random, normalisations that keep what they are given."""
    file = folder / "mobilenet_v2_random.pth"
    if not file.exists():
        import torch

        from whatsit.training.backbones.mobilenetv2 import MobileNetV2

        torch.manual_seed(seed)
        folder.mkdir(parents=True, exist_ok=True)
        torch.save(MobileNetV2().state_dict(), file)
    return file


def coloured(root: Path, *classes: str, photos: int = 12, side: int = SIDE) -> Path:
    """Class folders of noisy photos in a colour each, no two alike."""
    for name in classes:
        random = np.random.default_rng(list(COLOURS).index(name))
        (root / name).mkdir(parents=True, exist_ok=True)
        for number in range(photos):
            noisy = np.array(COLOURS[name]) + random.normal(0, 30, (side, side, 3))
            picture = np.clip(noisy + random.uniform(-40, 40), 0, 255).astype(np.uint8)
            (root / name / f"{number}.png").write_bytes(encode_png(picture))
    return root

"""Augmented copies: a photo mirrored, turned, shifted, zoomed and lit a little otherwise, by a seed."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from whatsit.errors import UserError
from whatsit.image import Box, Pixels, cut_box


@dataclass(frozen=True)
class VaryOptions:
    """How far an augmented copy may differ from its photo (0: not at all)."""

    mirror: bool = True
    "Mirror half of the copies; not for digits, letters and arrows."

    turn: float = 10.0
    "Degrees to turn by, at most."

    shift: float = 0.06
    "Share of the width and height to shift by, at most."

    zoom: float = 0.1
    "Share of the photo to cut away at most by zooming in."

    light: float = 0.2
    "Share by which to lighten, darken and change the contrast, at most."


MOST = {"turn": 180.0, "shift": 0.5, "zoom": 0.8, "light": 1.0}


def check_options(options: VaryOptions) -> VaryOptions:
    """The options, if they make sense. Raises UserError."""
    for name, most in MOST.items():
        if not 0 <= getattr(options, name) <= most:
            raise UserError(f"--{name} {getattr(options, name)} is out of range.", hint=f"Give 0 to {most:g}.")
    return options


def vary_photo(pixels: Pixels, options: VaryOptions, seed: tuple[int, ...]) -> Pixels:
    """An augmented copy of a photo (h, w, 3) at its own size; the same seed gives the same copy."""
    draw = np.random.default_rng(seed)
    turn, across, down, light, contrast = draw.uniform(-1, 1, 5)
    zoom, is_mirrored = draw.uniform(0, options.zoom), options.mirror and draw.random() < 0.5
    across, down = across * options.shift, down * options.shift
    box = Box(across + zoom / 2, down + zoom / 2, 1 + across - zoom / 2, 1 + down - zoom / 2, turn * options.turn)
    found = cut_box(pixels, box, pixels.shape[:2])
    if options.light:
        grey = found.mean()
        bright = (found - grey) * (1 + contrast * options.light) + grey * (1 + light * options.light)
        found = np.rint(np.clip(bright, 0, 255)).astype(np.uint8)
    return np.ascontiguousarray(found[:, ::-1]) if is_mirrored else found


def list_changes(options: VaryOptions) -> dict[str, VaryOptions]:
    """Each change that is switched on by itself, and all together: what the picture of augmentations shows."""
    nothing = VaryOptions(mirror=False, turn=0, shift=0, zoom=0, light=0)
    alone = {
        field.name: replace(nothing, **{field.name: getattr(options, field.name)})
        for field in fields(options)
        if getattr(options, field.name)
    }
    return {**alone, "all together": options} if alone else {}

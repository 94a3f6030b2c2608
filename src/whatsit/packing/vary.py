"""Augmented copies of a photo, by a seed: mirrored, turned, shifted, zoomed and lit a little otherwise; on request
also slanted, grainy and blurred, as training's changes of these names do it (a test compares them)."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from whatsit.errors import UserError
from whatsit.image import PAD_COLOUR, Box, Pixels, cut_box


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

    shear: float = 0.0
    "Degrees to slant by, at most."

    noise: float = 0.0
    "Standard deviation of the grain to add, as a share of white."

    blur: float = 0.0
    "Radius to blur with, in pixels, at most."


MOST = {"turn": 180.0, "shift": 0.5, "zoom": 0.8, "light": 1.0, "shear": 80.0, "noise": 1.0, "blur": 100.0}
LEAST_RADIUS = 0.1  # of a blur: a smaller one changes nothing that is seen


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
    slant, softness = draw.uniform(-1, 1), draw.random()
    across, down = across * options.shift, down * options.shift
    box = Box(across + zoom / 2, down + zoom / 2, 1 + across - zoom / 2, 1 + down - zoom / 2, turn * options.turn)
    found: NDArray[np.floating] | Pixels = cut_box(pixels, box, pixels.shape[:2])
    if options.shear:
        found = shear_photo(found, slant * options.shear)
    if options.light:
        grey = found.mean()
        found = (found - grey) * (1 + contrast * options.light) + grey * (1 + light * options.light)
    if options.noise:
        found = found + draw.normal(0, 255 * options.noise, found.shape)
    if options.blur:
        found = blur_photo(found, softness * options.blur)
    rounded = np.rint(np.clip(found, 0, 255)).astype(np.uint8)
    return np.ascontiguousarray(rounded[:, ::-1]) if is_mirrored else rounded


def shear_photo(photo: NDArray[np.floating] | Pixels, degrees: float) -> NDArray[np.floating]:
    """A photo (h, w, 3) slanted about its middle, grey where nothing of it is."""
    from scipy.ndimage import affine_transform

    slope = math.tan(math.radians(degrees))
    matrix = np.array([[1, 0, 0], [slope, 1, 0], [0, 0, 1]])  # row, column, channel → where it comes from
    shift = (0, -slope * (len(photo) - 1) / 2, 0)
    found: NDArray[np.floating] = affine_transform(
        photo.astype(np.float64), matrix, shift, order=1, mode="grid-constant", cval=PAD_COLOUR
    )
    return found


def blur_photo(photo: NDArray[np.floating] | Pixels, radius: float) -> NDArray[np.floating]:
    """A photo (h, w, 3) blurred by a Gaussian of that radius (its standard deviation) in pixels."""
    from scipy.ndimage import gaussian_filter

    exact = photo.astype(np.float64)
    if radius < LEAST_RADIUS:
        return exact
    reach = max(1, math.ceil(2 * radius))
    found: NDArray[np.floating] = gaussian_filter(
        exact, (radius, radius, 0), radius=(reach, reach, 0), mode="mirror"
    )
    return found


def list_changes(options: VaryOptions) -> dict[str, VaryOptions]:
    """Each change that is switched on by itself, and all together: what the picture of augmentations shows."""
    nothing = VaryOptions(mirror=False, turn=0, shift=0, zoom=0, light=0)
    alone = {
        field.name: replace(nothing, **{field.name: getattr(options, field.name)})
        for field in fields(options)
        if getattr(options, field.name)
    }
    return {**alone, "all together": options} if alone else {}

"""Changes made to whole batches of training photos, anew each time, on whatever device they are.

The names are the ones people know from other libraries: shift, rotation, zoom, shear, flip, brightness, noise,
blur, fill. Every draw comes from a generator seeded by (seed, epoch, step), so a run that was stopped goes on with
the draws it would have had.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

from whatsit.errors import UserError, missing_extra, suggest_nearest
from whatsit.training.bounds import check_bounds
from whatsit.training.options import AugmentOptions, Fill
from whatsit.training.ranks.who import Part

if TYPE_CHECKING:
    import torch

    from whatsit.image import Pixels

CHANGES = ("shift", "rotation", "zoom", "shear", "flip", "brightness", "noise", "blur")

SETS = {
    "none": AugmentOptions(),
    "light": AugmentOptions(shift=0.0625),  # 2 pixels of 32
    "flip": AugmentOptions(shift=0.0625, flip=True),
    "photo": AugmentOptions(shift=0.1, rotation=10, zoom=0.15, flip=True, brightness=0.2),
}


def resolve_changes(options: AugmentOptions, given: Collection[str] = ()) -> AugmentOptions:
    """The options with their named set filled in; what was given by hand stays, be it to leave a change out.

    given: names of options that count as given though they have their usual value, as `flip` after --no-flip
    """
    plain, chosen = AugmentOptions(), SETS.get(options.augment, AugmentOptions())
    kept = {name: value for name, value in vars(options).items() if name in given or value != getattr(plain, name)}
    return replace(chosen, **kept)


class Draws:
    """Random numbers for photos of a batch. They are drawn for all of it, so that a photo is changed in the same
    way whichever rank has it."""

    def __init__(self, generator: torch.Generator, part: Part) -> None:
        self._generator = generator
        self._part = part

    def uniform(self) -> torch.Tensor:
        """(n,) in 0..1."""
        import torch

        return torch.rand(self._part.whole, generator=self._generator)[self._part.rows]

    def between(self) -> torch.Tensor:
        """(n,) uniform in -1..1."""
        return self.uniform() * 2 - 1

    def below(self, end: int) -> torch.Tensor:
        """(n,) whole numbers from 0 on."""
        import torch

        return torch.randint(0, end, (self._part.whole,), generator=self._generator)[self._part.rows]

    def normal(self, shape: tuple[int, ...]) -> torch.Tensor:
        """(n, *shape), of mean nothing and spread one."""
        import torch

        return torch.randn((self._part.whole, *shape), generator=self._generator)[self._part.rows]

    def one(self) -> float:
        """One for the whole batch, in 0..1."""
        import torch

        return float(torch.rand(1, generator=self._generator))


def change_photos(
    photos: torch.Tensor,
    options: AugmentOptions,
    generator: torch.Generator,
    mirrored: torch.Tensor | None = None,
    part: Part | None = None,
) -> torch.Tensor:
    """Changed copies of (n, 3, h, w) float photos in 0..255.

    mirrored: (n,) bool, which to flip this time (alternating from epoch to epoch); drawn where it is None
    part:     which photos of their batch these are; None: all
    """
    import torch

    out = photos
    draw = Draws(generator, part or Part(0, len(photos), len(photos)))
    if options.flip:
        flips = mirrored if mirrored is not None else draw.uniform() < 0.5
        out = torch.where(flips.to(out.device)[:, None, None, None], out.flip(3), out)
    if options.rotation or options.zoom or options.shear:
        out = _warp(out, options, draw)
    elif options.shift:
        out = _shift(out, options, draw)
    if options.brightness:
        factor = 1 + options.brightness * draw.between()
        out = out * factor.to(out.device)[:, None, None, None]
    if options.noise:
        grain = draw.normal(tuple(out.shape[1:])) * (255 * options.noise)
        out = out + grain.to(out.device)
    if options.blur:
        out = _blur(out, options.blur, draw)
    changes_values = options.brightness or options.noise
    return out.clamp(0, 255) if changes_values else out


def _shift(photos: torch.Tensor, options: AugmentOptions, draw: Draws) -> torch.Tensor:
    """Moved by whole pixels: cut windows out of padded photos, one group of photos an offset."""
    import torch
    from torch.nn import functional

    height, width = photos.shape[2:]
    down, right = max(1, round(options.shift * height)), max(1, round(options.shift * width))
    mode = {"nearest": "replicate", "reflect": "reflect", "grey": "constant"}[options.fill]
    value = {"value": 128.0} if mode == "constant" else {}
    padded = functional.pad(photos, (right, right, down, down), mode=mode, **value)
    ys = draw.below(2 * down + 1)
    xs = draw.below(2 * right + 1)
    windows = padded.unfold(2, height, 1).unfold(3, width, 1)  # (n, 3, 2·down+1, 2·right+1, h, w), a view
    return windows[torch.arange(len(photos)), :, ys, xs].contiguous(memory_format=torch.channels_last)


def _warp(photos: torch.Tensor, options: AugmentOptions, draw: Draws) -> torch.Tensor:
    """Turned, slanted, zoomed and moved by one resampling."""
    import torch
    from torch.nn import functional

    turn = math.radians(options.rotation) * draw.between()
    slant = math.radians(options.shear) * draw.between()
    scale = 1 + options.zoom * draw.between()
    move = torch.stack([draw.between(), draw.between()], dim=1) * (2 * options.shift)
    cos, sin, tan = turn.cos(), turn.sin(), slant.tan()
    matrix = torch.stack(
        [
            torch.stack([cos * scale, (cos * tan - sin) * scale, move[:, 0]], dim=1),
            torch.stack([sin * scale, (sin * tan + cos) * scale, move[:, 1]], dim=1),
        ],
        dim=1,
    ).to(photos.device)  # (n, 2, 3)
    grid = functional.affine_grid(matrix, list(photos.shape), align_corners=False)
    mode = {"nearest": "border", "reflect": "reflection", "grey": "zeros"}[options.fill]
    offset = 128.0 if mode == "zeros" else 0.0  # grid_sample fills with zeros: shift so that zero is grey
    moved = functional.grid_sample(photos - offset, grid, padding_mode=mode, align_corners=False)
    return (moved + offset).contiguous(memory_format=torch.channels_last)


def _blur(photos: torch.Tensor, radius: float, draw: Draws) -> torch.Tensor:
    """Blurred by one Gaussian for the batch, of a radius drawn between none and `radius`."""
    import torch
    from torch.nn import functional

    sigma = draw.one() * radius
    reach = max(1, math.ceil(2 * sigma))
    if sigma < 0.1 or reach >= min(photos.shape[2:]):
        return photos
    steps = torch.arange(-reach, reach + 1, device=photos.device, dtype=photos.dtype)
    line = (-(steps**2) / (2 * sigma**2)).exp()
    line = (line / line.sum()).repeat(3, 1)
    padded = functional.pad(photos, (reach,) * 4, mode="reflect")
    rows = functional.conv2d(padded, line[:, None, :, None], groups=3)
    return functional.conv2d(rows, line[:, None, None, :], groups=3)


def draw_change(pixels: Pixels, options: AugmentOptions, seed: int) -> Pixels:
    """A changed copy of one photo, for looking: mirrored where it may be, as half of them show nothing."""
    try:
        import torch
    except ImportError:
        raise missing_extra("torch", "train", "Changing photos as in training") from None
    photo = torch.tensor(pixels).permute(2, 0, 1)[None].float()
    draw = torch.Generator().manual_seed(seed)
    changed = change_photos(photo, options, draw, torch.ones(1, dtype=torch.bool))
    found: Pixels = changed[0].permute(1, 2, 0).round().byte().numpy()
    return found


def list_changes(options: AugmentOptions) -> dict[str, AugmentOptions]:
    """Each change that is switched on by itself, and all together: what a picture of changes shows."""
    alone = {
        kind: replace(AugmentOptions(fill=options.fill), **{kind: value})
        for kind in CHANGES
        if (value := getattr(options, kind))
    }
    return alone | {"all together": options} if len(alone) > 1 else alone


def parse_changes(text: str) -> AugmentOptions:
    """The changes that a text names: a set of them, changes by value, or both: `photo, rotation=20`.

    Raises UserError where there is no such change, or none at all.
    """
    values: dict[str, Any] = {}
    for word in filter(None, re.split(r"[,\s]+", text)):
        name, _, value = word.lstrip("-").partition("=")
        if not value and name in SETS:
            values["augment"] = name
        elif name == "fill" and value in get_args(Fill):
            values[name] = value
        elif name == "flip" and value in ("", "true", "false"):
            values[name] = value != "false"
        elif name in CHANGES and name != "flip":
            values[name] = _parse_number(word, value)
        else:
            raise UserError(
                f"{word!r} is no change of photos.", hint=suggest_nearest(name, {*SETS, *CHANGES, "fill"})
            )
    options = AugmentOptions(**values)
    check_bounds(options)
    changes = resolve_changes(options, values)
    if not list_changes(changes):
        raise UserError(
            f"{text!r} changes nothing.", hint=f"Give one of {', '.join(SETS)}, or changes: shift=0.1, rotation=15"
        )
    return changes


def _parse_number(word: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise UserError(f"{word!r} has no number.", hint="Say how much: shift=0.1, rotation=15") from None

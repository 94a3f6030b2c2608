"""Photos of known pixels, drawn by Hypothesis: what they stand for is arithmetic on the samples that were written.

TIFFs are also read by tifffile.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import numpy as np
import tifffile
from hypothesis import strategies as st

import encoded
from encoded import Layout

TURNS: dict[int, Callable] = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 1),
}


def eight(samples: np.ndarray, bits: int) -> np.ndarray:
    """Whole numbers in 8 bits: stretched where they have fewer, cut where they have more."""
    samples = samples.astype(np.int64)
    return samples >> (bits - 8) if bits >= 8 else samples * 255 // ((1 << bits) - 1)


def on_white(colours: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    return np.rint((colours * alpha + 255 * (255 - alpha)) / 255)


@st.composite
def pngs(draw: st.DrawFn) -> tuple[bytes, np.ndarray]:
    """A PNG, and the pixels that it stands for."""
    colour = draw(st.sampled_from([0, 2, 3, 4, 6]))
    bits = draw(st.sampled_from({0: [1, 2, 4, 8, 16], 3: [1, 2, 4, 8]}.get(colour, [8, 16])))
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    height, width, orientation = draw(st.integers(1, 6)), draw(st.integers(1, 6)), draw(st.integers(1, 8))
    random = np.random.default_rng(draw(st.integers(0, 999)))
    samples = random.integers(0, 1 << bits, (height, width, channels))
    is_clear = draw(st.booleans()) and colour in (0, 2, 3)
    extra = [(b"eXIf", encoded.exif(orientation))]
    colours = np.broadcast_to(
        eight(samples[:, :, :1] if colour in (0, 4) else samples, bits)[..., :3], (height, width, 3)
    )
    alpha = np.full((height, width, 1), 255)
    if colour == 3:
        palette, alphas = random.integers(0, 256, (1 << bits, 3)), random.integers(0, 256, 1 << bits)
        extra += [(b"PLTE", palette.astype(np.uint8).tobytes())]
        colours = palette[samples[:, :, 0]]
        if is_clear:
            extra += [(b"tRNS", alphas.astype(np.uint8).tobytes())]
            alpha = alphas[samples]
    elif is_clear:  # one value stands for nothing
        extra += [(b"tRNS", struct.pack(f">{channels}H", *samples[0, 0]))]
        alpha = np.where((samples == samples[0, 0]).all(axis=2, keepdims=True), 0, 255)
    elif colour in (4, 6):
        alpha = eight(samples[:, :, -1:], bits)
    return encoded.png(samples, bits, colour, tuple(extra)), TURNS[orientation](on_white(colours, alpha))


@st.composite
def tiffs(draw: st.DrawFn) -> tuple[bytes, np.ndarray]:
    """A TIFF of grey or RGB, and the pixels that it stands for."""
    is_grey = draw(st.booleans())
    order, is_deflated = draw(st.sampled_from("<>")), draw(st.booleans())
    bits = draw(st.sampled_from([1, 2, 4, 8, 10, 12, 14, 16] if is_grey else [8, 16]))
    photometric = draw(st.sampled_from([0, 1])) if is_grey else 2
    if is_deflated and (bits in (10, 12, 14) or (bits == 16 and photometric == 0)):
        is_deflated = False  # which is refused by name, see below
    layout = Layout(bits, photometric, order, 1, is_deflated, draw(st.booleans()) and not is_grey)
    layout = Layout(**{**layout.__dict__, "orientation": draw(st.integers(1, 8))})
    shape = draw(st.integers(1, 6)), draw(st.integers(1, 6)), 1 if is_grey else 3
    samples = np.random.default_rng(draw(st.integers(0, 999))).integers(0, 1 << bits, shape)
    content = encoded.tiff(samples, layout)
    if bits in (1, 8, 16):
        read = np.asarray(tifffile.imread(io.BytesIO(content))).astype(int)
        if bits == 1 or not (layout.is_planar or is_grey):
            assert np.array_equal(read.reshape(samples.shape), samples)  # what we wrote is what others read
    levels = eight(samples, bits)
    levels = 255 - levels if photometric == 0 else levels
    return content, TURNS[layout.orientation](np.broadcast_to(levels, (*shape[:2], 3)))

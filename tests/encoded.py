"""Files of every depth and kind, written by a few lines of our own: what is in them is known to the bit."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.integer]  # (height, width, samples a pixel)


@dataclass(frozen=True)
class Layout:
    """How a TIFF holds its samples: see TIFF 6.0. `kind` 1 is whole numbers, 3 floats."""

    bits: int = 8
    photometric: int = 1
    order: str = "<"
    kind: int = 1
    is_deflated: bool = False
    is_planar: bool = False
    orientation: int = 1


def pack(samples: Samples, bits: int, order: str = ">") -> bytes:
    """Samples (height, n) of `bits` bits, each row from a byte of its own."""
    if bits in (8, 16, 32):
        kind = "f4" if samples.dtype.kind == "f" else f"u{bits // 8}"
        return samples.astype(order + kind).tobytes()
    places = np.arange(bits - 1, -1, -1)
    rows = (samples[:, :, None].astype(np.int64) >> places & 1).reshape(len(samples), -1)
    return np.packbits(rows.astype(np.uint8), axis=1).tobytes()


def png(samples: Samples, bits: int, colour: int, extra: tuple[tuple[bytes, bytes], ...] = ()) -> bytes:
    """A PNG: `colour` 0 is grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGBA; `extra` chunks precede the pixels."""
    height, width, channels = samples.shape
    lines = pack(samples.reshape(height, width * channels), bits)
    stride = len(lines) // height
    rows = b"".join(b"\0" + lines[at : at + stride] for at in range(0, len(lines), stride))
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    parts = (b"IHDR", head), *extra, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def exif(orientation: int) -> bytes:
    """EXIF that says an orientation, and nothing else."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x112, 3, 1, orientation, 0, 0)


def tiff(samples: Samples, layout: Layout) -> bytes:
    """A TIFF of one strip (a plane each, where planar)."""
    height, width, channels = samples.shape
    planes = np.moveaxis(samples, 2, 0) if layout.is_planar else [samples.reshape(height, width * channels)]
    strips = [pack(plane, layout.bits, layout.order) for plane in planes]
    if layout.is_deflated:
        strips = [zlib.compress(strip) for strip in strips]
    at, offsets = 8, []
    for strip in strips:
        offsets.append(at)
        at += len(strip)
    tags: list[tuple[int, int, list[int]]] = [
        (256, 4, [width]),
        (257, 4, [height]),
        (258, 3, [layout.bits] * channels),
        (259, 3, [8 if layout.is_deflated else 1]),
        (262, 3, [layout.photometric]),
        (273, 4, offsets),
        (274, 3, [layout.orientation]),
        (277, 3, [channels]),
        (278, 4, [height]),
        (279, 4, [len(strip) for strip in strips]),
        (284, 3, [2 if layout.is_planar else 1]),
        (339, 3, [layout.kind] * channels),
    ]
    return _with_tags(b"".join(strips), tags, layout.order)


def _with_tags(strips: bytes, tags: list[tuple[int, int, list[int]]], order: str) -> bytes:
    strips += bytes(len(strips) % 2)
    directory, beside = b"", b""
    after = 8 + len(strips) + 2 + 12 * len(tags) + 4
    for tag, kind, values in tags:
        data = struct.pack(f"{order}{len(values)}{'H' if kind == 3 else 'I'}", *values)
        if len(data) > 4:
            data, beside = struct.pack(order + "I", after + len(beside)), beside + data
        directory += struct.pack(order + "HHI", tag, kind, len(values)) + data.ljust(4, b"\0")
    start = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8 + len(strips))
    return start + strips + struct.pack(order + "H", len(tags)) + directory + bytes(4) + beside


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

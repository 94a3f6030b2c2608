"""What a photo takes in memory, told from its header, beside what the system counts."""

from __future__ import annotations

import io
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from whatsit.image import DEFAULT_LIMITS, decode

SIDE = 2400  # 5.8 megapixels: enough to be seen beside what a process takes anyway
NOISE = 12_000_000  # bytes a process may take more or less for its own reasons


class Counted:
    """Memory that notes what is asked for."""

    def __init__(self) -> None:
        self.bytes = 0

    @contextmanager
    def hold(self, count: int, _pixels: int) -> Iterator[None]:
        self.bytes += count
        yield


def encoded(mode: str, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    ramp = np.add.outer(np.arange(SIDE), np.arange(SIDE)) % 256
    picture = Image.fromarray(ramp.astype(np.uint8), "L")
    deep = Image.fromarray((ramp * 257).astype(np.uint16))
    (deep if mode == "I;16" else picture.convert(mode)).save(out, kind, **options)
    return out.getvalue()


def turned(mode: str, kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(mode, kind, exif=exif)


def peak_of(content: bytes, size: tuple[int, int] | None) -> int:
    """Bytes that decoding it adds to a process, as the system counts them."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        decode(content, size)
        os.write(writes, str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writes)
    with os.fdopen(reads) as told:
        return int(told.read()) * 1024


PHOTOS = {
    "a JPEG": lambda: encoded("RGB", "JPEG", quality=90),
    "a progressive JPEG": lambda: encoded("RGB", "JPEG", progressive=True),
    "a grey JPEG": lambda: encoded("L", "JPEG"),
    "a CMYK JPEG": lambda: encoded("CMYK", "JPEG"),
    "a turned JPEG": lambda: turned("RGB", "JPEG"),
    "a PNG": lambda: encoded("RGB", "PNG", compress_level=1),
    "a grey PNG": lambda: encoded("L", "PNG", compress_level=1),
    "a deep PNG": lambda: encoded("I;16", "PNG", compress_level=1),
    "a PNG with alpha": lambda: encoded("RGBA", "PNG", compress_level=1),
    "a turned PNG with alpha": lambda: turned("RGBA", "PNG"),
    "a palette with a clear entry": lambda: encoded("P", "PNG", transparency=0, compress_level=1),
    "a WebP": lambda: encoded("RGB", "WEBP", method=0),
    "a WebP with alpha": lambda: encoded("RGBA", "WEBP", method=0, lossless=True),
    "a GIF": lambda: encoded("P", "GIF"),
}


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="counted as Linux counts it")
@pytest.mark.parametrize("name", PHOTOS)
def test_no_photo_takes_more_than_is_counted(name: str) -> None:
    content, counted = PHOTOS[name](), Counted()
    size = None if name == "a JPEG" else (64, 64)
    decode(content, size, limits=replace(DEFAULT_LIMITS, memory=counted))
    assert peak_of(content, size) <= counted.bytes + NOISE
    assert counted.bytes <= 30 * SIDE * SIDE

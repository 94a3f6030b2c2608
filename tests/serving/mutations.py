"""Photos gone wrong: cut, mixed, mutated and bombs, drawn from a seed."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

Random = np.random.Generator


def good(random: Random) -> bytes:
    """A small photo in a format that strangers may send."""
    height, width = random.integers(1, 90, 2)
    mode, depth = [("RGB", 3), ("L", 1), ("RGBA", 4)][random.integers(3)]
    pixels = random.integers(0, 256, (height, width, depth), np.uint8)
    picture = Image.fromarray(pixels.squeeze(2) if depth == 1 else pixels, mode)
    out = io.BytesIO()
    kind = ["JPEG", "PNG", "WEBP", "GIF"][random.integers(4)]
    if kind == "JPEG":
        picture.convert("RGB").save(
            out, kind, progressive=bool(random.integers(2)), quality=int(random.integers(5, 96))
        )
    else:
        picture.convert("P" if kind == "GIF" else mode).save(out, kind)
    return out.getvalue()


def cut(random: Random) -> bytes:
    content = good(random)
    return content[: random.integers(0, len(content))]


def mutated(random: Random) -> bytes:
    """Some bytes changed, most of them near the beginning, where headers are."""
    content = bytearray(good(random))
    for _ in range(random.integers(1, 20)):
        place = int(len(content) * random.random() ** 3)
        content[min(place, len(content) - 1)] = random.integers(256)
    return bytes(content)


def spliced(random: Random) -> bytes:
    one, other = good(random), good(random)
    return one[: random.integers(1, len(one))] + other[random.integers(0, len(other)) :]


def repeated(random: Random) -> bytes:
    """A piece of the file many times over: segments, chunks or scans that never end."""
    content = good(random)
    begin, end = sorted(random.integers(0, len(content), 2))
    return content[:end] + content[begin:end] * int(random.integers(2, 200)) + content[end:]


def noise(random: Random) -> bytes:
    magic = [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\xff\xff\xff\x7fWEBPVP8 "][
        random.integers(5)
    ]
    return magic + random.bytes(int(random.integers(0, 3000)))


def png_bomb(random: Random) -> bytes:
    """A small file that says it is, or is, very large."""
    side = int(random.choice([4_000, 20_000, 60_000, 2**31 - 1]))
    lines = zlib.compress(bytes(1 + 3 * 4_000), 9) * int(random.integers(1, 50))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (
            (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
            (b"IDAT", lines),
            (b"IEND", b""),
        )
    )


def scan_bomb(random: Random) -> bytes:
    """A progressive JPEG whose last scan is repeated: each costs a pass over the picture."""
    out = io.BytesIO()
    Image.new("RGB", (800, 800), "grey").save(out, "JPEG", progressive=True)
    content = out.getvalue()
    scan = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + scan * int(random.integers(80, 3000)) + b"\xff\xd9"


KINDS: tuple[Callable[[Random], bytes], ...] = (
    good, cut, mutated, mutated, spliced, repeated, noise, png_bomb, scan_bomb,
)  # fmt: skip


def drawn(seed: int) -> bytes:
    """A photo of one of KINDS."""
    random = np.random.default_rng(seed)
    return KINDS[random.integers(len(KINDS))](random)

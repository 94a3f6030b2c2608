"""Files of each container, drawn piece by piece: which, how many, in which order, of which lengths."""

from __future__ import annotations

import functools
import io
import struct
import zlib

import numpy as np
from draw import MOST, Draw, spoilt, with_runs
from PIL import Image

_MODES = {"JPEG": ("RGB", "L", "CMYK"), "PNG": ("RGB", "RGBA", "P", "L", "LA", "1", "I;16")}
_MODES |= {"WEBP": ("RGB", "RGBA"), "GIF": ("P", "L"), "BMP": ("RGB", "P", "1"), "TIFF": ("RGB", "L", "RGBA")}
_MODES |= {"AVIF": ("RGB", "RGBA")}


@functools.cache
def honest(kind: str, mode: str, is_second: bool) -> bytes:
    """A small photo as programs write it; the second of its kind is progressive, lossless or packed."""
    random = np.random.default_rng(len(mode))
    picture = Image.fromarray(random.integers(0, 256, (24, 32, 3), np.uint8)).convert("RGB")
    picture = (
        picture.convert(mode)
        if mode != "I;16"
        else Image.fromarray(np.arange(768, dtype=np.uint16).reshape(24, 32))
    )
    options: dict[str, dict[str, object]] = {
        "JPEG": {"progressive": True},
        "WEBP": {"lossless": True},
        "TIFF": {"compression": "tiff_lzw"},
        "AVIF": {"speed": 10},
    }
    out = io.BytesIO()
    picture.save(out, kind, **(options.get(kind, {}) if is_second or kind == "AVIF" else {}))
    return out.getvalue()


def base(draw: Draw, kind: str) -> bytes:
    """One of the honest photos of a kind."""
    return honest(kind, draw.pick(_MODES[kind]), draw.often())


def directory(draw: Draw) -> bytes:
    """Exif or TIFF: entries of drawn tags, types, counts and values."""
    order = draw.pick("<>")
    entries = min(draw.count(), 20_000)
    tags = b"".join(
        struct.pack(
            order + "HHII",
            draw.pick((0x112, 0x100, 0x101, 0x102, 0x103, 0x106, 0x111, 0x117, 0x8769, 0x8825, 0xA005, 0xC4A5)),
            draw.below(14),
            draw.pick((1, 0, 4, 1000, 1_000_000, 2**32 - 1)),
            draw.pick((1, 6, 8, 26, 3, 2**31, 2**32 - 1)),
        )
        for _ in range(min(entries, 12))
    )
    mark = b"II*\0" if order == "<" else b"MM\0*"
    head = mark + struct.pack(order + "IH", 8, draw.length(min(entries, 65_535), 16))
    return head + tags * max(1, entries // 12) + draw.raw(40)


def segment(draw: Draw, marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, draw.length(len(data) + 2, 16)) + data


def _jpeg_piece(draw: Draw) -> bytes:
    kind = draw.below(12)
    if kind == 0:
        return segment(draw, 0xE1, b"Exif\0\0" + draw.raw(2))
    if kind == 1:
        return segment(draw, 0xE1, (b"Exif\0\0" + directory(draw))[:65_000])
    if kind == 2:
        return b"\xff"
    if kind == 3:
        return draw.pick((b"x", b"\xff\0", b"\0", b"\xff\xd3", b"\xff\xd8", b"\xff\xd9"))
    if kind == 4:
        return segment(draw, 0xFE, draw.raw(3))
    if kind == 5:
        return segment(draw, 0xE0 + draw.below(16), draw.raw(6))
    if kind == 6:
        return segment(draw, 0xED, b"Photoshop 3.0\0" + (b"8BIM" + bytes(8)) * min(draw.count(), 5_000))
    if kind == 7:
        return segment(draw, 0xE2, draw.pick((b"MPF\0", b"ICC_PROFILE\0\1\1")) + directory(draw)[:60_000])
    if kind == 8:
        return segment(draw, 0xDB, (b"\0" + b"\1" * 64) * min(draw.count(), 900))
    if kind == 9:
        return segment(draw, 0xC0 + draw.below(16), b"\x08\0\x40\0\x40\3" + b"\1\x11\0" * min(draw.count(), 9_000))
    if kind == 10:
        return segment(draw, 0xDA, b"\1\1\0\0\x3f\0") + draw.raw(30)
    return segment(draw, draw.below(256), draw.raw(60))


def jpeg(draw: Draw) -> bytes:
    """Segments before, between and behind those of an honest photo; its scans again."""
    content = base(draw, "JPEG")
    parts, at = [content[:2]], 2
    while content[at + 1] != 0xDA:
        length = 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        parts.append(content[at : at + length])
        at += length
    scans = content[at:-2]
    parts += [scans, b"\xff\xd9"]
    if draw.seldom():
        parts.insert(-1, scans[scans.rindex(b"\xff\xda") :] * min(draw.count(), MOST // len(scans)))
    return with_runs(draw, parts, _jpeg_piece)


def chunk(draw: Draw, kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", draw.length(len(data))) + kind + data + struct.pack(">I", draw.length(check))


def _png_piece(draw: Draw) -> bytes:
    kind = draw.pick(
        (
            b"IDAT",
            b"quQe",
            b"tEXt",
            b"zTXt",
            b"iTXt",
            b"tIME",
            b"eXIf",
            b"fcTL",
            b"fdAT",
            b"acTL",
            b"iCCP",
            b"PLTE",
            b"tRNS",
        )
    )
    data = {
        b"tEXt": b"a\0b",
        b"zTXt": b"a\0\0" + zlib.compress(bytes(min(draw.count(), 1_000_000))),
        b"iCCP": b"a\0\0" + zlib.compress(bytes(min(draw.count(), 1_000_000))),
        b"tIME": bytes(7),
        b"fcTL": bytes(26),
        b"acTL": struct.pack(">II", min(draw.count(), 2**31), 0),
    }.get(kind, b"")
    if kind == b"eXIf":
        data = directory(draw)
    return chunk(draw, kind, draw.raw(20) if draw.seldom() else data)


def png(draw: Draw) -> bytes:
    """Chunks before, between and behind those of an honest photo; perhaps of another size than it says."""
    content = base(draw, "PNG")
    parts, at = [content[:8]], 8
    while at < len(content):
        length = 12 + int.from_bytes(content[at : at + 4], "big")
        parts.append(content[at : at + length])
        at += length
    if draw.seldom():
        side = draw.pick((500, 5_000, 20_000, 65_536, 2**31 - 1))
        depth, colour = draw.pick(((8, 2), (8, 6), (16, 6), (1, 0), (8, 3), (16, 0)))
        lines = zlib.compress(bytes(min(side, 5_000) * 9), 9) * min(draw.count(), 300)
        head = struct.pack(">IIBBBBB", side, side, depth, colour, 0, 0, draw.below(2))
        parts = [parts[0], chunk(draw, b"IHDR", head), chunk(draw, b"IDAT", lines), parts[-1]]
    return with_runs(draw, parts, _png_piece)


def _riff_piece(draw: Draw) -> bytes:
    kind = draw.pick((b"abcd", b"EXIF", b"XMP ", b"ANMF", b"ANIM", b"ICCP", b"ALPH", b"VP8 ", b"VP8L", b"VP8X"))
    data = directory(draw) if kind == b"EXIF" else draw.raw(30)
    return kind + struct.pack("<I", draw.length(len(data))) + data + b"\0" * (len(data) & 1)


def webp(draw: Draw) -> bytes:
    """Chunks around the bits of an honest photo; perhaps a few bytes that say they are many pixels."""
    content = base(draw, "WEBP")
    if draw.seldom():
        side = draw.pick((500, 3_000, 5_000, 16_383)) - 1
        bits = (b"\x2f" + struct.pack("<I", side | side << 14 | draw.below(2) << 28) + b"\x88\x88\x08").ljust(
            28, b"\0"
        )
        parts = [b"VP8L" + struct.pack("<I", len(bits)) + bits]
    else:
        parts = [content[12:]]
    if draw.often():
        canvas = struct.pack("<I", draw.below(256)) + draw.pick(
            (b"\x1f\0\0\x17\0\0", b"\x3f\0\0\x2f\0\0", b"\xff\xff\0" * 2)
        )
        parts.insert(0, b"VP8X" + struct.pack("<I", 10) + canvas)
    body = b"WEBP" + with_runs(draw, parts, _riff_piece)
    return b"RIFF" + struct.pack("<I", draw.length(len(body))) + body


def _gif_piece(draw: Draw) -> bytes:
    frame = b"," + struct.pack("<HHHHB", 0, 0, draw.pick((1, 32, 65_535)), 1, draw.below(256)) + b"\2"
    return draw.pick(
        (
            b"!\xfe\1x\0",
            b"!\xf9\4\0\0\0\0\0",
            b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0",
            b"!" + bytes([draw.below(256)]) + draw.raw(6) + b"\0",
            frame + b"\2\x44\1\0",
            frame,
            b"\1x",
            b"x",
            b"\0",
            b"!\xfe" + b"\1x" * min(draw.count(), MOST // 4),
            draw.raw(20),
        )
    )


def gif(draw: Draw) -> bytes:
    """Extensions, frames, pieces and junk around the frame of an honest one."""
    content = base(draw, "GIF")
    behind = 13 + (6 << (content[10] & 7))
    if draw.seldom():
        content = content[:6] + struct.pack("<HH", *(draw.pick((1, 4_000, 65_535)) for _ in "wh")) + content[10:]
    return with_runs(draw, [content[:behind], content[behind:-1], content[-1:]], _gif_piece)


def bmp(draw: Draw) -> bytes:
    """A head of drawn numbers before the pixels of an honest one."""
    content = bytearray(base(draw, "BMP"))
    for at, form in (
        (10, "<I"),
        (14, "<I"),
        (18, "<i"),
        (22, "<i"),
        (26, "<H"),
        (28, "<H"),
        (30, "<I"),
        (46, "<I"),
    ):
        if draw.seldom():
            struct.pack_into(
                form, content, at, draw.pick((0, 1, 2, 3, 4, 8, 12, 24, 32, 40, 108, 124, 500, 5_000, 30_000))
            )
    return with_runs(draw, [bytes(content[:54]), bytes(content[54:])], lambda drawn: drawn.raw(8) or b"\0\1")


def tiff(draw: Draw) -> bytes:
    """An honest one, or a directory of its own."""
    if draw.often():
        return with_runs(draw, [directory(draw)], lambda drawn: drawn.raw(8) or b"\0\1")
    return spoilt(draw, base(draw, "TIFF"))

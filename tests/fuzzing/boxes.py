"""HEIF and AVIF files, drawn box by box (ISO/IEC 14496-12 and 23008-12)."""

from __future__ import annotations

import struct

from containers import base, directory
from draw import Draw, with_runs

_PLAIN = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"iprp", b"ipco", b"dinf", b"grpl")
_TABLES = (b"stts", b"stsz", b"stco", b"co64", b"stss", b"ctts", b"stsc", b"elst")


def box(draw: Draw, kind: bytes, data: bytes) -> bytes:
    """A box whose length is mostly true."""
    if draw.seldom():
        return struct.pack(">I4sQ", 1, kind, draw.length(len(data) + 16, 64)) + data
    return struct.pack(">I", draw.length(len(data) + 8)) + kind + data


def _sized(draw: Draw) -> bytes:
    side = draw.pick((32, 0, 500, 5_000, 60_000, 2**32 - 1))
    return box(draw, b"ispe", bytes(4) + struct.pack(">II", side, side))


def _references(draw: Draw) -> bytes:
    kind, item = draw.pick((b"dimg", b"auxl", b"thmb", b"cdsc")), draw.below(8)
    others = b"".join(struct.pack(">H", draw.below(8)) for _ in range(draw.below(6)))
    count = draw.length(len(others) // 2, 16)
    return box(draw, b"iref", bytes(4) + draw.repeated(box(draw, kind, struct.pack(">HH", item, count) + others)))


def _items(draw: Draw) -> bytes:
    """A list of items and where each lies: mostly all in the same place, which is what costs most."""
    count, exif = draw.pick((1, 30, 300, 900, 5_000)), directory(draw)
    kind = draw.pick((b"Exif", b"mime", b"hvc1"))
    numbers = range(1, count + 1)
    named = b"".join(struct.pack(">I4sIHH5s", 21, b"infe", 2 << 24, number, 0, kind + b"\0") for number in numbers)
    listed = box(draw, b"iinf", struct.pack(">IH", 0, draw.length(count, 16)) + named)
    data = box(draw, b"idat", bytes(4) + exif)
    length = draw.length(len(exif) + 4)
    apart = draw.below(2) * draw.below(8)
    places = b"".join(
        struct.pack(">HHHHII", number, 1, 0, 1, number * apart % 2**32, length) for number in numbers
    )
    return (
        listed + box(draw, b"iloc", struct.pack(">IHH", 1 << 24, 0x4400, draw.length(count, 16)) + places) + data
    )


def _piece(draw: Draw) -> bytes:
    kind = draw.below(9)
    if kind == 0:
        return _sized(draw)
    if kind == 1:
        return _references(draw)
    if kind == 2:
        return box(draw, b"pitm", bytes(4) + struct.pack(">H", draw.below(8)))
    if kind == 3:
        return box(
            draw, draw.pick((b"iinf", b"iloc", b"ipma")), bytes(4) + struct.pack(">I", draw.count()) + draw.raw(40)
        )
    if kind == 4:
        return box(
            draw, draw.pick(_TABLES), bytes(4) + struct.pack(">II", draw.count(), draw.count()) + draw.raw(30)
        )
    if kind == 5:
        inner = draw.repeated(_sized(draw))[:100_000]
        for _ in range(draw.below(30)):
            inner = box(draw, draw.pick(_PLAIN), inner)
        return inner
    if kind == 6:
        return box(draw, b"meta", bytes(4) + draw.repeated(box(draw, b"free", b""))[:100_000])
    if kind == 7:
        return box(draw, b"Exif", struct.pack(">I", draw.length(0)) + directory(draw))
    return box(draw, draw.pick((b"free", b"mdat", b"uuid", b"idat")), draw.raw(60))


def _file(draw: Draw, brand: bytes) -> bytes:
    content = base(draw, "AVIF")
    parts, at = [], 0
    while at + 8 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big") or len(content) - at
        parts.append(content[at : at + length])
        at += length
    if brand != b"avif":
        parts[0] = box(draw, b"ftyp", brand + bytes(4) + b"mif1" + brand)
    meta = parts[1]  # its boxes are opened, so that others come between them
    inner, at = [], 12
    while at + 8 <= len(meta):
        length = int.from_bytes(meta[at : at + 4], "big")
        inner.append(meta[at : at + length])
        at += length
    if draw.below(4) == 3:
        inner = [one for one in inner if one[4:8] not in (b"iinf", b"iloc")] + [_items(draw)]
    body = bytes(4) + with_runs(draw, inner, _piece, runs=2)
    parts[1] = box(draw, b"meta", body)
    return with_runs(draw, parts, _piece, runs=2)


def avif(draw: Draw) -> bytes:
    """Boxes around and within those of an honest photo."""
    return _file(draw, b"avif")


def heif(draw: Draw) -> bytes:
    """The same with the brands of HEIF; it holds no HEVC, so the walk and libheif's own reading are tried."""
    return _file(draw, draw.pick((b"heic", b"heix", b"mif1", b"msf1")))

"""The boxes of a HEIF or AVIF file, walked before any decoder sees it (ISO/IEC 14496-12 and 23008-12).

A file of a few kilobytes can ask for hours: grids of thousands of tiles, pictures made of pictures made of
pictures, tables of millions of entries. Here every length and count is checked, and what the primary picture would
cost is added up; the walk itself is bounded by the number of boxes, items and references.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from whatsit.image.limits import UnreadablePhoto

MAX_BOXES = 4_000  # a 48-megapixel photo of a phone has some 500: an entry an item
MAX_ITEMS = 1_000  # its tiles, those of its brightness map, thumbnail and metadata are some 300
MAX_REFERENCES = 4_000
MAX_DEPTH = 10  # moov/trak/mdia/minf/stbl/stsd/entry/property is 8
MAX_CHAIN = 8  # pictures made of pictures: a grid, turned, under another is 3
MOST_AT_ONCE = 3  # times the pixels of the photo: its tiles reach beyond its edge, and its alpha is a picture too

HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
AVIF_BRANDS = frozenset({b"avif", b"avis"})
_SHARED_BRANDS = frozenset({b"mif1", b"mif2", b"msf1", b"miaf"})
_PLAIN = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts", b"iprp", b"ipco", b"grpl"})
_COUNTED_TABLES = frozenset({b"stts", b"stsz", b"stco", b"co64", b"stss", b"ctts", b"stsc", b"elst"})


@dataclass
class Boxes:
    """What the boxes say: which picture is shown, how large each is, and of which others it is made."""

    primary: int = 0
    sizes: list[tuple[int, int] | None] = field(default_factory=list)  # a property each; None: another property
    properties: dict[int, list[int]] = field(default_factory=dict)  # item → its properties, from 1
    parts: dict[int, list[int]] = field(default_factory=dict)  # item → the items that it is made of
    beside: dict[int, list[int]] = field(default_factory=dict)  # item → its alpha, and other pictures about it
    boxes: int = 0
    references: int = 0


@dataclass(frozen=True)
class Box:
    """A box within a file: its kind, and where its content lies."""

    kind: bytes
    start: int  # of its content
    end: int


def which_kind(content: bytes) -> str:
    """`HEIF` or `AVIF`, by the brands at a file's beginning; empty where it is neither."""
    if content[4:8] != b"ftyp":
        return ""
    end = min(int.from_bytes(content[:4], "big"), 256, len(content))
    brands = {content[8:12], *(content[at : at + 4] for at in range(16, end - 3, 4))}
    if content[8:12] in AVIF_BRANDS:
        return "AVIF"
    if brands & HEIF_BRANDS:
        return "HEIF"
    if brands & AVIF_BRANDS:
        return "AVIF"
    return "HEIF" if brands & _SHARED_BRANDS else ""


def check_boxes(content: bytes, max_pixels: int) -> None:
    """Refuse a file whose boxes are damaged, or ask for more than `max_pixels` and what belongs to them."""
    found = Boxes()
    _walk(content, Box(b"", 0, len(content)), found, 0)
    largest = max((width * height for size in found.sizes if size for width, height in [size]), default=0)
    if largest > max_pixels:
        raise UnreadablePhoto(f"too large: more than {max_pixels / 1e6:.0f} megapixels")
    shown = [found.primary, *found.beside.get(found.primary, [])]
    costs: dict[int, int] = {}
    if sum(_cost(item, found, costs, ()) for item in shown) > MOST_AT_ONCE * max_pixels:
        raise UnreadablePhoto("a picture put together of more pixels than it shows, which would take minutes")


def _walk(content: bytes, outer: Box, found: Boxes, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise UnreadablePhoto(f"damaged (boxes within boxes, more than {MAX_DEPTH} deep)")
    for box in boxes_in(content, outer, found):
        if box.kind in _PLAIN:
            _walk(content, box, found, depth + 1)
        elif box.kind == b"meta":
            _walk(content, Box(box.kind, box.start + 4, box.end), found, depth + 1)
        else:
            _look(content, box, found)
            if outer.kind == b"ipco":
                found.sizes.append(_size(content, box) if box.kind == b"ispe" else None)


def boxes_in(content: bytes, outer: Box, found: Boxes) -> Iterator[Box]:
    """The boxes within a box, counted in `found`. Raises UnreadablePhoto where there are too many, or damaged."""
    at = outer.start
    while at + 8 <= outer.end:
        found.boxes += 1
        if found.boxes > MAX_BOXES:
            raise UnreadablePhoto(f"a file of more than {MAX_BOXES:,} boxes")
        length, kind, head = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8], 8
        if length == 1:
            length, head = int.from_bytes(content[at + 8 : at + 16], "big"), 16
        elif length == 0:  # to the end
            length = outer.end - at
        if length < head:
            raise UnreadablePhoto("damaged (a box that is shorter than its own head)")
        if at + length > outer.end:
            if not outer.kind:
                raise UnreadablePhoto("cut short: the end of the file is missing")
            raise UnreadablePhoto("damaged (a box that is longer than the one around it)")
        yield Box(kind, at + head, at + length)
        at += length


def _look(content: bytes, box: Box, found: Boxes) -> None:
    """Take what a box says, and check what it counts."""
    if box.kind == b"pitm":
        found.primary = number_at(content, box, 4, 2 if content[box.start] == 0 else 4)
    elif box.kind == b"iinf":
        _check_count(number_at(content, box, 4, 2 if content[box.start] == 0 else 4), MAX_ITEMS, "items")
    elif box.kind == b"iloc":
        version = content[box.start]
        _check_count(number_at(content, box, 6, 4 if version == 2 else 2), MAX_ITEMS, "items")
    elif box.kind == b"iref":
        _read_references(content, box, found)
    elif box.kind == b"ipma":
        _read_properties(content, box, found)
    elif box.kind in _COUNTED_TABLES:
        at = 8 if box.kind == b"stsz" else 4
        if box.kind != b"stsz" or number_at(content, box, 4, 4) == 0:
            _check_count(number_at(content, box, at, 4), (box.end - box.start) // 4, "samples in its table")
        _check_count(number_at(content, box, at, 4), 100_000, "samples")


def _read_references(content: bytes, outer: Box, found: Boxes) -> None:
    wide = 4 if content[outer.start] else 2
    for box in boxes_in(content, Box(b"iref", outer.start + 4, outer.end), found):
        item, count = number_at(content, box, 0, wide), number_at(content, box, wide, 2)
        found.references += count
        _check_count(found.references, MAX_REFERENCES, "references between pictures")
        others = [number_at(content, box, wide + 2 + wide * index, wide) for index in range(count)]
        if box.kind == b"dimg":
            found.parts.setdefault(item, []).extend(others)
        elif box.kind == b"auxl":  # an item that is about others: alpha, depth
            for other in others:
                found.beside.setdefault(other, []).append(item)


def _read_properties(content: bytes, box: Box, found: Boxes) -> None:
    version, is_long = content[box.start], content[box.start + 3] & 1
    wide, at = 4 if version else 2, 8
    count = number_at(content, box, 4, 4)
    _check_count(count, MAX_ITEMS, "items")
    for _ in range(count):
        item, several = number_at(content, box, at, wide), number_at(content, box, at + wide, 1)
        at += wide + 1
        step = 2 if is_long else 1
        mask = 0x7FFF if is_long else 0x7F
        places = [number_at(content, box, at + step * index, step) & mask for index in range(several)]
        found.properties.setdefault(item, []).extend(places)
        at += step * several


def _cost(item: int, found: Boxes, costs: dict[int, int], above: tuple[int, ...]) -> int:
    """The pixels that are decoded for a picture and all of which it is made, each as often as it is used."""
    if item in costs:
        return costs[item]
    if item in above or len(above) > MAX_CHAIN:
        raise UnreadablePhoto("damaged (a picture that is made of itself)")
    own = [found.sizes[place - 1] for place in found.properties.get(item, []) if 0 < place <= len(found.sizes)]
    parts = found.parts.get(item, [])
    cost = sum(width * height for size in own if size for width, height in [size])
    cost += sum(_cost(part, found, costs, (*above, item)) for part in parts)
    costs[item] = cost
    return cost


def _size(content: bytes, box: Box) -> tuple[int, int]:
    return number_at(content, box, 4, 4), number_at(content, box, 8, 4)


def number_at(content: bytes, box: Box, at: int, length: int) -> int:
    """The number of so many bytes at a place in a box. Raises UnreadablePhoto where the box ends before."""
    if box.start + at + length > box.end:
        raise UnreadablePhoto("damaged (a box that ends before what it counts)")
    return int.from_bytes(content[box.start + at : box.start + at + length], "big")


def _check_count(count: int, most: int, what: str) -> None:
    if count > most:
        raise UnreadablePhoto(f"a file of {count:,} {what}, which would take minutes to decode")

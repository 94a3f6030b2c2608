"""The Exif of a HEIF or AVIF file, found by its boxes (ISO/IEC 14496-12, sections 8.11.3 and 8.11.6).

It is an item like the pictures: `iinf` says what each is, `iloc` in which pieces it lies. The decoders hand all of
it to Pillow, which reads it in Python as soon as the file is opened.
"""

from __future__ import annotations

from collections.abc import Iterator

from whatsit.image.limits import UnreadablePhoto
from whatsit.image.walking.boxes import MAX_ITEMS, Box, Boxes, boxes_in, number_at
from whatsit.image.walking.directory import check_exif

MAX_PIECES = 4_000  # of all items; each has one, or a few
MAX_EXIF_ITEMS = 40  # a photo has one; each is read as two writers would mean it
_STARTS = (b"Exif", b"II", b"MM")


def check_exif_item(content: bytes) -> None:
    """Refuse a file, whose boxes were checked, for what its Exif lists. Raises UnreadablePhoto."""
    inner = {box.kind: box for meta in _metas(content) for box in boxes_in(content, _inside(meta, 4), Boxes())}
    if b"iinf" not in inner or b"iloc" not in inner:
        return
    wanted = set(_exif_items(content, inner[b"iinf"]))
    if len(wanted) > MAX_EXIF_ITEMS:
        raise UnreadablePhoto(f"a file of more than {MAX_EXIF_ITEMS} items of Exif")
    idat = inner.get(b"idat", Box(b"idat", len(content), len(content)))
    for item, pieces in _pieces(content, inner[b"iloc"], idat):
        if item in wanted:
            _check(_joined(content, pieces))


def _metas(content: bytes) -> list[Box]:
    top = boxes_in(content, Box(b"", 0, len(content)), Boxes())
    return [box for box in top if box.kind == b"meta"][:1]


def _inside(box: Box, head: int) -> Box:
    return Box(box.kind, box.start + head, box.end)


def _exif_items(content: bytes, iinf: Box) -> Iterator[int]:
    head = 6 if content[iinf.start : iinf.start + 1] == b"\0" else 8
    for box in boxes_in(content, _inside(iinf, head), Boxes()):
        version = number_at(content, box, 0, 1)
        if box.kind == b"infe" and version >= 2:
            wide = 2 if version == 2 else 4
            kind_at = box.start + 4 + wide + 2
            if content[kind_at : kind_at + 4] == b"Exif":
                yield number_at(content, box, 4, wide)


def _pieces(content: bytes, iloc: Box, idat: Box) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Each item, and where its pieces begin and how long they are."""
    version = number_at(content, iloc, 0, 1)
    sizes = number_at(content, iloc, 4, 2)
    of_offset, of_length, of_base, of_index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 4 if version == 2 else 2
    count, at, all_pieces = number_at(content, iloc, 6, wide), 6 + wide, 0

    def take(length: int) -> int:
        nonlocal at
        at += length
        return number_at(content, iloc, at - length, length)

    for _ in range(min(count, MAX_ITEMS)):
        item = take(wide)
        method = take(2) & 15 if version else 0
        take(2)  # where the data lies: in this file
        base = take(of_base) + (idat.start if method == 1 else 0)
        several = take(2)
        all_pieces += several
        if all_pieces > MAX_PIECES:
            raise UnreadablePhoto(f"a file whose items lie in more than {MAX_PIECES:,} pieces")
        pieces = []
        for _ in range(several):
            take(of_index if version else 0)
            offset = base + take(of_offset)
            pieces.append((offset, take(of_length) or len(content)))
        yield item, pieces


def _joined(content: bytes, pieces: list[tuple[int, int]]) -> bytes:
    found = [content[start : start + length] for start, length in pieces]
    if sum(map(len, found)) > len(content):
        raise UnreadablePhoto("damaged (pieces of an item that lie on each other)")
    return b"".join(found)


def _check(exif: bytes) -> None:
    """Its first four bytes say how many more stand before it; not every reader believes them."""
    for start in (4, 4 + int.from_bytes(exif[:4], "big")):
        if exif[start : start + 4].startswith(_STARTS):
            check_exif(exif[start:])

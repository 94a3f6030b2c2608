"""Files of millions of pieces are refused before a decoder sees them; what cameras and programs write is not."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drawing import drawn
from whatsit.image import UnreadablePhoto, decode, read_header
from whatsit.image.walking import check_scans, check_structure, count_gif_frames, gif, jpeg, png, scans

SIZE = 1_000_000  # bytes of a hostile file: enough for each cap, and quick to make


def encoded(kind: str, mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(drawn(48, 64)).convert(mode).save(out, kind, **options)
    return out.getvalue()


def filled(content: bytes, at: int, piece: bytes, size: int = SIZE) -> bytes:
    """A file with as many pieces put in at a place as make it so large."""
    return content[:at] + piece * ((size - len(content)) // len(piece)) + content[at:]


def segment(marker: int, data: bytes = b"") -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def directory(entries: int) -> bytes:
    """Exif of so many tags."""
    tags = b"".join(struct.pack("<HHII", tag, 4, 1, 1) for tag in range(entries))
    return b"II*\0" + struct.pack("<IH", 8, entries) + tags + bytes(4)


def with_exif(kind: str, exif: bytes) -> bytes:
    return encoded(kind, exif=b"Exif\0\0" + exif)


def as_heif(content: bytes) -> bytes:
    """An AVIF file by another name: its boxes are those of HEIF."""
    return content[:8] + b"heic" + content[12:16] + b"heicmif1" + content[24:]


def pieces_without_end() -> bytes:
    """A table of places that take no room: nothing has a length, and there are 65,535 of each."""
    content = as_heif(encoded("AVIF"))
    at = content.index(b"iloc") + 8  # behind its kind and version: sizes, count, and the first item
    return content[:at] + b"\0\0" + content[at + 2 : at + 8] + b"\xff\xff" + content[at + 10 :]


def split(content: bytes, kind: bytes, size: int) -> bytes:
    """A PNG whose pixels are in chunks of at most so many bytes."""
    at = content.index(kind) - 4
    length = int.from_bytes(content[at : at + 4], "big")
    data = content[at + 8 : at + 8 + length]
    pieces = b"".join(chunk(kind, data[start : start + size]) for start in range(0, length, size))
    return content[:at] + pieces + content[at + 12 + length :]


def riff(*parts: tuple[bytes, bytes], more: bytes = b"") -> bytes:
    """A WebP of such chunks."""
    chunks = b"".join(kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1) for kind, data in parts)
    return b"RIFF" + struct.pack("<I", len(chunks + more) + 4) + b"WEBP" + chunks + more


def box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + kind + data


def exif_items(count: int, tags: int) -> bytes:
    """HEIF of so many items of Exif, which all lie in the same place."""
    exif, numbers = directory(tags), range(1, count + 1)
    kinds = b"".join(box(b"infe", struct.pack(">IHH", 2 << 24, number, 0) + b"Exif\0") for number in numbers)
    iinf = box(b"iinf", struct.pack(">IH", 0, count) + kinds)
    start = box(b"ftyp", b"heic\0\0\0\0mif1heic")

    def meta(at: int) -> bytes:
        places = b"".join(struct.pack(">HHHII", number, 0, 1, at, len(exif) + 4) for number in numbers)
        return box(b"meta", bytes(4) + iinf + box(b"iloc", struct.pack(">IHH", 0, 0x4400, count) + places))

    return start + meta(len(start) + len(meta(0)) + 8) + box(b"mdat", bytes(4) + exif)


JPEG, PNG, GIF = encoded("JPEG"), encoded("PNG"), encoded("GIF", "P")
JP2 = encoded("JPEG2000")
IDAT, IEND = PNG.index(b"IDAT") - 4, PNG.index(b"IEND") - 4
BEHIND_PALETTE = 13 + (6 << (GIF[10] & 7))
FRAME = b",\0\0\0\0\1\0\1\0\0\2"  # of one pixel; its pieces follow
PHOTOSHOP = b"Photoshop 3.0\0" + (b"8BIM" + bytes(8)) * 5_000
JUNK_BEHIND = JPEG[:2] + segment(0xE5) + JPEG[2:]
TABLES = "bytes of tables"
CANVAS = struct.pack("<I", 0b1100) + b"\x3f\0\0\x2f\0\0"
BITS = encoded("WEBP")[20:]
WEBP_PARTS = (b"VP8X", CANVAS), (b"VP8 ", BITS)
COMPRESSED = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(100_000)))

HOSTILE = {
    "JPEG: Exif of one byte": (filled(JPEG, 2, segment(0xE1, b"Exif\0\0x")), "segments of Exif"),
    "JPEG: empty comments": (filled(JPEG, 2, segment(0xFE)), "1,000 segments"),
    "JPEG: empty segments": (filled(JPEG, 2, segment(0xE5)), "1,000 segments"),
    "JPEG: segments shorter than their length": (filled(JPEG, 2, b"\xff\xe5\0\0"), "1,000 segments"),
    "JPEG: restarts": (filled(JPEG, 2, b"\xff\xd3"), "1,000 segments"),
    "JPEG: stuffed zeros": (filled(JUNK_BEHIND, 6, b"\xff\0"), "1,000 segments"),
    "JPEG: fill": (filled(JPEG, 2, b"\xff"), "between its segments"),
    "JPEG: junk": (filled(JUNK_BEHIND, 6, b"x"), "between its segments"),
    "JPEG: junk to the end": (JUNK_BEHIND[:6] + b"x" * SIZE, "between its segments"),
    "JPEG: resources": (filled(JPEG, 2, segment(0xED, PHOTOSHOP)), "resources of Photoshop"),
    "JPEG: quantization": (filled(JPEG, 2, segment(0xDB, (b"\0" + b"\1" * 64) * 500)), TABLES),
    "JPEG: layers": (filled(JPEG, 2, segment(0xC0, b"\x08\0\x40\0\x40\3" + b"\1\x11\0" * 9_000)), TABLES),
    "JPEG: tags": (JPEG[:2] + segment(0xE1, b"Exif\0\0" + directory(3_000)) + JPEG[2:], "2,000 tags"),
    "JPEG: tags of an index": (JPEG[:2] + segment(0xE2, b"MPF\0" + directory(3_000)) + JPEG[2:], "2,000 tags"),
    "PNG: unknown chunks": (filled(PNG, IDAT, chunk(b"quQe")), "1,000 chunks beside"),
    "PNG: texts": (filled(PNG, IDAT, chunk(b"tEXt", b"a\0b")), "1,000 chunks beside"),
    "PNG: times": (filled(PNG, IDAT, chunk(b"tIME", bytes(7))), "1,000 chunks beside"),
    "PNG: texts behind": (filled(PNG, IEND, chunk(b"tEXt", b"a\0b")), "1,000 chunks beside"),
    "PNG: empty pixels": (filled(PNG, IDAT, chunk(b"IDAT")), "whose pixels are in more than"),
    "PNG: empty pixels behind": (filled(PNG, IEND, chunk(b"IDAT")), "whose pixels are in more than"),
    "PNG: frames": (filled(PNG, IEND, chunk(b"fcTL", bytes(26))), "chunks of frames"),
    "PNG: packed texts": (PNG[:IDAT] + COMPRESSED * 40 + PNG[IDAT:], "packed texts"),
    "PNG: tags": (PNG[:IDAT] + chunk(b"eXIf", directory(3_000)) + PNG[IDAT:], "2,000 tags"),
    "WebP: unknown chunks": (riff(*WEBP_PARTS, more=b"abcd\0\0\0\0" * 100_000), "1,000 chunks beside"),
    "WebP: frames": (riff(*WEBP_PARTS, more=b"ANMF\0\0\0\0" * 100_000), "20,000 frames"),
    "TIFF: tags": (directory(3_000), "2,000 tags"),
    "TIFF: strips": (
        b"II*\0" + struct.pack("<IHHHII", 8, 1, 273, 4, 200_000, 26) + bytes(4 + 800_000),
        "100,000 numbers",
    ),
    "BMP: runs": (
        b"BM" + bytes(8) + struct.pack("<IIiiHHI", 54, 40, 64, 64, 1, 8, 1) + bytes(20) + b"\1\2" * SIZE,
        "500,000 bytes of runs",
    ),
    "AVIF: tags": (with_exif("AVIF", directory(3_000)), "2,000 tags"),
    "HEIF: tags": (as_heif(with_exif("AVIF", directory(3_000))), "2,000 tags"),
    "HEIF: items of Exif": (exif_items(900, 1_900), "40 items of Exif"),
    "HEIF: pieces of an item": (pieces_without_end(), "more than 4,000 pieces"),
    "ICO: icons": (b"\0\0\1\0\xff\xff" + bytes(SIZE), "1,000 icons"),
    "ICO: chunks of a PNG": (
        b"\0\0\1\0\1\0" + bytes(16) + filled(PNG, IDAT, chunk(b"quQe")),
        "1,000 chunks beside",
    ),
    "PPM: a comment": (b"P6\n#" + b"x" * SIZE + b"\n4 4 255\n" + bytes(48), "a head of more than"),
    "PPM: a comment in a word": (b"P6 4 4 25#" + b"x" * SIZE + b"\n5\n" + bytes(48), "a head of more than"),
    "PPM: blanks": (b"P5 1" + b" " * SIZE + b"4 255\n" + bytes(48), "a head of more than"),
    "JPEG 2000: boxes": (filled(JP2, 12, b"\0\0\0\x08abcd"), "1,000 boxes"),
    "GIF: comments": (filled(GIF, BEHIND_PALETTE, b"!\xfe\1x\0"), "1,000 extensions"),
    "GIF: control": (filled(GIF, BEHIND_PALETTE, b"!\xf9\4\0\0\0\0\0"), "1,000 extensions"),
    "GIF: one comment": (GIF[:BEHIND_PALETTE] + b"!\xfe" + b"\1x" * SIZE + b"\0" + GIF[BEHIND_PALETTE:], "pieces"),
    "GIF: junk": (filled(GIF, BEHIND_PALETTE, b"x"), "between its blocks"),
    "GIF: junk to the end": (GIF[:BEHIND_PALETTE] + b"x" * SIZE, "between its blocks"),
}
HOSTILE_IN_NUMBER = {  # the first frame is as any other
    "GIF: frames": (GIF[:-1] + (FRAME + b"\2\x44\1\0") * 20_000 + b";", "10,000 frames"),
    "GIF: pieces": (GIF[:-1] + FRAME + b"\1x" * SIZE + b"\0;", "cut into more than"),
    "GIF: junk between frames": (GIF[:-1] + b"x" * SIZE + GIF[BEHIND_PALETTE:], "between its blocks"),
}


@pytest.fixture
def no_pillow(monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the decoder was asked")

    monkeypatch.setattr(Image, "open", refuse)


@pytest.mark.usefixtures("no_pillow")
@pytest.mark.parametrize("kind", HOSTILE)
def test_millions_of_pieces_are_refused_before_the_decoder_sees_them(kind) -> None:
    content, reason = HOSTILE[kind]
    for ask in (decode, read_header):
        with pytest.raises(UnreadablePhoto, match=reason):
            ask(content)


@pytest.mark.parametrize("kind", HOSTILE_IN_NUMBER)
def test_an_animation_without_end_is_refused_where_its_frames_are_counted(kind) -> None:
    content, reason = HOSTILE_IN_NUMBER[kind]
    with pytest.raises(UnreadablePhoto, match=reason):
        read_header(content)
    assert np.array_equal(decode(content), decode(GIF))  # one frame of it costs what one frame does


def test_exif_is_bounded_where_the_walk_does_not_look_into_it() -> None:
    content = riff(*WEBP_PARTS, (b"EXIF", directory(3_000)))
    with pytest.raises(UnreadablePhoto, match="2,000 tags"):
        decode(content)


FILL = b"\xff" * scans.MAX_FILL


def test_fill_among_the_pixels_is_refused_and_behind_them_harmless() -> None:
    with pytest.raises(UnreadablePhoto, match="bytes of fill in one place"):
        decode(JPEG[:-2] + FILL + JPEG[-2:])
    assert np.array_equal(decode(JPEG + FILL), decode(JPEG))  # a file rescued from a camera's card


def test_a_walk_over_scans_ends_too() -> None:
    with pytest.raises(UnreadablePhoto, match="20,000 segments"):
        check_scans(JPEG[:-2] + segment(0xFE) * 30_000 + FILL, 1)


def large_photos() -> dict[str, bytes]:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x927C] = bytes(60_000)
    xmp = segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(65_000)) * 200  # a depth map of 13 MB
    profile = b"".join(
        segment(0xE2, b"ICC_PROFILE\0" + bytes([part, 40]) + bytes(60_000)) for part in range(1, 41)
    )
    frames = [Image.fromarray(drawn(24, 32, seed)).quantize(16) for seed in range(300)]
    several = {"save_all": True, "append_images": frames[1:], "duration": 40}
    animated = {}
    for kind in ("GIF", "PNG", "WEBP"):
        out = io.BytesIO()
        frames[0].save(out, kind, **several)
        animated[kind] = out.getvalue()
    mpo = io.BytesIO()
    Image.fromarray(drawn(48, 64)).save(
        mpo, "MPO", save_all=True, append_images=[Image.fromarray(drawn(48, 64, 1))]
    )
    noise = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (512, 512, 3), np.uint8)).save(noise, "PNG")
    text = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + b" " * 3_000_000)
    padded = b"!\xff\x0bXMP DataXMP" + b" " * 500_000 + bytes([1]) + bytes(range(255, -1, -1)) + b"\0"
    return {
        "JPEG, much Exif": encoded("JPEG", exif=exif.tobytes()),
        "JPEG, much XMP": JPEG[:2] + xmp + JPEG[2:],
        "JPEG, a large profile": JPEG[:2] + profile + JPEG[2:],
        "JPEG, progressive": encoded("JPEG", progressive=True),
        **{kind: encoded(kind) for kind in ("TIFF", "PPM", "ICO", "JPEG2000", "BMP")},
        **{f"PPM, all {level}": b"P6 200 200 255\n" + bytes([level]) * 120_000 for level in b"\n #"},
        "PPM, a comment": encoded("PPM").replace(b"P6", b"P6\n# by hand\n", 1),
        "JPEG, padded": JPEG[:2] + b"\xff" * 4_000 + JPEG[2:],
        "JPEG, two pictures": mpo.getvalue(),
        "PNG, pixels in pieces of 512 bytes": split(noise.getvalue(), b"IDAT", 512),
        "PNG, much XMP": PNG[:IDAT] + text + PNG[IDAT:],
        "PNG, a frame each 40 ms": animated["PNG"],
        "GIF, a frame each 40 ms": animated["GIF"],
        "WebP, a frame each 40 ms": animated["WEBP"],
        "WebP, much XMP": riff(*WEBP_PARTS, (b"XMP ", bytes(3_000_001))),
        "GIF, XMP": GIF[:BEHIND_PALETTE] + padded + GIF[BEHIND_PALETTE:],
    }


@pytest.mark.parametrize(("name", "content"), large_photos().items())
def test_what_cameras_and_programs_write_passes_with_its_own_pixels(name, content) -> None:
    with Image.open(io.BytesIO(content)) as photo:
        expected = np.asarray(photo.convert("RGB"))
        frames = getattr(photo, "n_frames", 1)
    if name == "JPEG, much Exif":
        expected = np.rot90(expected, -1)
    assert np.array_equal(decode(content), expected)
    assert read_header(content).frames == (1 if name.startswith(("JPEG", "ICO", "TIFF")) else frames)


# --- any order, count and length of pieces ---

lengths = st.one_of(st.integers(0, 300), st.sampled_from([0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF]))
some = st.binary(max_size=24)
often = st.sampled_from([1, 1, 1, 2, 30, 2_000])
segments = st.builds(
    lambda marker, length, data: bytes([0xFF, marker]) + struct.pack(">H", length & 0xFFFF) + data,
    st.sampled_from([*range(0xC0, 0xFF), 0, 1, 0xFF]),
    lengths,
    st.one_of(
        some, st.sampled_from([b"Exif\0\0II*\0\x08\0\0\0\xff\xff", b"MPF\0MM\0*\xff\xff", b"ICC_PROFILE\0\1\1"])
    ),
)
chunks = st.builds(
    lambda kind, data, length: chunk(kind, data) if length is None else struct.pack(">I", length) + kind + data,
    st.sampled_from(
        [b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT", b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"quQe", b"\0\0\0\0"]
    ),
    some,
    st.one_of(st.none(), lengths),
)
blocks = st.one_of(
    st.builds(lambda label, data: b"!" + bytes([label]) + data, st.sampled_from([0xF9, 0xFE, 0xFF, 1]), some),
    st.builds(lambda data: b"!\xff\x0bNETSCAPE2.0" + data, some),
    st.builds(lambda box, data: b"," + box + data, st.binary(min_size=9, max_size=9), some),
    st.just(FRAME + b"\2\x44\1\0"),
    st.just(b"\0"),
    some,
)
riffs = st.builds(
    lambda kind, data, length: kind + struct.pack("<I", len(data) if length is None else length) + data,
    st.sampled_from([b"VP8X", b"VP8 ", b"VP8L", b"ANIM", b"ANMF", b"ALPH", b"ICCP", b"EXIF", b"XMP ", b"abcd"]),
    st.one_of(some, st.just(BITS), st.just(CANVAS), st.just(bytes(16) + b"VP8 " + BITS)),
    st.one_of(st.none(), lengths),
)
orders = {
    riff(*WEBP_PARTS)[:30]: (riffs, b"VP8 " + struct.pack("<I", len(BITS)) + BITS),
    b"\xff\xd8": (segments, JPEG[2:]),
    PNG[:33]: (chunks, PNG[33:]),
    GIF[:BEHIND_PALETTE]: (blocks, GIF[BEHIND_PALETTE:]),
}


@st.composite
def files(draw: st.DrawFn) -> bytes:
    start = draw(st.sampled_from(list(orders)))
    pieces, end = orders[start]
    parts = draw(st.lists(st.tuples(pieces, often), max_size=8))
    content = start + b"".join(piece * count for piece, count in parts) + draw(st.sampled_from([end, b""]))
    return content[: draw(st.integers(0, len(content)))] if draw(st.booleans()) else content


@settings(deadline=None, max_examples=150)
@given(files())
def test_any_structure_is_a_photo_or_refused_with_a_reason(content: bytes) -> None:
    for ask in (decode, read_header):
        with contextlib.suppress(UnreadablePhoto):
            ask(content)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(blocks, st.sampled_from([1, 1, 2, 9])), max_size=9))
def test_frames_are_counted_as_pillow_counts_them(parts) -> None:
    content = GIF[:-1] + b"".join(piece * count for piece, count in parts) + b";"
    try:
        with Image.open(io.BytesIO(content)) as photo:
            expected = photo.n_frames
    except (struct.error, IndexError):
        return  # cut short: it gives up
    assert count_gif_frames(content) == expected


def test_the_walk_stops_at_its_caps_and_not_before() -> None:
    for content, at, piece, most in (
        (JPEG, 2, segment(0xE5), jpeg.MAX_MARKERS),
        (PNG, IDAT, chunk(b"tIME", bytes(7)), png.MAX_OTHERS),
        (GIF, BEHIND_PALETTE, b"!\xf9\4\0\0\0\0\0", gif.MAX_EXTENSIONS),
    ):
        check_structure(content[:at] + piece * (most - 20) + content[at:])
        with pytest.raises(UnreadablePhoto):
            check_structure(content[:at] + piece * (most + 1) + content[at:])


def test_of_much_exif_in_a_png_the_last_is_looked_at_once(monkeypatch) -> None:
    """Each directory has a cap, and the chunks have one: what is bounded twice may still be a product."""
    looked_at = []
    monkeypatch.setattr(png, "check_exif", looked_at.append)
    exif = [chunk(b"eXIf", directory(tags)) for tags in range(1, 900)]
    decode(PNG[:IDAT] + b"".join(exif) + PNG[IDAT:])
    assert looked_at == [directory(899)]

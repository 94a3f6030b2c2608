"""Photos of phones: HEIC as it is, never turned twice, and hostile boxes refused before a decoder sees them."""

from __future__ import annotations

import contextlib
import io
import struct
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drawing import drawn
from whatsit.image import (
    WEB_LIMITS,
    UnreadablePhoto,
    convert_picture,
    decode,
    decode_with_header,
    decoder_version,
    read_header,
    which_kind,
)
from whatsit.image.walking.boxes import MAX_BOXES, MAX_ITEMS, MAX_REFERENCES, check_boxes

REASONS = dict.fromkeys(("corrupted.heic", "cut.heif"), "cut short: the end of the file is missing")
REASONS["tiny_truncated.heic"] = "cut short: the end of the file is missing"


@pytest.fixture(scope="module")
def heic(real_data):
    return real_data("heic")


def rows(folder) -> list[list[str]]:
    return [line.split("\t") for line in (folder / "LIST.tsv").read_text("utf-8").splitlines()[1:]]


def test_every_heic_is_read_or_refused_by_name(heic) -> None:
    for name, _, _, mode, size, *_ in rows(heic):
        content = (heic / name).read_bytes()
        if name in REASONS:
            with pytest.raises(UnreadablePhoto) as refusal:
                decode(content)
            assert refusal.value.reason == REASONS[name]
            continue
        header, pixels = decode_with_header(content, limits=WEB_LIMITS)
        assert (header.format, header.mode) == ("HEIF", mode)
        assert f"{header.width}x{header.height}" == f"{pixels.shape[1]}x{pixels.shape[0]}" == size
        assert read_header(content) == header


def test_boxes_and_exif_together_turn_a_photo_once(heic) -> None:
    pugs = [decode((heic / f"orientation_{number}.heic").read_bytes()).astype(int) for number in range(1, 9)]
    for pug in pugs:
        assert np.abs(pug - pugs[0]).mean() < 4
    arrow = decode((heic / "iphone_irot.heic").read_bytes(), (64, 48)).astype(int).mean(axis=2)
    ink = np.argwhere(arrow < arrow.mean() - 30)
    assert np.ptp(ink[:, 0]) > np.ptp(ink[:, 1])  # it points up


def test_ten_and_twelve_bits_are_cut_to_eight_and_alpha_lies_on_white(heic) -> None:
    ten, twelve, grey = (decode((heic / f"{name}.heif").read_bytes()) for name in ("rgb_10", "rgb_12", "grey_10"))
    assert np.abs(ten.astype(int) - twelve).mean() < 3
    for pixels in (ten, twelve, grey):  # all of the range, and neither dark nor cut off
        assert (pixels.min() < 10, pixels.max() > 245, 120 < pixels.mean() < 135) == (True, True, True)
    for name in ("rgba_8.heif", "rgba_10.heif"):
        assert decode((heic / name).read_bytes()).mean() > 175


def test_a_picture_that_others_opened_is_as_its_file(heic) -> None:
    from pi_heif import HeifImageFile

    for name in ("orientation_6.heic", "three_pictures.heic", "grey_10.heif"):
        content = (heic / name).read_bytes()
        assert np.array_equal(convert_picture(HeifImageFile(io.BytesIO(content))), decode(content))


def test_without_the_decoder_the_reason_says_what_to_install(heic, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(UnreadablePhoto, match="pip install pi-heif"):
        decode((heic / "rgb_8.heif").read_bytes())


def test_what_is_kept_of_photos_depends_on_this_decoder_too() -> None:
    from importlib.metadata import version

    assert version("pi-heif") in decoder_version()


# --- hostile boxes, made here: a file of pictures that nobody decodes ---


def box(kind: str, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I", 8 + len(content)) + kind.encode() + content


def full(kind: str, *parts: bytes, version: int = 0) -> bytes:
    return box(kind, bytes([version, 0, 0, 0]), *parts)


FTYP = box("ftyp", b"heic", bytes(4), b"mif1", b"heic")


def heif(sizes: list[tuple[int, int]], references: bytes = b"", items: int = 1, more: bytes = b"") -> bytes:
    """A file whose item N has the size N (from 1), and whose primary item is 1."""
    table = b"".join(struct.pack(">HBB", index, 1, index) for index in range(1, len(sizes) + 1))
    spaces = [full("ispe", struct.pack(">II", *size)) for size in sizes]
    properties = box("iprp", box("ipco", *spaces), full("ipma", struct.pack(">I", len(sizes)), table))
    known = full("iinf", struct.pack(">H", items)), full("pitm", struct.pack(">H", 1))
    return FTYP + full("meta", *known, properties, references, more) + box("mdat", bytes(16))


def made_of(*pairs: tuple[int, list[int]]) -> bytes:
    parts = [box("dimg", struct.pack(f">HH{len(some)}H", item, len(some), *some)) for item, some in pairs]
    return full("iref", *parts)


def nested(depth: int) -> bytes:
    inner = box("free", bytes(8))
    for _ in range(depth):
        inner = box("moov", inner)
    return FTYP + inner


HOSTILE = {
    "one huge picture": (heif([(40_000, 40_000)]), "more than 25 megapixels"),
    "a huge picture that is not the one shown": (heif([(64, 64), (65_535, 65_535)]), "more than 25 megapixels"),
    "a grid of one tile, 4,000 times": (
        heif([(512, 512), (2_000, 2_000)], made_of((1, [2] * 3_999))),
        "put together",
    ),
    "pictures of pictures of pictures": (
        heif([(1_000, 1_000)] * 8, made_of(*((item, [item + 1] * 8) for item in range(1, 8)))),
        "put together",
    ),
    "a picture of itself": (heif([(64, 64)] * 2, made_of((1, [2]), (2, [1]))), "made of itself"),
    "a long chain": (heif([(64, 64)] * 40, made_of(*((n, [n + 1]) for n in range(1, 40)))), "made of itself"),
    "thousands of items": (heif([(64, 64)], items=60_000), "60,000 items"),
    "thousands of references": (
        heif([(64, 64)], made_of(*((1, [1] * 3_000) for _ in range(2)))),
        "references between pictures",
    ),
    "thousands of boxes": (heif([(64, 64)], more=box("free") * (MAX_BOXES + 1)), "more than 4,000 boxes"),
    "boxes within boxes": (nested(400), "10 deep"),
    "a box longer than the file": (FTYP + struct.pack(">I", 1 << 31) + b"mdat", "cut short"),
    "a box longer than its own": (
        FTYP + box("moov", struct.pack(">I", 999) + b"trak"),
        "longer than the one around",
    ),
    "a box of no length": (FTYP + struct.pack(">I", 3) + b"free", "shorter than its own head"),
    "a box of 2^63 bytes": (FTYP + struct.pack(">I4sQ", 1, b"mdat", 1 << 63), "cut short"),
    "a table that is not there": (FTYP + full("meta", full("ipma", struct.pack(">I", 900))), "ends before"),
    "millions of samples": (FTYP + box("moov", full("stsz", struct.pack(">II", 1, 1 << 30))), "samples"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_boxes_are_refused_before_they_are_decoded(name: str, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)  # whoever comes as far as the decoder fails otherwise
    content, reason = HOSTILE[name]
    for brand in (b"heic", b"avif"):
        with pytest.raises(UnreadablePhoto, match=reason):
            decode(content.replace(b"heic", brand), (8, 8), limits=WEB_LIMITS)


def test_the_walk_lets_pass_what_phones_write() -> None:
    tiles = list(range(2, 50))  # 12 megapixels in 48 tiles, and an alpha picture beside
    alpha = box("auxl", struct.pack(">HHH", 50, 1, 1))
    references = full("iref", box("dimg", struct.pack(">HH48H", 1, 48, *tiles)), alpha)
    check_boxes(heif([(4_032, 3_024), *[(512, 512)] * 48, (4_032, 3_024)], references, items=50), 25_000_000)
    assert MAX_ITEMS > 300 < MAX_REFERENCES


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(HOSTILE)), st.data())
def test_damaged_boxes_give_a_reason(name: str, data) -> None:
    content = bytearray(HOSTILE[name][0])
    for _ in range(data.draw(st.integers(0, 8))):
        content[data.draw(st.integers(12, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UnreadablePhoto):
        check_boxes(bytes(content), 1_000_000)


def test_the_kind_is_told_by_the_brands() -> None:
    out = io.BytesIO()
    Image.fromarray(drawn(16, 16)).save(out, "AVIF")
    assert which_kind(out.getvalue()) == "AVIF"
    assert which_kind(FTYP) == "HEIF"
    assert which_kind(box("ftyp", b"mif1", bytes(4), b"avif", b"mif1")) == "AVIF"
    assert which_kind(box("ftyp", b"mif1", bytes(4), b"mif1")) == "HEIF"
    assert which_kind(box("ftyp", b"mp42", bytes(4), b"isom")) == which_kind(b"\xff\xd8") == ""
    assert decode_with_header(out.getvalue(), limits=WEB_LIMITS)[0].format == "AVIF"

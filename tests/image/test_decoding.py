from __future__ import annotations

import contextlib
import csv
import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drawing import drawn
from whatsit.image import (
    MAX_PIXELS,
    RESIZES,
    WEB_LIMITS,
    Box,
    DecodeLimits,
    Pixels,
    UnreadablePhoto,
    as_rgb,
    decode,
    decode_with_header,
    encode_jpeg,
    encode_png,
    fit_within,
    read_header,
    resize_pixels,
)


def saved(photo: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    photo.save(out, kind, **options)
    return out.getvalue()


def apart(one: Pixels, other: Pixels) -> float:
    """How far apart two photos of one size are: the mean of the absolute differences."""
    assert one.shape == other.shape
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


# --- what a photo may be ---


def test_a_png_comes_back_to_the_bit():
    photo = drawn(13, 17)
    assert np.array_equal(decode(encode_png(photo)), photo)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_upright_whatever_its_exif_says(orientation):
    upright = np.asarray(Image.open(io.BytesIO(encode_jpeg(drawn(48, 64), quality=95))))
    turn = {
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }
    lying = np.ascontiguousarray(turn.get(orientation, lambda a: a)(upright))
    content = encode_jpeg(lying, quality=95, orientation=orientation)
    assert apart(decode(content), upright) < 2
    header = read_header(content)
    assert (header.width, header.height) == (64, 48)


def test_transparency_lies_on_white():
    half = np.zeros((4, 4, 4), np.uint8)
    half[:, :2] = (200, 0, 0, 255)
    assert decode(encode_png(half))[0, [0, 3]].tolist() == [[200, 0, 0], [255, 255, 255]]


def test_a_transparent_palette_entry_lies_on_white():
    photo = Image.new("P", (4, 4), 1)
    photo.putpalette([9, 9, 9, 0, 0, 200])
    photo.putpixel((0, 0), 0)
    content = saved(photo, "PNG", transparency=0)
    assert decode(content)[0, :2].tolist() == [[255, 255, 255], [0, 0, 200]]


def test_sixteen_bits_are_scaled_and_not_cut_off():
    grey = np.array([[0, 256, 32768, 65535]], np.uint16)
    assert decode(saved(Image.fromarray(grey), "PNG"))[0, :, 0].tolist() == [0, 1, 128, 255]
    assert decode(saved(Image.fromarray(grey), "TIFF"))[0, :, 0].tolist() == [0, 1, 128, 255]


def test_floats_of_0_to_1_and_of_0_to_255_are_scaled():
    assert decode(saved(Image.fromarray(np.array([[0, 0.5, 1]], np.float32)), "TIFF"))[0, :, 0].tolist() == [
        0,
        128,
        255,
    ]
    assert decode(saved(Image.fromarray(np.array([[0, 99, 255]], np.float32)), "TIFF"))[0, :, 0].tolist() == [
        0,
        99,
        255,
    ]


def test_cmyk_comes_out_in_its_colours():
    red = saved(Image.new("RGB", (16, 16), (220, 30, 30)).convert("CMYK"), "JPEG", quality=95)
    pixel = decode(red)[8, 8]
    assert pixel[0] > 180
    assert max(pixel[1:]) < 80


def test_grey_and_one_bit_photos_have_three_channels():
    for mode in ("L", "1"):
        assert decode(saved(Image.new(mode, (5, 3), 1), "PNG")).shape == (3, 5, 3)


def test_an_animation_gives_its_first_frame():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    for kind in ("GIF", "WEBP", "PNG"):
        content = saved(frames[0], kind, save_all=True, append_images=frames[1:])
        red, _, blue = decode(content)[4, 4].astype(int)
        assert red > 200 > 60 > blue
        assert read_header(content).frames == 2


def test_a_photo_of_one_pixel_fills_any_size():
    for resize in RESIZES:
        assert decode(encode_png(np.full((1, 1, 3), 77, np.uint8)), (9, 9), resize)[4, 4].tolist() == [77, 77, 77]


# --- what is no photo ---


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "an empty file"),
        (b"<!DOCTYPE html><html>", "not a picture (it starts with '<!DOCTYPE html')"),
        (b"hello there, I am text", "not a picture (it starts with 'hello there, I')"),
        (bytes(range(200)), "not a picture of a format we read"),
        (b"%!PS-Adobe-3.0\n", "not a picture (it starts with '%!PS-Adobe-3.0')"),
    ],
)
def test_what_is_no_picture_says_what_it_is(content, reason):
    with pytest.raises(UnreadablePhoto) as refusal:
        decode(content)
    assert refusal.value.reason == reason


def test_a_photo_cut_short_is_not_half_read():
    for content in (
        encode_jpeg(drawn(200, 200), 95)[:-500],
        encode_png(np.random.default_rng(0).integers(0, 256, (90, 90, 3), np.uint8))[:-9000],
    ):
        with pytest.raises(UnreadablePhoto, match="cut short: the end of the file is missing"):
            decode(content)


def giant_png(side: int) -> bytes:
    """A one-bit PNG of side × side pixels, which takes a thousandth of its pixels as a file."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = bytes(side // 8 + 1)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [10_400, 30_000])
def test_a_photo_of_too_many_pixels_is_refused_before_it_is_decoded(side):
    content = giant_png(side)
    with pytest.raises(UnreadablePhoto, match="too large: more than 100 megapixels"):
        decode(content, (8, 8))
    with pytest.raises(UnreadablePhoto, match="too large"):
        read_header(content)


def test_the_limit_of_pixels_holds_within_a_file_too():
    inner = giant_png(16_000)
    icon = struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(inner), 22) + inner
    with pytest.raises(UnreadablePhoto):
        decode(icon, (8, 8))


def test_strangers_may_send_fewer_formats_and_pixels():
    tiff = saved(Image.new("RGB", (4, 4)), "TIFF")
    assert decode(tiff).shape == (4, 4, 3)
    with pytest.raises(UnreadablePhoto, match="not a picture of a format we read"):
        decode(tiff, limits=WEB_LIMITS)
    with pytest.raises(UnreadablePhoto, match="too large: 20 × 10 is more than 0 megapixels"):
        decode(encode_png(drawn(10, 20)), limits=DecodeLimits(max_pixels=199))


def scan_bomb(scans: int) -> bytes:
    """A progressive JPEG whose last scan is repeated, each a pass over the whole picture."""
    content = saved(Image.fromarray(drawn(64, 64)), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    end = content.rindex(b"\xff\xd9")
    return content[:last] + content[last:end] * scans + content[end:]


def test_a_jpeg_of_thousands_of_scans_is_refused():
    assert decode(scan_bomb(3)).shape == (64, 64, 3)
    with pytest.raises(UnreadablePhoto, match=r"a JPEG of 50.. scans"):
        decode(scan_bomb(5_000))


def test_scans_of_a_thumbnail_within_a_photo_do_not_count():
    """Motion photos and previews carry whole JPEGs in a segment, and behind the end."""
    content = encode_jpeg(drawn(40, 40))
    preview = b"\xff\xe5" + struct.pack(">H", 2 + 3 * 200) + b"\xff\xda\x00" * 200
    assert decode(content[:2] + preview + content[2:] + b"\xff\xda" * 500).shape == (40, 40, 3)


GOOD = {
    "jpeg": encode_jpeg(drawn(40, 60), orientation=6),
    "progressive": saved(Image.fromarray(drawn(40, 60)), "JPEG", progressive=True),
    "png": encode_png(drawn(30, 20)),
    "palette": saved(Image.fromarray(drawn(30, 20)).quantize(), "PNG", transparency=0),
    "webp": saved(Image.fromarray(drawn(30, 20)), "WEBP"),
    "gif": saved(Image.fromarray(drawn(30, 20)).quantize(), "GIF"),
    "tiff": saved(Image.fromarray(drawn(30, 20)), "TIFF", compression="tiff_lzw"),
    "bmp": saved(Image.fromarray(drawn(30, 20)), "BMP"),
    "jp2": saved(Image.fromarray(drawn(32, 32)), "JPEG2000"),
    "avif": saved(Image.fromarray(drawn(32, 32)), "AVIF"),
    "ico": saved(Image.fromarray(drawn(32, 32)), "ICO"),
}


@pytest.mark.parametrize("kind", GOOD)
def test_every_format_is_read(kind):
    header, pixels = decode_with_header(GOOD[kind], (8, 8))
    assert pixels.shape == (8, 8, 3)
    assert header == read_header(GOOD[kind])


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(GOOD)), st.data())
def test_damaged_bytes_give_a_photo_or_a_reason(kind, data):
    content = bytearray(GOOD[kind])
    for _ in range(data.draw(st.integers(0, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    limits = DecodeLimits(max_pixels=1_000_000)
    for damaged in (bytes(content), bytes(content[:cut])):
        with contextlib.suppress(UnreadablePhoto):
            assert read_header(damaged, limits).width > 0
        try:
            assert decode(damaged, (8, 8), "crop", limits).shape == (8, 8, 3)
        except UnreadablePhoto as refusal:
            reason = refusal.reason
            assert reason
            assert " at 0x" not in reason


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_a_photo_or_a_reason(content):
    with contextlib.suppress(UnreadablePhoto):
        decode(content, (8, 8))


# --- sizes ---


def striped(height: int, width: int) -> Pixels:
    """Red on the left, blue on the right, green between."""
    photo = np.zeros((height, width, 3), np.uint8)
    photo[:, : width // 4] = (255, 0, 0)
    photo[:, width // 4 : -(width // 4)] = (0, 255, 0)
    photo[:, -(width // 4) :] = (0, 0, 255)
    return photo


def test_squish_keeps_all_of_a_photo_and_crop_its_middle_and_pad_adds_grey():
    content = encode_png(striped(100, 400))
    squished, cropped, padded = (decode(content, (100, 100), resize) for resize in ("squish", "crop", "pad"))
    assert [squished[50, x].argmax() for x in (5, 50, 95)] == [0, 1, 2]
    assert [cropped[50, x].argmax() for x in (5, 50, 95)] == [1, 1, 1]
    assert [padded[50, x].argmax() for x in (5, 50, 95)] == [0, 1, 2]
    assert padded[5, 50].tolist() == padded[95, 50].tolist() == [128, 128, 128]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 80), st.integers(1, 80), st.integers(1, 40), st.integers(1, 40), st.sampled_from(RESIZES))
def test_any_photo_takes_any_size(height, width, new_height, new_width, resize):
    assert decode(encode_png(drawn(height, width)), (new_height, new_width), resize).shape == (
        new_height,
        new_width,
        3,
    )


@pytest.mark.parametrize("resize", RESIZES)
def test_pixels_and_their_encoding_are_resized_alike(resize):
    photo = drawn(50, 70)
    assert np.array_equal(decode(encode_png(photo), (24, 20), resize), resize_pixels(photo, (24, 20), resize))


@pytest.mark.parametrize("resize", RESIZES)
def test_a_jpeg_shrunk_while_decoding_is_the_one_shrunk_after(resize):
    random = np.random.default_rng(0)
    grain = np.clip(drawn(900, 1200) + random.normal(0, 25, (900, 1200, 3)), 0, 255).astype(np.uint8)
    content = encode_jpeg(grain, 95)
    fast, slow = decode(content, (96, 96), resize), resize_pixels(decode(content), (96, 96), resize)
    assert apart(fast, slow) < 1
    assert np.abs(fast.astype(int) - slow.astype(int)).max() <= 6


def test_shrinking_is_antialiased():
    checks = (np.indices((256, 256)).sum(0) % 2 * 255).astype(np.uint8)
    small = decode(encode_png(as_rgb(checks)), (32, 32))
    assert abs(int(small.min()) - 128) < 5
    assert abs(int(small.max()) - 128) < 5


def test_a_box_is_cut_out_of_the_upright_photo():
    content = encode_png(striped(40, 80))
    assert decode(content, (10, 10), box=Box(0.75, 0, 1, 1))[5, 5].tolist() == [0, 0, 255]
    turned = encode_jpeg(np.ascontiguousarray(np.rot90(striped(40, 80), 1)), 95, orientation=6)
    assert decode(turned, (10, 10), box=Box(0.75, 0, 1, 1))[5, 5].argmax() == 2


def test_a_box_can_be_turned_level():
    photo = np.zeros((101, 101, 3), np.uint8)
    photo[50, :] = 255
    level = decode(encode_png(np.rot90(photo)), box=Box(0.2, 0.2, 0.8, 0.8, turn=90))
    assert level[level.shape[0] // 2, 10:50].mean() > 150


# --- arrays ---


@pytest.mark.parametrize(
    ("array", "pixel"),
    [
        (np.full((2, 3), 200, np.uint8), [200, 200, 200]),
        (np.full((2, 3, 1), 200, np.uint8), [200, 200, 200]),
        (np.full((2, 3, 3), 0.5, np.float32), [128, 128, 128]),
        (np.full((2, 3), True), [255, 255, 255]),
        (np.full((2, 3), 0x8000, np.uint16), [128, 128, 128]),
        (np.array([[[200, 0, 0, 0]]], np.uint8), [255, 255, 255]),
        (np.array([[[200, 0, 0, 255]]], np.uint8), [200, 0, 0]),
    ],
)
def test_arrays_of_many_kinds_are_photos(array, pixel):
    assert as_rgb(array)[0, 0].tolist() == pixel


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros((2, 3), np.int64), "int64"),
        (np.full((2, 3), 200.0), "outside 0..1"),
        (np.full((2, 3), np.nan), "outside 0..1"),
        (np.zeros((2, 3, 2), np.uint8), "no picture"),
        (np.zeros((0, 3), np.uint8), "no picture"),
        (np.zeros(3, np.uint8), "no picture"),
    ],
)
def test_arrays_that_are_no_photos_say_why(array, reason):
    with pytest.raises(UnreadablePhoto, match=reason):
        as_rgb(array)


# --- real, awkward files ---

UNREADABLE = {
    "truncated_jpeg.jpg": "cut short: the end of the file is missing",
    "truncated_image.png": "cut short: the end of the file is missing",
    "ultrahdr.jpg": "cut short: the end of the file is missing",
    "broken.png": "not a picture of a format we read",
    "decompression_bomb.gif": "too large: more than 100 megapixels",
    "web_page.jpg": "not a picture (it starts with '<!DOCTYPE html')",
    "empty.jpg": "an empty file",
}


@pytest.fixture
def odd(real_data) -> Path:
    return real_data("odd-images")


def test_every_odd_picture_is_read_or_refused_by_name(odd):
    with (odd / "LIST.tsv").open(encoding="utf-8") as table:
        rows = [
            row for row in csv.reader(table, delimiter="\t", quoting=csv.QUOTE_NONE) if not row[0].startswith("#")
        ]
    assert len(rows) == 70
    for name, _, kind, _, size, _, orientation, *_ in rows:
        content = (odd / name).read_bytes()
        if name in UNREADABLE:
            with pytest.raises(UnreadablePhoto) as refusal:
                decode(content)
            assert refusal.value.reason == UNREADABLE[name], name
            continue
        header, pixels = decode_with_header(content)
        if name == "avif_hopper.heif":  # which the list's own reader could not open
            size, orientation, kind = "128x128", "-", "HEIF"
        width, height = map(int, size.split("x"))
        upright = (height, width) if orientation.isdigit() and int(orientation) >= 5 else (width, height)
        assert (header.width, header.height) == upright, name
        assert pixels.shape == (*upright[::-1], 3), name
        assert header.format == kind, name


def test_all_eight_orientations_show_the_same_photo(odd):
    photos = [decode((odd / f"orientation_{number}.jpg").read_bytes(), (150, 225)) for number in range(1, 9)]
    for photo in photos:
        assert apart(photo, photos[0]) < 4


def test_the_same_person_in_every_format_looks_the_same(odd):
    """One portrait of 128 × 128, in every format and under a false name."""
    portrait = decode((odd / "hopper.png").read_bytes())
    same = ["hopper.jpg", "hopper.bmp", "hopper.tif", "hopper_lzw.tif", "hopper_jpg.tif", "hopper_bigtiff.tif"]
    same += ["hopper.gif", "hopper_rle8.bmp", "hopper.webp", "avif_hopper.avif", "hopper_is_png.jpg"]
    same += ["truncated_end_chunk.png", "hopper_float_dpi_2.tif"]
    for name in same:
        assert apart(decode((odd / name).read_bytes()), portrait) < 14, name
    grey = decode((odd / "hopper_gray.jpg").read_bytes()).mean(axis=2)
    assert np.abs(grey - portrait.mean(axis=2)).mean() < 14


def test_a_cmyk_photo_looks_like_its_rgb_twin(odd):
    twin = decode((odd / "pil_sample_rgb.jpg").read_bytes())
    for name in ("pil_sample_cmyk.jpg", "tiff_strip_cmyk_jpeg.tif"):
        assert apart(decode((odd / name).read_bytes()), twin) < 30, name


@pytest.mark.parametrize("name", ["16bit.cropped.tif", "16bit.cropped.jp2"])
def test_sixteen_bits_mean_the_same_in_every_photo(odd, name):
    """By what the file can hold, as browsers do, not by what this photo happens to hold (here 291 to 694)."""
    deep = np.asarray(Image.open(odd / name))
    assert np.array_equal(decode((odd / name).read_bytes())[:, :, 0], deep >> 8)


def test_nothing_of_pillow_reaches_the_screen(odd, recwarn, capfd):
    for name in ("invalid-exif.jpg", "broken_exif_dpi.jpg", "junk_jpeg_header.jpg", "broken_data_stream.png"):
        decode((odd / name).read_bytes(), (32, 32))
    assert not recwarn.list
    assert capfd.readouterr() == ("", "")


def test_the_pixel_limit_lies_above_every_phone():
    assert MAX_PIXELS >= 50_000_000


def test_a_crop_that_rounding_puts_a_hair_outside_is_taken() -> None:
    tall = np.zeros((375, 49, 3), np.uint8)  # its left edge comes out at -4e-15
    assert resize_pixels(tall, (64, 64), "crop").shape == (64, 64, 3)


# --- sizes ---


@pytest.mark.parametrize(
    ("height", "width", "side", "wanted"),
    [(600, 800, 400, (300, 400)), (800, 600, 400, (400, 300)), (30, 40, 400, (30, 40)), (1, 5_000, 100, (1, 100))],
)
def test_a_photo_fits_within_a_side_in_its_own_proportions(height, width, side, wanted):
    assert fit_within(height, width, side) == wanted


def test_a_smaller_photo_is_enlarged_only_if_asked():
    assert fit_within(30, 40, 400, enlarge=True) == (300, 400)


# --- the program we are part of ---

GLOBALS_KEPT = """
import sys, threading, concurrent.futures, numpy
sys.path.insert(0, {src!r})
from PIL import Image, ImageFile

def settings():
    plain = (int, float, bool, str, bytes, type(None))
    return {{(m.__name__, n): v for m in (Image, ImageFile) for n, v in vars(m).items() if isinstance(v, plain)}}

import whatsit.image as ours
content = ours.encode_jpeg(numpy.zeros((40, 50, 3), "uint8"))
ours.decode(content)  # Pillow loads its formats
Image.MAX_IMAGE_PIXELS = {limit}
before = settings()
seen = set()
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    for _ in pool.map(lambda _: (ours.decode(content, (8, 8)), ours.read_header(content)), range(200)):
        seen.add(Image.MAX_IMAGE_PIXELS)
assert seen == {{{limit}}}, seen
assert settings() == before
print("kept")
"""


@pytest.mark.parametrize("limit", ["None", "5000", "89478485"])
def test_settings_of_pillow_stay_as_the_program_around_us_has_them(limit):
    code = GLOBALS_KEPT.format(src=str(Path(__file__).parents[2] / "src"), limit=limit)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "kept\n", done.stderr


def test_a_lower_limit_of_the_program_around_us_is_named(monkeypatch):
    content = encode_png(drawn(2_000, 2_000))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_000_000)
    with pytest.raises(UnreadablePhoto, match="too large: more than 2 megapixels"):
        decode(content)


def test_our_limit_holds_where_the_program_around_us_has_none(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    with pytest.raises(UnreadablePhoto, match="too large: more than 100 megapixels"):
        decode(giant_png(10_400), (8, 8))

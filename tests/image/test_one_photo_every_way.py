"""One photo, one answer: every mode, depth, orientation and container gives the pixels that its samples stand for.

The reference is arithmetic on the samples that were written, see `known_pixels`.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

import encoded
from encoded import Layout
from known_pixels import pngs, tiffs
from whatsit.image import Pixels, UnreadablePhoto, convert_picture, decode, read_header, read_picture_file


def pixels_of_picture(picture: Image.Image) -> Pixels:
    """What predict() does with a picture of Pillow's."""
    content = read_picture_file(picture)
    return convert_picture(picture) if content is None else decode(content)


@settings(max_examples=250, deadline=None)
@given(st.one_of(pngs(), tiffs()))
def test_a_photo_is_what_its_samples_stand_for(photo: tuple[bytes, np.ndarray]) -> None:
    content, wanted = photo
    found = decode(content, ground="white")
    assert found.shape == wanted.shape
    assert np.abs(found.astype(int) - wanted).max() <= 1
    header = read_header(content)
    assert (header.height, header.width) == wanted.shape[:2]


def saved(picture: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x112] = orientation
    return exif


LOSSLESS = [("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")]
LOSSLESS += [("TIFF", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK", "LAB", "F", "I")]
LOSSY = [("JPEG", mode) for mode in ("L", "RGB", "CMYK")] + [("WEBP", "RGBA"), ("AVIF", "RGBA"), ("GIF", "P")]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(LOSSLESS + LOSSY),
    st.integers(1, 8),
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(0, 99),
)
def test_a_picture_of_pillows_gets_the_pixels_of_its_file(kind_and_mode, orientation, height, width, seed) -> None:
    kind, mode = kind_and_mode
    random = np.random.default_rng(seed)
    colours = Image.fromarray(random.integers(0, 256, (height, width, 4), np.uint8), "RGBA")
    if mode == "LAB":
        picture = Image.fromarray(random.integers(0, 256, (height, width, 3), np.uint8), "LAB")
    elif mode == "I;16":
        picture = Image.fromarray(random.integers(0, 65536, (height, width)).astype(np.uint16))
    elif mode == "P":
        picture = colours.convert("RGB").quantize(16)
    elif mode in ("CMYK", "F", "I"):
        picture = colours.convert("RGB").convert(mode)
    else:
        picture = colours.convert(mode)
    options = {} if kind == "GIF" else {"exif": turned(orientation)}
    content = saved(picture, kind, **options)
    wanted = decode(content)
    opened, loaded = Image.open(io.BytesIO(content)), Image.open(io.BytesIO(content))
    loaded.load()
    ways = [pixels_of_picture(opened), pixels_of_picture(opened), pixels_of_picture(loaded)]
    ways += [pixels_of_picture(loaded.copy()), pixels_of_picture(Image.open(io.BytesIO(content)).copy())]
    if "transparency" not in loaded.info and mode in ("RGB", "L", "1", "P", "CMYK"):
        ways.append(pixels_of_picture(Image.open(io.BytesIO(content)).convert("RGB")))  # as everybody writes it
    for way in ways:
        assert np.array_equal(way, wanted)


@pytest.mark.parametrize("mode", ["LAB", "HSV", "YCbCr", "La", "RGBa", "RGBX", "PA", "I;16B", "I;16L", "CMYK"])
def test_a_picture_that_has_no_file_is_what_pillow_shows(mode: str) -> None:
    colours = Image.fromarray(np.random.default_rng(0).integers(0, 256, (9, 7, 3), np.uint8))
    if mode in ("I;16B", "I;16L"):
        grey = np.asarray(colours.convert("L")).astype(np.uint16) * 257
        order = ">u2" if mode == "I;16B" else "<u2"
        picture, wanted = Image.frombytes(mode, (7, 9), grey.astype(order).tobytes()), colours.convert("L")
    elif mode == "LAB":
        picture = Image.fromarray(np.asarray(colours), "LAB")
        wanted = picture.convert("RGB")
    else:
        step = {"La": "LA", "RGBa": "RGBA", "PA": "P"}.get(mode)
        picture = (colours.convert(step) if step else colours).convert(mode)
        wanted = picture.convert("LA").convert("RGB") if mode == "La" else picture.convert("RGB")
    assert np.abs(convert_picture(picture).astype(int) - np.asarray(wanted.convert("RGB"))).max() <= 1


def test_a_picture_that_was_turned_upright_is_not_turned_again() -> None:
    content = saved(Image.new("RGB", (6, 4)), "JPEG", exif=turned(6))
    opened = Image.open(io.BytesIO(content))
    assert decode(content).shape == convert_picture(ImageOps.exif_transpose(opened)).shape == (6, 4, 3)


def test_a_picture_whose_file_is_closed_or_cut_says_so(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    Image.new("RGB", (40, 40)).save(file)
    with Image.open(file) as closed:
        pass
    cut = Image.open(io.BytesIO(saved(Image.effect_noise((90, 90), 90), "PNG")[:-3000]))
    for picture, reason in ((closed, "damaged"), (cut, "cut short"), (Image.new("RGB", (0, 4)), "without pixels")):
        with pytest.raises(UnreadablePhoto, match=reason):
            pixels_of_picture(picture)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG", "TIFF"])
def test_xmp_turns_nothing(kind: str) -> None:
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    options = {"tiffinfo": {700: packet}} if kind == "TIFF" else {"xmp": packet}
    content = saved(Image.new("RGB", (40, 20)), kind, **options)
    loaded = Image.open(io.BytesIO(content))
    assert decode(content).shape == pixels_of_picture(loaded).shape == (20, 40, 3)
    assert read_header(content).width == 40


# --- grey without a white of its own ---


@pytest.mark.parametrize(
    ("values", "kind", "photometric", "wanted"),
    [
        ([0.0, 0.5, 1.0], 3, 1, [0, 128, 255]),
        ([0.0, 0.5, 1.0], 3, 0, [255, 127, 0]),
        ([0.0, 99.0, 255.0], 3, 1, [0, 99, 255]),
        ([-0.01, 0.0, 1.02], 3, 1, [0, 0, 255]),  # what sharpening puts beyond
        ([0, 99, 255], 1, 1, [0, 99, 255]),
        ([0, 256, 65535], 1, 1, [0, 1, 255]),
    ],
)
def test_numbers_of_32_bits_are_read_by_the_smallest_white_that_holds_them(
    values, kind, photometric, wanted
) -> None:
    samples = np.array(values).reshape(1, 3, 1)
    content = encoded.tiff(samples, Layout(32, photometric, "<", kind))
    assert decode(content)[0, :, 0].tolist() == wanted
    assert pixels_of_picture(Image.open(io.BytesIO(content)))[0, :, 0].tolist() == wanted


@pytest.mark.parametrize("order", ["<", ">"])
def test_whole_numbers_with_a_sign_have_the_white_that_they_can_hold(order: str) -> None:
    content = encoded.tiff(np.array([0, 128, 32767]).reshape(1, 3, 1), Layout(16, 1, order, 2))
    assert decode(content)[0, :, 0].tolist() == [0, 1, 255]
    assert pixels_of_picture(Image.open(io.BytesIO(content)))[0, :, 0].tolist() == [0, 1, 255]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (encoded.tiff(np.full((2, 2, 1), -5), Layout(16, 1, "<", 2)), "of which nothing says what is white"),
        (encoded.tiff(np.full((2, 2, 1), 5), Layout(16, 0, "<", 2)), "a TIFF of 16 bits, .* which is not read"),
        (encoded.tiff(np.full((2, 2, 1), 3e4), Layout(32, 1, "<", 3)), "grey floats of 30000 to 30000"),
        (encoded.tiff(np.full((2, 2, 1), -1.0), Layout(32, 1, "<", 3)), "of which nothing says what is white"),
        (encoded.tiff(np.full((2, 2, 1), 1 << 20), Layout(32)), "grey values of 1048576 to 1048576"),
        (encoded.tiff(np.ones((2, 2, 1), int), Layout(14, 1, "<", 1, True)), "a TIFF of 14 bits, compressed"),
        (encoded.tiff(np.ones((2, 2, 2), int), Layout(16)), r"a TIFF of 16 \+ 16 bits, 2 samples a pixel"),
        (encoded.tiff(np.ones((9, 9, 1), int), Layout(12, 0))[:40], "damaged"),
    ],
)
def test_what_is_not_read_says_what_it_is(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadablePhoto, match=reason):
        decode(content)

"""TIFFs of depths that Pillow does not know, sample by sample."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from whatsit.image import UnreadablePhoto
from whatsit.image.formats.tiff import is_misread, open_rare_tiff

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2
SHORT, LONG = 3, 4


def packed(values: np.ndarray, bits: int, order: str) -> bytes:
    """Rows of samples, most significant bit first, each row from a byte of its own."""
    if bits == 16:
        return values.astype(order + "u2").tobytes()
    rows = [
        np.unpackbits(row.astype(">u2").view(np.uint8).reshape(-1, 2), axis=1)[:, 16 - bits :] for row in values
    ]
    return b"".join(np.packbits(row.ravel()).tobytes() for row in rows)


def tiff(values: np.ndarray, bits: int = 12, order: str = "<", strips: int = 1, **tags: int) -> bytes:
    """A TIFF of (height, width[, 3]) samples, colours a plane each, with tags as `t262` of its own."""
    height, width, *colours = values.shape
    planes = [values] if not colours else [values[:, :, plane] for plane in range(colours[0])]
    pieces = [packed(some, bits, order) for plane in planes for some in np.array_split(plane, strips)]
    found: dict[int, list[int]] = {256: [width], 257: [height], 258: [bits] * len(planes), 262: [BLACK_IS_ZERO]}
    if colours:
        found |= {262: [RGB], 277: [3], 284: [2]}
    found |= {int(name[1:]): [value] for name, value in tags.items()}
    found |= {273: [0] * len(pieces), 279: [len(one) for one in pieces]}
    found = {tag: values for tag, values in sorted(found.items()) if values != [-1]}
    behind_at = 8 + 2 + 12 * len(found) + 4
    behind, entries = b"", b""
    starts = behind_at + sum(4 * len(one) for one in found.values() if len(one) > 1)
    found[273] = [starts + sum(len(one) for one in pieces[:at]) for at in range(len(pieces))]
    for tag, numbers in found.items():
        listed = struct.pack(f"{order}{len(numbers)}L", *numbers)
        if len(numbers) > 1:
            behind, listed = behind + listed, struct.pack(order + "L", behind_at + len(behind))
        entries += struct.pack(order + "HHL", tag, LONG, len(numbers)) + listed
    start = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "LH", 8, len(found))
    return start + entries + bytes(4) + behind + b"".join(pieces)


def drawn(bits: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(bits).integers(0, 1 << bits, shape, dtype=np.uint16)


@given(st.integers(9, 16), st.integers(1, 9), st.integers(1, 9), st.sampled_from("<>"), st.integers(1, 3))
def test_grey_of_any_depth_is_read_as_it_was_written(bits, height, width, order, strips):
    values = drawn(bits, height, width)
    content = tiff(values, bits, order, min(strips, height))
    picture = open_rare_tiff(content)
    assert picture.format == "TIFF"
    np.testing.assert_array_equal(np.asarray(picture), values << (16 - bits))


@pytest.mark.parametrize("tag", [WHITE_IS_ZERO, -1])
def test_where_white_is_zero_or_nothing_is_said_the_values_are_turned_over(tag):
    values = drawn(12, 3, 5)
    np.testing.assert_array_equal(np.asarray(open_rare_tiff(tiff(values, t262=tag))), (4095 - values) << 4)


@pytest.mark.parametrize("order", ["<", ">"])
def test_colours_a_plane_each_are_put_together_by_their_upper_bytes(order):
    values = drawn(16, 4, 3, 3)
    picture = open_rare_tiff(tiff(values, 16, order, strips=2))
    assert picture.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(picture), (values >> 8).astype(np.uint8))


def test_the_orientation_goes_along_as_exif():
    picture = open_rare_tiff(tiff(drawn(12, 2, 2), t274=6))
    exif = Image.Exif()
    exif.load(picture.info["exif"])
    assert exif[0x0112] == 6
    assert "exif" not in open_rare_tiff(tiff(drawn(12, 2, 2))).info


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({"t258": 8}, "a TIFF of 8 bits, 1 samples a pixel and photometric interpretation 1, which is not read"),
        ({"t258": 17}, "of 17 bits"),
        ({"t262": 3}, "photometric interpretation 3"),
        ({"t277": 2}, "2 samples a pixel"),
        ({"t339": 3}, "which is not read"),  # floats
        ({"t266": 2}, "which is not read"),  # bits the other way round
        ({"t259": 5}, "compressed, which is not read"),
        ({"t257": -1}, "does not say how large"),
        ({"t258": -1}, "does not say how large or how deep"),
        ({"t256": 100_000, "t257": 100_000}, "too large: more than"),
        ({"t257": 0}, "too large"),
        ({"t257": 9}, "cut short"),
    ],
)
def test_what_is_of_another_kind_or_damaged_is_refused_with_its_reason(tags, why):
    with pytest.raises(UnreadablePhoto, match=why):
        open_rare_tiff(tiff(drawn(12, 3, 4), **tags))


def test_colours_side_by_side_or_of_other_depths_are_refused():
    with pytest.raises(UnreadablePhoto, match="3 samples a pixel"):
        open_rare_tiff(tiff(drawn(16, 2, 2, 3), 16, t284=1))
    with pytest.raises(UnreadablePhoto, match=r"12 \+ 12 \+ 12 bits"):
        open_rare_tiff(tiff(drawn(12, 2, 2, 3), 12))


def test_a_file_cut_anywhere_is_refused():
    content = tiff(drawn(12, 3, 4))
    for length in range(len(content)):
        with pytest.raises(UnreadablePhoto):
            open_rare_tiff(content[:length])


@pytest.mark.parametrize(
    ("tags", "is_so"),
    [
        ({284: 2, 258: (16, 16, 16)}, True),
        ({284: 2, 258: 16, 259: 1}, True),
        ({284: 2, 258: (8, 8, 8)}, False),
        ({284: 2}, False),
        ({284: 1, 258: (16, 16, 16)}, False),
        ({258: 16}, False),
        ({284: 2, 258: 16, 259: 5}, False),
    ],
)
def test_only_raw_planes_of_more_than_a_byte_are_misread_by_pillow(tags, is_so):
    photo = Image.new("L", (1, 1))
    photo.tag_v2 = tags
    assert is_misread(photo) is is_so


def test_a_picture_that_is_no_tiff_is_not_misread():
    assert not is_misread(Image.new("RGB", (1, 1)))

"""TIFFs that Pillow does not know or reads wrongly: odd depths of grey, 16-bit grey whose white is zero in the
other byte order, and 16-bit colours a plane each.

Microscopes, scanners and cameras write them, packed without gaps (TIFF 6.0, "BitsPerSample", "Compression" 1 and
"PlanarConfiguration" 2).
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whatsit.image.limits import MAX_PIXELS, UnreadablePhoto
from whatsit.image.orientation import ORIENTATION_TAG

if TYPE_CHECKING:
    from PIL import Image

TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER = 256, 257, 258, 259, 262, 266
_OFFSETS, _SAMPLES, _COUNTS, _PLANAR, _FORMAT = 273, 277, 279, 284, 339
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB = 0, 1, 2


def is_misread(photo: Image.Image) -> bool:
    """Whether Pillow opens a TIFF and then takes one half of each 16-bit sample for a plane."""
    tags: Any = getattr(photo, "tag_v2", {})
    is_raw = tags.get(_COMPRESSION, 1) == 1
    return is_raw and tags.get(_PLANAR) == 2 and max(_as_numbers(tags.get(_BITS, 8)), default=8) > 8


def open_rare_tiff(content: bytes) -> Image.Image:
    """Such a TIFF as a picture, grey of 16 bits or RGB. Raises UnreadablePhoto where it is of another kind."""
    try:
        tags = _read_tags(content)
        bits, planes = _check_kind(tags)
        height, width = int(tags[_HEIGHT]), int(tags[_WIDTH])
        if width * height > MAX_PIXELS or min(width, height) < 1:
            raise UnreadablePhoto(f"too large: more than {MAX_PIXELS / 1e6:.0f} megapixels")
        strips = list(zip(_as_numbers(tags[_OFFSETS]), _as_numbers(tags[_COUNTS]), strict=True))
        a_plane = len(strips) // planes
        values = np.empty((height, width, planes), np.uint16)
        for plane in range(planes):
            some = strips[plane * a_plane : (plane + 1) * a_plane]
            packed = b"".join(content[offset : offset + count] for offset, count in some)
            values[:, :, plane] = _unpack(packed, height, width, bits, is_big=content[:1] == b"M")
    except UnreadablePhoto:
        raise
    except Exception as error:  # tags of any type may stand for any of these
        raise UnreadablePhoto(f"damaged ({str(error)[:100] or type(error).__name__})") from error
    if tags.get(_PHOTOMETRIC, _WHITE_IS_ZERO) == _WHITE_IS_ZERO:
        values = (1 << bits) - 1 - values
    return _as_picture(values << (16 - bits), tags)


def _check_kind(tags: Any) -> tuple[int, int]:
    """The bits a sample and the number of planes; UnreadablePhoto where the kind is not read."""
    if not {_WIDTH, _HEIGHT, _BITS} <= set(tags):
        raise UnreadablePhoto("damaged (a TIFF that does not say how large or how deep it is)")
    bits, photometric = _as_numbers(tags.get(_BITS, 1)), int(tags.get(_PHOTOMETRIC, _WHITE_IS_ZERO))
    samples, is_planar = int(tags.get(_SAMPLES, 1)), int(tags.get(_PLANAR, 1)) == 2
    kind = f"a TIFF of {' + '.join(map(str, bits))} bits"
    is_grey = samples == 1 and photometric in (_WHITE_IS_ZERO, _BLACK_IS_ZERO) and 9 <= bits[0] <= 16
    is_colour = samples == 3 and photometric == _RGB and is_planar and set(bits) == {16}
    is_whole = set(_as_numbers(tags.get(_FORMAT, 1))) == {1} and int(tags.get(_FILL_ORDER, 1)) == 1
    if not (is_whole and (is_grey or is_colour)):
        how = f"{samples} samples a pixel and photometric interpretation {photometric}"
        raise UnreadablePhoto(f"{kind}, {how}, which is not read")
    if int(tags.get(_COMPRESSION, 1)) != 1:
        raise UnreadablePhoto(f"{kind}, compressed, which is not read")
    return bits[0], samples


def _read_tags(content: bytes) -> Any:
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    is_big_tiff = content[2:3] == b"+" or content[3:4] == b"+"
    tags = ImageFileDirectory_v2(content[: 16 if is_big_tiff else 8])
    file = io.BytesIO(content)
    file.seek(tags.next)
    tags.load(file)
    return tags


def _as_numbers(value: Any) -> list[int]:
    return [int(one) for one in value] if isinstance(value, tuple) else [int(value)]


def _unpack(packed: bytes, height: int, width: int, bits: int, is_big: bool) -> NDArray[np.uint16]:
    """(height, width) uint16 of samples packed most significant bit first, each row from a byte of its own."""
    row_bytes = (width * bits + 7) // 8
    if len(packed) < height * row_bytes:
        raise UnreadablePhoto("cut short: the end of the file is missing")
    rows = np.frombuffer(packed, np.uint8, height * row_bytes).reshape(height, row_bytes)
    if bits == 16:
        return np.asarray(np.ascontiguousarray(rows).view(">u2" if is_big else "<u2"), np.uint16)
    values = np.empty((height, width), np.uint16)
    places = (1 << np.arange(bits - 1, -1, -1)).astype(np.uint16)
    for row in range(height):  # a row at a time: unpacked bits take eight times the file
        samples = np.unpackbits(rows[row], count=width * bits).reshape(width, bits)
        values[row] = samples @ places
    return values


def _as_picture(values: NDArray[Any], tags: Any) -> Image.Image:
    from PIL import Image

    grey = values[:, :, 0] if values.shape[2] == 1 else (values >> 8).astype(np.uint8)
    picture = Image.fromarray(np.ascontiguousarray(grey))
    picture.format = "TIFF"
    if ORIENTATION_TAG in tags:
        exif = Image.Exif()
        exif[ORIENTATION_TAG] = int(tags[ORIENTATION_TAG])
        picture.info["exif"] = exif.tobytes()
    return picture

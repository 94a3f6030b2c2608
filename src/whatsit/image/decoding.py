"""Encoded photos to pixels."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from whatsit.image.colour import convert_to_rgb
from whatsit.image.fitting import cut, fit
from whatsit.image.formats.heif import heif_version
from whatsit.image.ground import Ground
from whatsit.image.limits import DEFAULT_LIMITS, DecodeLimits, UnreadablePhoto
from whatsit.image.memory import count_decoded_bytes
from whatsit.image.opening import explain, open_photo
from whatsit.image.orientation import read_orientation, turn_box, turn_upright
from whatsit.image.shapes import WHOLE, Box, Pixels, Resize, Size
from whatsit.image.walking import count_gif_frames

if TYPE_CHECKING:
    from PIL import Image

VERSION = 3  # raise it when `decode` gives other pixels: what was kept of photos is made anew
_LARGE_PIXELS = 25_000_000  # from here on one at a time: each takes 100 MB and more
_one_large = threading.Lock()


@dataclass(frozen=True)
class Header:
    """What a photo says of itself before it is decoded; width and height are those of the upright photo."""

    format: str
    width: int
    height: int
    frames: int
    mode: str
    is_on_black: bool = field(default=False, compare=False)  # known when it is decoded


def decoder_version() -> str:
    """The version of what decodes, the library's and our own: another may make other pixels of the same bytes."""
    import PIL

    return f"{PIL.__version__}, {heif_version()}, {VERSION}"


def read_header(content: bytes, limits: DecodeLimits = DEFAULT_LIMITS) -> Header:
    """The header of a photo, without decoding it. Raises UnreadablePhoto."""
    with open_photo(content, limits) as photo:
        orientation = read_orientation(photo)  # of a PNG whose EXIF stands behind the pixels it is not known
        return _header(photo, photo.size, orientation, _count_frames(photo, content))


def _count_frames(photo: Image.Image, content: bytes) -> int:
    """The frames of an animation; 1 of any other photo, and of pictures side by side in one file."""
    if photo.format == "GIF":
        return count_gif_frames(content)  # Pillow goes through all of it, in seconds where that is made to last
    return int(getattr(photo, "n_frames", 1)) if photo.format in ("PNG", "WEBP") else 1


def decode(
    content: bytes,
    size: Size | None = None,
    resize: Resize = "squish",
    limits: DecodeLimits = DEFAULT_LIMITS,
    box: Box | None = None,
    ground: Ground = "drawing",
) -> Pixels:
    """The pixels of an encoded photo, (height, width, 3) uint8 RGB, upright.

    size: (height, width) to resize to by `resize`; None leaves the photo as large as it is.
    box:  the part of the upright photo to cut out first.
    ground: what lies under transparency.
    Raises UnreadablePhoto with the reason, whatever is wrong with the bytes.
    """
    return decode_with_header(content, size, resize, limits, box, ground)[1]


def decode_with_header(
    content: bytes,
    size: Size | None = None,
    resize: Resize = "squish",
    limits: DecodeLimits = DEFAULT_LIMITS,
    box: Box | None = None,
    ground: Ground = "drawing",
) -> tuple[Header, Pixels]:
    """What `read_header` (but for the frames of an animation) and `decode` give, for the price of one."""
    with open_photo(content, limits) as photo, contextlib.ExitStack() as held:
        claimed, seen = photo.size, WHOLE
        try:
            if size is not None and photo.format in ("JPEG", "MPO"):
                seen = _draft(photo, size, box, turned=read_orientation(photo) >= 5)
            is_turned = read_orientation(photo) > 1
        except Exception as error:  # decoders raise anything at all on damaged bytes
            raise UnreadablePhoto(explain(error)) from error
        pixels = claimed[0] * claimed[1]
        needed = count_decoded_bytes(photo, pixels, is_turned, size is not None)
        held.enter_context(limits.memory.hold(needed, pixels))
        if photo.width * photo.height > _LARGE_PIXELS:
            held.enter_context(_one_large)
        try:
            upright, is_on_black = convert_to_rgb(photo, ground)
            orientation = read_orientation(photo)  # after the pixels: in a PNG it may stand behind them
            upright = turn_upright(upright, orientation)
        except UnreadablePhoto:
            raise
        except Exception as error:
            raise UnreadablePhoto(explain(error)) from error
        header = replace(_header(photo, claimed, orientation, frames=1), is_on_black=is_on_black)
        seen = turn_box(seen, orientation)
        if box is not None:
            upright, seen = cut(upright, seen.part(box)), WHOLE
        return header, np.asarray(upright if size is None else fit(upright, size, resize, seen))


def _header(photo: Image.Image, size: tuple[int, int], orientation: int, frames: int) -> Header:
    width, height = size if orientation < 5 else (size[1], size[0])  # from 5 on, photos lie on their side
    return Header(str(photo.format), width, height, frames, photo.mode)


def _draft(
    photo: Image.Image,
    size: Size,
    box: Box | None,
    turned: bool,
) -> Box:
    """Let the JPEG decoder itself shrink by 2, 4 or 8, as long as it stays at least twice the wanted size.

    At twice the size the resize that follows still sees every frequency it keeps, so the result is that of
    a full decode within a level (single pixels where colours jump: within 10), at a third of its time on
    12-megapixel photos. Returns where the photo lies in what will be decoded: 500 pixels shrunk by 8 are 62.5,
    and the decoder gives 63.
    """
    height, width = size
    share_x, share_y = (box.right - box.left, box.bottom - box.top) if box else (1.0, 1.0)
    if turned:
        height, width, share_x, share_y = width, height, share_y, share_x
    wanted = (int(2 * width / max(share_x, 1e-3)), int(2 * height / max(share_y, 1e-3)))
    drafted = photo.draft(None, wanted)
    if drafted is None:
        return WHOLE
    _, (_, _, right, bottom) = drafted
    return Box(0.0, 0.0, right / photo.width, bottom / photo.height)

"""The one place where bytes become pixels.

Everything that looks at a photo (training, serving, cleaning, collecting) decodes it here, so the same
photo is the same pixels everywhere: upright by its EXIF orientation, RGB, transparency on white,
16-bit scaled to 8, the first frame of an animation, one antialiased bilinear resize.
"""

from __future__ import annotations

import contextlib
import io
import re
import threading
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

Pixels = NDArray[np.uint8]  # (height, width, 3), RGB
Size = tuple[int, int]  # (height, width)
Resize = Literal["crop", "pad", "squish"]
RESIZES: tuple[Resize, ...] = get_args(Resize)

# Names for Pillow; JPEG covers MPO, a phone's JPEG with extras behind it.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "ICO", "PPM")
WEB_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")  # what strangers may send
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff"}
    | {".avif", ".jp2", ".ico", ".ppm", ".pgm", ".pbm"}
)

MAX_PIXELS = 100_000_000  # 100 megapixels: bounds the pixels of one photo to 300 MB
MAX_JPEG_SCANS = 100  # ordinary progressive files have 6 to 10; each further one costs a whole pass
MAX_SCAN_PIXELS = 2_000_000_000  # scans × pixels: bounds the passes over a large progressive file
_ORIENTATION_TAG = 0x0112  # EXIF
_LARGE_PIXELS = 25_000_000  # from here on one at a time: each takes 100 MB and more
_one_large = threading.Lock()
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # RGB to grey: ITU-R BT.601, as OpenCV and Pillow have it
PAD_COLOUR = 128  # grey: the mean of a photo, so that a border says nothing


class UnreadablePhoto(Exception):
    """These bytes are no photo we read; `reason` is a short clause, as in `damaged (bad marker)`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class DecodeLimits:
    """What is decoded at all: formats by Pillow's names, and the most pixels (width × height)."""

    formats: tuple[str, ...] = FORMATS
    max_pixels: int = MAX_PIXELS


DEFAULT_LIMITS = DecodeLimits()
WEB_LIMITS = DecodeLimits(WEB_FORMATS, 25_000_000)  # 25 megapixels bound one request to 0.7 s of one core


@dataclass(frozen=True)
class Box:
    """A part of an upright photo, as shares 0..1 of its width and height, turned by `turn` degrees.

    The photo is turned counter-clockwise by `turn` about the box's centre before it is cut, so that a face
    whose eyes are not level comes out level.
    """

    left: float
    top: float
    right: float
    bottom: float
    turn: float = 0.0


@dataclass(frozen=True)
class Header:
    """What a photo says of itself before it is decoded; width and height are those of the upright photo."""

    format: str
    width: int
    height: int
    frames: int
    mode: str


def decoder_version() -> str:
    """The version of the library that decodes: another may make other pixels of the same bytes."""
    import PIL

    return PIL.__version__


def read_header(content: bytes, limits: DecodeLimits = DEFAULT_LIMITS) -> Header:
    """The header of a photo, without decoding it. Raises UnreadablePhoto."""
    with _open(content, limits) as photo:
        # Asked for EXIF that has not come yet, a PNG would be decoded to find it behind the pixels.
        orientation = 1 if photo.format == "PNG" and "exif" not in photo.info else _orientation(photo)
        frames = getattr(photo, "n_frames", 1) if photo.format in ("GIF", "PNG", "WEBP") else 1
        return _header(photo, photo.size, orientation, frames)


def decode(
    content: bytes,
    size: Size | None = None,
    resize: Resize = "squish",
    limits: DecodeLimits = DEFAULT_LIMITS,
    box: Box | None = None,
) -> Pixels:
    """The pixels of an encoded photo, (height, width, 3) uint8 RGB, upright.

    size: (height, width) to resize to by `resize`; None leaves the photo as large as it is.
    box:  the part of the upright photo to cut out first.
    Raises UnreadablePhoto with the reason, whatever is wrong with the bytes.
    """
    return decode_with_header(content, size, resize, limits, box)[1]


def decode_with_header(
    content: bytes,
    size: Size | None = None,
    resize: Resize = "squish",
    limits: DecodeLimits = DEFAULT_LIMITS,
    box: Box | None = None,
) -> tuple[Header, Pixels]:
    """What `read_header` (but for the frames of an animation) and `decode` give, for the price of one."""
    with _open(content, limits) as photo:
        claimed = photo.size
        try:
            orientation = _orientation(photo)
            if size is not None and photo.format in ("JPEG", "MPO"):
                _draft(photo, size, box, turned=orientation >= 5)
            is_large = photo.width * photo.height > _LARGE_PIXELS
            with _one_large if is_large else contextlib.nullcontext():
                upright = _turn(_rgb(photo), orientation)
        except Exception as error:  # decoders raise anything at all on damaged bytes
            raise UnreadablePhoto(_why(error)) from error
        header = _header(photo, claimed, orientation, frames=1)
    if box is not None:
        upright = _cut(upright, box)
    return header, np.asarray(upright if size is None else _fit(upright, size, resize))


def fit_within(height: int, width: int, side_px: int, enlarge: bool = False) -> Size:
    """The (height, width) of a photo in its own proportions, the longer at most `side_px` and neither below 1.

    enlarge: make the longer side `side_px` of a smaller photo too, which else stays as it is
    """
    scale = side_px / max(height, width)
    if scale >= 1 and not enlarge:
        return height, width
    return max(1, round(height * scale)), max(1, round(width * scale))


def resize_pixels(pixels: Pixels, size: Size, resize: Resize = "squish") -> Pixels:
    """Decoded pixels (height, width, 3) at `size`, by the same arithmetic as `decode`."""
    if pixels.shape[:2] == size:
        return pixels
    from PIL import Image

    return np.asarray(_fit(Image.fromarray(pixels), size, resize))


def cut_box(pixels: Pixels, box: Box, size: Size) -> Pixels:
    """A part of decoded pixels (height, width, 3) at `size`, by the same arithmetic as `decode` with a box.

    What the box has beyond the photo is grey.
    """
    from PIL import Image

    height, width = pixels.shape[:2]
    wide = box.left < 0 or box.top < 0 or box.right > 1 or box.bottom > 1
    if not wide:
        return np.asarray(_fit(_cut(Image.fromarray(pixels), box), size, "squish"))
    canvas = Image.new("RGB", (3 * width, 3 * height), (PAD_COLOUR,) * 3)
    canvas.paste(Image.fromarray(pixels), (width, height))
    inner = Box((1 + box.left) / 3, (1 + box.top) / 3, (1 + box.right) / 3, (1 + box.bottom) / 3, box.turn)
    return np.asarray(_fit(_cut(canvas, inner), size, "squish"))


def as_rgb(pixels: NDArray[np.generic]) -> Pixels:
    """An array as (height, width, 3) uint8: grey is repeated, alpha laid on white, floats in 0..1 scaled.

    Raises UnreadablePhoto for any other shape or type.
    """
    picture: NDArray[Any] = pixels
    if picture.dtype == np.bool_:
        picture = picture.astype(np.uint8) * 255
    elif np.issubdtype(picture.dtype, np.floating):
        if picture.size and (not np.isfinite(picture).all() or picture.min() < 0 or picture.max() > 1):
            raise UnreadablePhoto("a picture of floats has values outside 0..1")
        picture = np.rint(picture * 255).astype(np.uint8)
    elif picture.dtype == np.uint16:
        picture = (picture >> 8).astype(np.uint8)
    elif picture.dtype != np.uint8:
        raise UnreadablePhoto(f"a picture of {picture.dtype} is not one of uint8, uint16, bool or floats in 0..1")
    if picture.ndim == 2:
        picture = picture[:, :, None]
    if picture.ndim != 3 or picture.shape[2] not in (1, 3, 4) or 0 in picture.shape:
        raise UnreadablePhoto(f"an array of shape {pixels.shape} is no picture (height, width[, 1, 3 or 4])")
    if picture.shape[2] == 4:
        alpha = picture[:, :, 3:].astype(np.uint16)
        colour = picture[:, :, :3].astype(np.uint16)
        picture = ((colour * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(picture, (*picture.shape[:2], 3)))


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """(height, width, 3 or 4) uint8 as a PNG file; the fourth channel is alpha."""
    return _encode(pixels, "PNG")


def encode_jpeg(pixels: Pixels, quality: int = 85, orientation: int = 1) -> bytes:
    """(height, width, 3) uint8 as a JPEG file that says it is turned by EXIF `orientation`."""
    from PIL import Image

    exif = Image.Exif()
    if orientation != 1:
        exif[_ORIENTATION_TAG] = orientation
    return _encode(pixels, "JPEG", quality=quality, exif=exif.tobytes() if orientation != 1 else b"")


def _encode(pixels: NDArray[np.uint8], kind: str, **options: Any) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


def _open(content: bytes, limits: DecodeLimits) -> Image.Image:
    from PIL import Image, UnidentifiedImageError

    # Pillow's own limit, of which it warns from once and refuses above twice (also pictures within a file, as
    # icons have), belongs to the program that we are part of: it stays as it is, and ours is checked besides.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    try:
        photo = Image.open(io.BytesIO(content), formats=limits.formats)
        width, height = photo.size
    except UnidentifiedImageError:
        raise UnreadablePhoto(_not_a_picture(content)) from None
    except Image.DecompressionBombError:
        most = min(MAX_PIXELS, 2 * (Image.MAX_IMAGE_PIXELS or MAX_PIXELS))
        raise UnreadablePhoto(f"too large: more than {most / 1e6:.0f} megapixels") from None
    except Exception as error:
        raise UnreadablePhoto(_why(error)) from error
    if width * height > MAX_PIXELS:
        raise UnreadablePhoto(f"too large: more than {MAX_PIXELS / 1e6:.0f} megapixels")
    if width * height > limits.max_pixels:
        raise UnreadablePhoto(
            f"too large: {width} × {height} is more than {limits.max_pixels / 1e6:.0f} megapixels"
        )
    if photo.format in ("JPEG", "MPO"):
        scans = _at_most_scans(content)  # a walk, which is slower, tells which are real
        if scans > MAX_JPEG_SCANS or scans * width * height > MAX_SCAN_PIXELS:
            scans = _jpeg_scans(content)
        if scans > MAX_JPEG_SCANS or scans * width * height > MAX_SCAN_PIXELS:
            raise UnreadablePhoto(f"a JPEG of {scans} scans, which would take minutes to decode")
    return photo


def _at_most_scans(content: bytes) -> int:
    """How often the marker of a scan stands anywhere; a quarter of the time of bytes.count."""
    values = np.frombuffer(content, np.uint8)
    seconds = np.flatnonzero(values[1:] == 0xDA)
    return int(np.count_nonzero(values[seconds] == 0xFF))


_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")


def _jpeg_scans(content: bytes) -> int:
    """How many scans a JPEG has, by walking its markers (thumbnails inside segments do not count)."""
    scans, position = 0, 2
    while found := _MARKER.search(content, position):
        position = found.end()
        marker = content[position - 1]
        if marker == 0xD9:  # end of image
            break
        if marker == 0xD8 or marker == 0x01:  # no length follows
            continue
        scans += marker == 0xDA
        position += int.from_bytes(content[position : position + 2], "big")
    return scans


def _header(photo: Image.Image, size: tuple[int, int], orientation: int, frames: int) -> Header:
    width, height = size if orientation < 5 else (size[1], size[0])  # from 5 on, photos lie on their side
    return Header(str(photo.format), width, height, frames, photo.mode)


def _orientation(photo: Image.Image) -> int:
    """The EXIF orientation, 1..8; 1 where there is none or it is nonsense."""
    try:
        value = photo.getexif().get(_ORIENTATION_TAG, 1)
    except Exception:  # damaged EXIF is no reason to lose the photo
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _turn(photo: Image.Image, orientation: int) -> Image.Image:
    from PIL.Image import Transpose

    method = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }.get(orientation)
    return photo if method is None else photo.transpose(method)


def _draft(
    photo: Image.Image,
    size: Size,
    box: Box | None,
    turned: bool,
) -> None:
    """Let the JPEG decoder itself shrink by 2, 4 or 8, as long as it stays at least twice the wanted size.

    At twice the size the resize that follows still sees every frequency it keeps, so the result is that of
    a full decode within rounding, at a third of its time on 12-megapixel photos.
    """
    height, width = size
    share_x, share_y = (box.right - box.left, box.bottom - box.top) if box else (1.0, 1.0)
    if turned:
        height, width, share_x, share_y = width, height, share_y, share_x
    photo.draft(None, (int(2 * width / max(share_x, 1e-3)), int(2 * height / max(share_y, 1e-3))))


def _rgb(photo: Image.Image) -> Image.Image:
    from PIL import Image

    photo.load()
    if photo.mode == "RGB" and "transparency" not in photo.info:
        return photo
    if photo.mode in ("I;16", "I;16B", "I;16L", "I;16N", "I", "F"):
        return _from_deep_grey(photo)
    if photo.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in photo.info:
        clear = photo.convert("RGBA")
        ground = Image.new("RGBA", clear.size, (255, 255, 255, 255))
        return Image.alpha_composite(ground, clear).convert("RGB")
    return photo.convert("RGB")


def _from_deep_grey(photo: Image.Image) -> Image.Image:
    """16-bit, 32-bit and float grey scaled to 8 bits (Pillow's own conversion clips at 255)."""
    from PIL import Image

    grey = np.asarray(photo)
    if np.issubdtype(grey.dtype, np.floating):
        top = 1.0 if grey.size and np.nanmax(grey) <= 1.0 else 255.0
        eight = np.clip(np.nan_to_num(grey) * (255.0 / top), 0, 255).astype(np.uint8)
    else:
        eight = (np.clip(grey, 0, 65535).astype(np.uint32) >> 8).astype(np.uint8)
    return Image.fromarray(eight, "L").convert("RGB")


def _cut(photo: Image.Image, box: Box) -> Image.Image:
    from PIL import Image

    width, height = photo.size
    if box.turn:
        centre = ((box.left + box.right) / 2 * width, (box.top + box.bottom) / 2 * height)
        photo = photo.rotate(box.turn, Image.Resampling.BILINEAR, center=centre, fillcolor=(PAD_COLOUR,) * 3)
    left, top = round(box.left * width), round(box.top * height)
    right, bottom = round(box.right * width), round(box.bottom * height)
    return photo.crop((left, top, max(right, left + 1), max(bottom, top + 1)))


def _fit(photo: Image.Image, size: Size, resize: Resize) -> Image.Image:
    """Antialiased. crop: fill and cut the overhang; pad: fit inside, grey around; squish: stretch."""
    from PIL import Image

    height, width = size
    if photo.size == (width, height):
        return photo
    if resize == "squish":
        return photo.resize((width, height), Image.Resampling.BILINEAR)
    if resize == "crop":
        scale = max(width / photo.width, height / photo.height)
        left = max(0.0, (photo.width - width / scale) / 2)  # rounding can make it a hair less than nothing
        top = max(0.0, (photo.height - height / scale) / 2)
        window = (left, top, photo.width - left, photo.height - top)
        return photo.resize((width, height), Image.Resampling.BILINEAR, box=window)
    scale = min(width / photo.width, height / photo.height)
    inner = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    canvas = Image.new("RGB", (width, height), (PAD_COLOUR,) * 3)
    shrunk = photo.resize(inner, Image.Resampling.BILINEAR)
    canvas.paste(shrunk, ((width - inner[0]) // 2, (height - inner[1]) // 2))
    return canvas


def _not_a_picture(content: bytes) -> str:
    if not content:
        return "an empty file"
    start = content[:14].decode("latin-1")
    if start.lstrip().startswith("<") or start.isprintable():
        return f"not a picture (it starts with {start!r})"
    return "not a picture of a format we read"


def _why(error: BaseException) -> str:
    text = str(error).split("\n")[0][:120]
    if "truncated" in text.lower():
        return "cut short: the end of the file is missing"
    return f"damaged ({text or type(error).__name__})"

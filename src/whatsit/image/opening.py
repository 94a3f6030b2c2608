"""Bytes to a photo of which the header is known, and nothing decoded yet; refused where it is too much."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

from whatsit.image.formats.heif import open_heif
from whatsit.image.formats.tiff import TIFF_STARTS, is_misread, open_rare_tiff
from whatsit.image.limits import MAX_PIXELS, DecodeLimits, UnreadablePhoto
from whatsit.image.walking import check_exif, check_scans, check_structure
from whatsit.image.walking.boxes import check_boxes, which_kind
from whatsit.image.walking.items import check_exif_item

if TYPE_CHECKING:
    from PIL import Image


def open_photo(content: bytes, limits: DecodeLimits) -> Image.Image:
    """A photo that is not decoded yet. Raises UnreadablePhoto where it is none, or costs too much."""
    photo = _identify(content, limits)
    check_size(photo, limits)
    check_exif(photo.info.get("exif") or b"")  # of containers whose walk does not come upon it
    if photo.format in ("JPEG", "MPO"):
        check_scans(content, photo.width * photo.height)
    return photo


def check_size(photo: Image.Image, limits: DecodeLimits) -> None:
    """Refuse a photo of more pixels than are decoded."""
    width, height = photo.size
    if width * height > MAX_PIXELS:
        raise UnreadablePhoto(f"too large: more than {MAX_PIXELS / 1e6:.0f} megapixels")
    if width * height > limits.max_pixels:
        raise UnreadablePhoto(
            f"too large: {width} × {height} is more than {limits.max_pixels / 1e6:.0f} megapixels"
        )


def _identify(content: bytes, limits: DecodeLimits) -> Image.Image:
    from PIL import Image, UnidentifiedImageError

    # Pillow's own limit, of which it warns from once and refuses above twice (also pictures within a file, as
    # icons have), belongs to the program that we are part of: it stays as it is, and ours is checked besides.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    kind = which_kind(content)
    if kind:
        if kind not in limits.formats:
            raise UnreadablePhoto(_not_a_picture(content))
        check_boxes(content, min(MAX_PIXELS, limits.max_pixels))
        check_exif_item(content)
    check_structure(content)
    if kind == "HEIF":
        return open_heif(content)
    formats = [name for name in limits.formats if name != "HEIF"]  # which is none of Pillow's own
    try:
        photo = Image.open(io.BytesIO(content), formats=formats)
    except UnidentifiedImageError:
        if "TIFF" in limits.formats and content.startswith(TIFF_STARTS):
            return open_rare_tiff(content)
        raise UnreadablePhoto(_not_a_picture(content)) from None
    except Image.DecompressionBombError:
        most = min(MAX_PIXELS, 2 * (Image.MAX_IMAGE_PIXELS or MAX_PIXELS))
        raise UnreadablePhoto(f"too large: more than {most / 1e6:.0f} megapixels") from None
    except Exception as error:
        raise UnreadablePhoto(explain(error)) from error
    return open_rare_tiff(content) if photo.format == "TIFF" and is_misread(photo) else photo


def _not_a_picture(content: bytes) -> str:
    if not content:
        return "an empty file"
    start = content[:14].decode("latin-1")
    if start.lstrip().startswith("<") or start.isprintable():
        return f"not a picture (it starts with {start!r})"
    return "not a picture of a format we read"


def explain(error: BaseException) -> str:
    """Why a photo could not be decoded, as a clause."""
    text = str(error).split("\n")[0][:120]
    if "truncated" in text.lower():
        return "cut short: the end of the file is missing"
    return f"damaged ({text or type(error).__name__})"

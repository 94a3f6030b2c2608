"""What is decoded at all, and what a photo may cost at most."""

from __future__ import annotations

from dataclasses import dataclass

from whatsit.image.memory import UNLIMITED, Memory

# Names for Pillow; JPEG covers MPO, a phone's JPEG with extras behind it.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF", "JPEG2000", "ICO", "PPM")
WEB_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF")  # what strangers may send
_WRITTEN = {"WEBP": "WebP", "HEIF": "HEIC", "JPEG2000": "JPEG 2000"}  # as people know them


def _name(formats: tuple[str, ...]) -> str:
    *first, last = (_WRITTEN.get(name, name) for name in formats)
    return f"{', '.join(first)} or {last}"


# What to do where something cannot be read: every such sentence has one of these lists.
FORMAT_NAMES, WEB_FORMAT_NAMES = _name(FORMATS), _name(WEB_FORMATS)
GIVE_ONE = f"Give a photo as {FORMAT_NAMES}."
SEND_ONE = f"Send a photo as {WEB_FORMAT_NAMES}."
WEB_TYPES = tuple(f"image/{name}" for name in ("jpeg", "png", "webp", "gif", "avif", "heic", "heif"))  # the same
WEB_SUFFIXES = (
    ".jfif",
    ".avif",
    ".heic",
    ".heif",
    ".hif",
)  # of WEB_FORMATS, where systems know no type for a file
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff"}
    | {".avif", ".avifs", ".heic", ".heics", ".heif", ".heifs", ".hif", ".jp2", ".ico", ".ppm", ".pgm", ".pbm"}
)

MAX_PIXELS = 100_000_000  # 100 megapixels: bounds the pixels of one photo to 300 MB
MAX_JPEG_SCANS = 100  # ordinary progressive files have 6 to 10; each further one costs a whole pass
MAX_SCAN_PIXELS = 2_000_000_000  # scans × pixels: bounds the passes over a large progressive file


class UnreadablePhoto(Exception):
    """These bytes are no photo we read; `reason` is a short clause, as in `damaged (bad marker)`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class DecodeLimits:
    """What is decoded at all: formats by Pillow's names, the most pixels (width × height), and in whose memory."""

    formats: tuple[str, ...] = FORMATS
    max_pixels: int = MAX_PIXELS
    memory: Memory = UNLIMITED


DEFAULT_LIMITS = DecodeLimits()
WEB_LIMITS = DecodeLimits(WEB_FORMATS, 25_000_000)  # 25 megapixels bound one request to 0.7 s of one core

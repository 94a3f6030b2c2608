"""The one place where bytes become pixels.

Everything that looks at a photo (training, serving, cleaning, collecting) decodes it here, so the same
photo is the same pixels everywhere: upright by its EXIF orientation, RGB, transparency on its ground,
16-bit scaled to 8, the first frame of an animation, one antialiased bilinear resize.
"""

from whatsit.image.arrays import as_rgb
from whatsit.image.decoding import Header, decode, decode_with_header, decoder_version, read_header
from whatsit.image.encoding import encode_jpeg, encode_png
from whatsit.image.fitting import cut_box, fit_within, resize_pixels
from whatsit.image.ground import GROUNDS, Ground
from whatsit.image.limits import (
    DEFAULT_LIMITS,
    FORMAT_NAMES,
    FORMATS,
    GIVE_ONE,
    MAX_JPEG_SCANS,
    MAX_PIXELS,
    MAX_SCAN_PIXELS,
    SEND_ONE,
    SUFFIXES,
    WEB_FORMATS,
    WEB_LIMITS,
    WEB_SUFFIXES,
    WEB_TYPES,
    DecodeLimits,
    UnreadablePhoto,
)
from whatsit.image.pictures import convert_picture, is_picture, read_picture_file
from whatsit.image.shapes import CHANNELS, LUMA, PAD_COLOUR, RESIZES, Box, Pixels, Resize, Size
from whatsit.image.taken import Taken, read_taken
from whatsit.image.walking.boxes import which_kind

__all__ = [
    "CHANNELS",
    "DEFAULT_LIMITS",
    "FORMATS",
    "FORMAT_NAMES",
    "GIVE_ONE",
    "GROUNDS",
    "LUMA",
    "MAX_JPEG_SCANS",
    "MAX_PIXELS",
    "MAX_SCAN_PIXELS",
    "PAD_COLOUR",
    "RESIZES",
    "SEND_ONE",
    "SUFFIXES",
    "WEB_FORMATS",
    "WEB_LIMITS",
    "WEB_SUFFIXES",
    "WEB_TYPES",
    "Box",
    "DecodeLimits",
    "Ground",
    "Header",
    "Pixels",
    "Resize",
    "Size",
    "Taken",
    "UnreadablePhoto",
    "as_rgb",
    "convert_picture",
    "cut_box",
    "decode",
    "decode_with_header",
    "decoder_version",
    "encode_jpeg",
    "encode_png",
    "fit_within",
    "is_picture",
    "read_header",
    "read_picture_file",
    "read_taken",
    "resize_pixels",
    "which_kind",
]

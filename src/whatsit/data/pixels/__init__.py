"""Photos to pixels of one size."""

from whatsit.data.pixels.decode import decode_photos
from whatsit.data.pixels.decoded import Decoded

__all__ = ["Decoded", "decode_photos"]

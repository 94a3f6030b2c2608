"""What lies under transparency: white, black, or black only where a drawing would vanish on white.

White symbols on a clear ground (icons, sprites) are blank on white. Whether one vanishes is told from how it looks
on both grounds, in numbers that a browser can count as well: `pixels.js` of the browser kit does the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from PIL import Image

Ground = Literal["white", "black", "drawing"]
GROUNDS: tuple[Ground, ...] = get_args(Ground)

STANDS_OUT = (
    32  # levels from the ground, in any of the three colours: what is fainter nobody sees in a small picture
)
LEAST_SHARE = 50  # one pixel in so many: fewer that stand out are the edge of a symbol, not a drawing
BAND_PIXELS = 1 << 18  # laid on the ground at a time
_WHITE, _BLACK = (255, 255, 255, 255), (0, 0, 0, 255)


def lay_on(clear: Image.Image, ground: Ground) -> tuple[Image.Image, bool]:
    """RGBA as RGB on a ground, and whether that is black."""
    is_black = ground == "black" or (ground == "drawing" and _vanishes_on_white(clear))
    return _on(clear, _BLACK if is_black else _WHITE), is_black


def _vanishes_on_white(clear: Image.Image) -> bool:
    """Whether hardly anything stands out from white, some of the ground is seen at all, and black would help."""
    pixels, empty, standing = clear.width * clear.height, 0, 0
    for _, band in _bands(clear):
        empty += sum(band.getchannel("A").histogram()[: 255 - STANDS_OUT])
    if empty * LEAST_SHARE <= pixels:
        return False
    for _, band in _bands(clear):
        standing += sum(_extreme(_lay_band(band, _WHITE), brightest=False)[: 255 - STANDS_OUT])
        if standing * LEAST_SHARE > pixels:
            return False
    shown = sum(
        sum(_extreme(_lay_band(band, _BLACK), brightest=True)[STANDS_OUT + 1 :]) for _, band in _bands(clear)
    )
    return shown * LEAST_SHARE > pixels


def _extreme(picture: Image.Image, brightest: bool) -> list[int]:
    """How often each level is the highest, or the lowest, of a pixel's three: yellow stands out from white."""
    from PIL import ImageChops

    red, green, blue = picture.split()
    choose = ImageChops.lighter if brightest else ImageChops.darker
    return choose(choose(red, green), blue).histogram()


def _on(clear: Image.Image, colour: tuple[int, int, int, int]) -> Image.Image:
    from PIL import Image

    laid = Image.new("RGB", clear.size)
    for top, band in _bands(clear):
        laid.paste(_lay_band(band, colour), (0, top))
    return laid


def _bands(clear: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """The rows in bands, and where each begins: a ground for all of a photo at once takes as much memory as it."""
    rows = max(1, BAND_PIXELS // clear.width)
    for top in range(0, clear.height, rows):
        yield top, clear.crop((0, top, clear.width, min(top + rows, clear.height)))


def _lay_band(band: Image.Image, colour: tuple[int, int, int, int]) -> Image.Image:
    from PIL import Image

    return Image.alpha_composite(Image.new("RGBA", band.size, colour), band).convert("RGB")

"""What lies under transparency: white, black, or black only where a drawing would vanish on white.

White symbols on a clear ground (icons, sprites) are blank on white. Whether one vanishes is told from how it looks
on both grounds, in numbers that a browser can count as well: `pixels.js` of the browser kit does the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from PIL import Image

Ground = Literal["white", "black", "drawing"]
GROUNDS: tuple[Ground, ...] = get_args(Ground)

STANDS_OUT = (
    32  # levels from the ground, in any of the three colours: what is fainter nobody sees in a small picture
)
LEAST_SHARE = 50  # one pixel in so many: fewer that stand out are the edge of a symbol, not a drawing
_WHITE, _BLACK = (255, 255, 255, 255), (0, 0, 0, 255)


def lay_on(clear: Image.Image, ground: Ground) -> tuple[Image.Image, bool]:
    """RGBA as RGB on a ground, and whether that is black."""
    if ground == "black":
        return _on(clear, _BLACK), True
    white = _on(clear, _WHITE)
    if ground == "white" or not _is_blank(white, clear):
        return white, False
    black = _on(clear, _BLACK)
    shown = sum(_extreme(black, brightest=True)[STANDS_OUT + 1 :])
    return (black, True) if shown * LEAST_SHARE > clear.width * clear.height else (white, False)


def _is_blank(white: Image.Image, clear: Image.Image) -> bool:
    """Whether hardly anything stands out from white, and some of the ground is seen at all."""
    pixels = clear.width * clear.height
    empty = sum(clear.getchannel("A").histogram()[: 255 - STANDS_OUT])
    standing = sum(_extreme(white, brightest=False)[: 255 - STANDS_OUT])
    return empty * LEAST_SHARE > pixels and standing * LEAST_SHARE <= pixels


def _extreme(picture: Image.Image, brightest: bool) -> list[int]:
    """How often each level is the highest, or the lowest, of a pixel's three: yellow stands out from white."""
    from PIL import ImageChops

    red, green, blue = picture.split()
    choose = ImageChops.lighter if brightest else ImageChops.darker
    return choose(choose(red, green), blue).histogram()


def _on(clear: Image.Image, colour: tuple[int, int, int, int]) -> Image.Image:
    from PIL import Image

    return Image.alpha_composite(Image.new("RGBA", clear.size, colour), clear).convert("RGB")

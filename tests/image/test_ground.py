"""White drawings on a transparent ground are not blank, and everything else lies on white as ever."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from whatsit.image import GROUNDS, as_rgb, convert_picture, decode, decode_with_header, encode_png
from whatsit.image.ground import lay_on


def drawing(colour: object, ground: tuple[int, ...] = (255, 255, 255, 0), side: int = 64) -> Image.Image:
    picture = Image.new("RGBA", (side, side), ground)
    ImageDraw.Draw(picture).ellipse((8, 12, 40, 50), fill=colour)
    return picture


def saved(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "LA", "palette", "clear colour"])
@pytest.mark.parametrize("colour", ["white", (250, 250, 240, 255), (255, 255, 255, 120)])
def test_a_drawing_that_would_vanish_on_white_lies_on_black(kind: str, colour: object) -> None:
    picture = drawing(colour)
    if kind == "LA":
        content = saved(picture.convert("LA"))
    elif kind in ("palette", "clear colour"):
        flat = Image.new("L", picture.size, 0)
        flat.paste(250, mask=picture.getchannel("A").point(lambda level: 255 if level else 0))
        content = saved(flat.convert("P") if kind == "palette" else flat, transparency=0)
    else:
        content = saved(picture, kind, **({"lossless": True} if kind == "WEBP" else {}))
    header, pixels = decode_with_header(content)
    assert header.is_on_black
    assert pixels[0, 0].tolist() == [0, 0, 0]
    assert pixels[30, 24].min() > 100
    assert decode(content, ground="white").min() > 223
    opened = Image.open(io.BytesIO(content))
    opened.load()
    assert np.array_equal(convert_picture(opened), pixels)
    if kind == "PNG":
        assert np.array_equal(as_rgb(np.asarray(picture)), pixels)


@pytest.mark.parametrize(
    "picture",
    [
        drawing("black"),
        drawing("red"),
        drawing("yellow"),
        drawing((200, 200, 200, 255)),
        drawing("white", (255, 255, 255, 255)),  # a photo of white, which is no drawing
        drawing("white", (40, 60, 80, 255)),
        Image.new("RGBA", (9, 9)),  # nothing at all
        drawing((255, 255, 255, 20)),  # so faint that nobody sees it on black either
    ],
)
def test_everything_else_lies_on_white(picture: Image.Image) -> None:
    header, pixels = decode_with_header(saved(picture))
    assert not header.is_on_black
    assert np.array_equal(pixels, decode(saved(picture), ground="white"))


def test_a_ground_may_be_asked_for() -> None:
    content = saved(drawing("red"))
    corners = {ground: decode(content, ground=ground)[0, 0].tolist() for ground in GROUNDS}
    assert corners == {"white": [255] * 3, "black": [0] * 3, "drawing": [255] * 3}
    opaque = encode_png(np.full((4, 4, 3), 90, np.uint8))
    assert {decode(opaque, ground=ground)[0, 0, 0] for ground in GROUNDS} == {90}


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("band_pixels", [1, 100, 64 * 7])
def test_a_photo_laid_on_its_ground_in_bands_is_as_if_laid_at_once(monkeypatch, ground, band_pixels) -> None:
    rng = np.random.default_rng(band_pixels)
    noise = rng.integers(0, 256, (50, 64, 4)).astype(np.uint8)
    for picture in (Image.fromarray(noise), drawing("white"), drawing("black"), drawing("white", side=45)):
        under = Image.new("RGBA", picture.size, "white")
        at_once = {False: Image.alpha_composite(under, picture).convert("RGB")}
        at_once[True] = Image.alpha_composite(Image.new("RGBA", picture.size, "black"), picture).convert("RGB")
        whole = lay_on(picture, ground)
        monkeypatch.setattr("whatsit.image.ground.BAND_PIXELS", band_pixels)
        laid, is_black = lay_on(picture, ground)
        monkeypatch.undo()
        assert is_black == whole[1]
        assert np.array_equal(np.asarray(laid), np.asarray(at_once[is_black]))

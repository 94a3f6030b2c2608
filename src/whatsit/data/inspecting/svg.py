"""Drawings as SVG, and SVG as PNG: charts and sheets of photos come from one engine."""

from __future__ import annotations

import functools
import re
from typing import Any

from markupsafe import Markup

from whatsit import events
from whatsit.files import readable
from whatsit.words import show_controls

# Installed on most machines; a letter that the first does not have comes from another.
FONTS = "'DejaVu Sans','Noto Sans','Segoe UI',Helvetica,Arial,sans-serif"
_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML cannot hold


def text_at(x: float, y: float, words: str, size: float, **style: str) -> Markup:
    """Words of anybody's at a place; `style`: further attributes, as in `anchor="middle"`."""
    more = Markup(" ").join(
        Markup('{}="{}"').format("text-anchor" if name == "anchor" else name, value)
        for name, value in style.items()
    )
    clean = _NO_XML.sub("\N{REPLACEMENT CHARACTER}", show_controls(readable(words)))
    return Markup('<text x="{:g}" y="{:g}" font-size="{:g}" {}>{}</text>').format(x, y, size, more, clean)


def rectangle(x: float, y: float, width: float, height: float, colour: str) -> Markup:
    """A filled rectangle."""
    shape = '<rect x="{:g}" y="{:g}" width="{:g}" height="{:g}" fill="{}"/>'
    return Markup(shape).format(x, y, width, height, colour)


def drawing_of(width: float, height: float, parts: list[Markup]) -> str:
    """The parts on white paper."""
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="{0:g}" height="{1:g}" viewBox="0 0 {0:g} {1:g}" '
        'font-family="{2}">'
    )
    return (
        Markup(head).format(width, height, FONTS)
        + rectangle(0, 0, width, height, "#ffffff")
        + Markup("").join(parts)
        + Markup("</svg>\n")
    )


def draw_png(drawing: str, zoom: float = 1.0) -> bytes:
    """A drawing as PNG, a unit of it `zoom` pixels. Where a machine has no fonts, that is told."""
    if "<text" in drawing and not _has_fonts():
        events.note(
            "This machine has no fonts, so words are left out of pictures (Debian: apt install fonts-dejavu-core)."
        )
    return _render(drawing, zoom)


def _render(drawing: str, zoom: float) -> bytes:
    import resvg_py

    made: Any = resvg_py.svg_to_bytes(svg_string=drawing, zoom=zoom)
    return bytes(made)


@functools.cache
def _has_fonts() -> bool:
    """Whether a word leaves any ink."""
    word, nothing = (drawing_of(20, 20, [text_at(2, 16, words, 14)]) for words in ("w", ""))
    return _render(word, 1.0) != _render(nothing, 1.0)

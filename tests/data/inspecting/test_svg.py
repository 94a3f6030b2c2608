"""Drawings whose words may be anybody's, and the pictures that are made of them."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsit.data.inspecting.svg import draw_png, drawing_of, rectangle, text_at
from whatsit.image import decode

SVG = "{http://www.w3.org/2000/svg}"


def parts(drawing: str) -> list[ET.Element]:
    return list(ET.fromstring(drawing))


@given(st.text(), st.text(max_size=9))
def test_words_of_anybody_are_one_text_and_nothing_else(words, style):
    paper, text = parts(
        drawing_of(9, 9, [text_at(1, 2, words, 3, anchor=style.replace("\0", "") if style.isprintable() else "a")])
    )
    assert paper.tag == f"{SVG}rect"
    assert text.tag == f"{SVG}text"
    assert len(text) == 0
    if words.isprintable():
        assert text.text == (words or None)


def test_words_stand_where_they_are_wanted_in_the_way_they_are_wanted():
    _, text = parts(drawing_of(9, 9, [text_at(1.5, 2, "a <b> & 'c'", 14, anchor="middle", fill="#123456")]))
    assert text.attrib == {"x": "1.5", "y": "2", "font-size": "14", "text-anchor": "middle", "fill": "#123456"}
    assert text.text == "a <b> & 'c'"


@pytest.mark.parametrize("words", ["\ud800", "a\x00b", "\ufffe", "\x1b[31m"])
def test_what_xml_cannot_hold_is_shown_otherwise(words):
    _, text = parts(drawing_of(9, 9, [text_at(0, 9, words, 9)]))
    assert text.text
    assert words not in text.text


def test_parts_lie_on_white_paper_in_their_order_one_unit_a_pixel():
    drawing = drawing_of(4, 2, [rectangle(1, 0, 2, 1, "#ff0000"), rectangle(2, 0, 1, 1, "#0000ff")])
    pixels = decode(draw_png(drawing), ground="black")  # were the paper clear, this would be seen through it
    assert pixels.shape == (2, 4, 3)
    white, red, blue = [255] * 3, [255, 0, 0], [0, 0, 255]
    assert pixels.tolist() == [[white, red, blue, white], [white] * 4]


def test_a_zoomed_drawing_is_larger_by_that():
    drawing = drawing_of(4, 2, [rectangle(1, 0, 2, 1, "#ff0000")])
    once, twice = decode(draw_png(drawing)), decode(draw_png(drawing, 2))
    np.testing.assert_array_equal(twice, once.repeat(2, axis=0).repeat(2, axis=1))

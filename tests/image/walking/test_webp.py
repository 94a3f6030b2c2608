"""The chunks of a WebP are counted, those of frames apart from all others."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from drawing import drawn
from whatsit.image import UnreadablePhoto
from whatsit.image.walking.webp import MAX_FRAMES, MAX_OTHERS, check_webp


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def webp(*chunks: bytes) -> bytes:
    content = b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(content) + 4) + b"WEBP" + content


def test_twenty_thousand_frames_and_a_thousand_other_chunks_are_the_most():
    frames, others = chunk(b"ANMF") * MAX_FRAMES, chunk(b"EXIF") * MAX_OTHERS
    check_webp(webp(frames, others))
    with pytest.raises(UnreadablePhoto, match="more than 20,000 frames"):
        check_webp(webp(frames, chunk(b"ANMF"), others))
    with pytest.raises(UnreadablePhoto, match="more than 1,000 chunks beside its frames"):
        check_webp(webp(frames, others, chunk(b"EXIF")))


@given(st.integers(0, 9))
def test_a_chunk_is_passed_by_its_length_and_what_fills_it_up(length):
    hidden = chunk(b"junk", b"x" * length)  # were it passed wrongly, what follows would be read as other chunks
    check_webp(webp(hidden, chunk(b"ANMF") * (MAX_OTHERS + 1)))
    with pytest.raises(UnreadablePhoto, match="chunks beside"):
        check_webp(webp(hidden, chunk(b"EXIF") * MAX_OTHERS))


def test_what_stands_within_a_chunk_is_not_counted():
    check_webp(webp(chunk(b"ANMF", chunk(b"ALPH") * (MAX_OTHERS + 1))))


def test_what_is_cut_within_the_head_of_a_chunk_ends_there():
    check_webp(webp(chunk(b"EXIF") * MAX_OTHERS, b"EXIF\0\0\0"))
    with pytest.raises(UnreadablePhoto, match="chunks beside"):
        check_webp(webp(chunk(b"EXIF") * MAX_OTHERS, b"EXIF\xff\xff\xff\xff"))
    check_webp(b"")


@pytest.mark.parametrize("frames", [1, 3])
def test_what_libwebp_writes_is_accepted(frames):
    out, pictures = io.BytesIO(), [Image.fromarray(drawn(9, 9, seed)) for seed in range(frames)]
    pictures[0].save(out, "WEBP", save_all=True, append_images=pictures[1:], exif=b"Exif\0\0abc")
    check_webp(out.getvalue())

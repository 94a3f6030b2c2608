"""The blocks of a GIF are walked as Pillow walks them, and such without end are refused."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from drawing import drawn
from whatsit.image import UnreadablePhoto
from whatsit.image.walking.gif import check_gif, count_gif_frames

HEAD = b"GIF89a\1\0\1\0"
PLAIN = HEAD + b"\0\0\0"  # without a palette
FRAME = b",\0\0\0\0\1\0\1\0\0\2"  # its pieces follow
END = b"\0"  # of pieces
COMMENT, CONTROL, APPLICATION = b"!\xfe", b"!\xf9", b"!\xff"


def piece(data: bytes) -> bytes:
    return bytes([len(data)]) + data


def animated(frames: int, **options: object) -> bytes:
    out = io.BytesIO()
    pictures = [Image.fromarray(drawn(8, 8, seed)) for seed in range(frames)]
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:], **options)
    return out.getvalue()


@pytest.mark.parametrize("frames", [1, 2, 5])
@pytest.mark.parametrize("options", [{}, {"loop": 0}, {"comment": b"by hand", "duration": 40}])
def test_the_frames_of_a_gif_are_counted_as_pillow_counts_them(frames, options):
    content = animated(frames, **options)
    with Image.open(io.BytesIO(content)) as photo:
        assert count_gif_frames(content) == photo.n_frames == frames
    check_gif(content)


@given(st.lists(st.integers(0, 255).map(lambda n: piece(b";" * n)), max_size=20), st.binary(max_size=100))
def test_what_stands_in_pieces_is_no_block(pieces, behind):
    inside = b"".join(one for one in pieces if one != END)
    assert count_gif_frames(PLAIN + FRAME + inside + END + FRAME + END + b";" + behind) == 2


def test_palettes_are_passed_by_their_length():
    everywhere, own = b",;!" * 4, b",;!" * 8
    of_all = HEAD + b"\x81\0\0" + everywhere
    of_one = b",\0\0\0\0\1\0\1\0\x82" + own + b"\2"
    assert count_gif_frames(of_all + FRAME + END + of_one + END + FRAME + END + b";") == 3


def test_nothing_is_counted_behind_the_end_and_where_a_frame_is_cut_short():
    assert count_gif_frames(PLAIN + FRAME + END + b";" + FRAME + END) == 1
    assert count_gif_frames(PLAIN + FRAME + END + FRAME[:8]) == 1
    assert count_gif_frames(PLAIN + FRAME[:-1]) == 0
    assert count_gif_frames(PLAIN + FRAME) == 1
    assert count_gif_frames(b"") == count_gif_frames(PLAIN) == count_gif_frames(PLAIN + b";") == 0


def test_a_control_block_whose_first_piece_is_empty_is_looked_through_to_the_next_end():
    assert count_gif_frames(PLAIN + CONTROL + END + piece(FRAME) + END + FRAME + END) == 1
    assert count_gif_frames(PLAIN + COMMENT + END + FRAME + END) == 1


def test_the_number_of_repetitions_is_passed_behind_the_word_for_it_before_the_first_frame():
    word = APPLICATION + piece(b"NETSCAPE2.0")
    empty = word + END + piece(FRAME) + END  # Pillow takes the first end for the number
    assert count_gif_frames(PLAIN + empty + FRAME + END) == 1
    assert count_gif_frames(PLAIN + APPLICATION + piece(b"something") + END + FRAME + END) == 1
    # behind a frame it is an extension like any other: the first end is its end
    assert count_gif_frames(PLAIN + FRAME + END + word + END + FRAME + END) == 2


def test_a_gif_may_have_ten_thousand_frames():
    assert count_gif_frames(PLAIN + (FRAME + END) * 10_000) == 10_000
    with pytest.raises(UnreadablePhoto, match="more than 10,000 frames"):
        count_gif_frames(PLAIN + (FRAME + END) * 10_001)


def test_a_frame_may_have_a_thousand_extensions_before_it():
    extension = COMMENT + piece(b"a") + END
    check_gif(PLAIN + extension * 1_000 + FRAME + END)
    assert count_gif_frames(PLAIN + (extension * 1_000 + FRAME + END) * 2) == 2
    with pytest.raises(UnreadablePhoto, match="more than 1,000 extensions of one frame"):
        check_gif(PLAIN + extension * 1_001 + FRAME + END)


@pytest.mark.parametrize("behind", [FRAME + END, b""])
def test_ten_thousand_bytes_may_lie_between_blocks_in_all(behind):
    junk = b"x" * 5_000
    count_gif_frames(PLAIN + junk + FRAME + END + junk + behind)
    with pytest.raises(UnreadablePhoto, match="more than 10,000 bytes between its blocks"):
        count_gif_frames(PLAIN + junk + FRAME + END + junk + b"x" + behind)


def test_pieces_are_counted_over_all_and_more_are_allowed_in_a_larger_file():
    def cut(pieces: int) -> bytes:
        return PLAIN + COMMENT + piece(b"a") * (pieces - 1) + END + COMMENT + piece(b"a") + END

    allowed = 20_000 + len(cut(20_645)) // 64
    assert allowed == 20_645
    check_gif(cut(allowed))
    with pytest.raises(UnreadablePhoto, match="cut into more than 20,645 pieces"):
        check_gif(cut(allowed + 1))


def test_what_stands_behind_the_first_frame_costs_nothing_where_frames_are_not_counted():
    content = PLAIN + FRAME + END + b"x" * 20_000
    check_gif(content)
    with pytest.raises(UnreadablePhoto, match="between its blocks"):
        count_gif_frames(content)

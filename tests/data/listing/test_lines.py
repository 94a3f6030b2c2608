from __future__ import annotations

import pytest

from whatsit.data.listing.lines import decode_list, split_lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_list_is_read_in_the_encodings_that_programs_write(encoding):
    assert decode_list("été.jpg\r\nb.jpg".encode(encoding)) == "été.jpg\r\nb.jpg"


def test_lines_end_at_line_ends_only():
    assert split_lines("a\u2028b\r\nc\x0cd\re\x85f\n") == ["a\u2028b", "c\x0cd", "e\x85f"]


def test_what_is_no_text_is_none():
    assert decode_list(b"\0\0\0\x18ftypmp42\x01\x02") is None
    assert decode_list(b"\xff\xfe\x00\xd8") is None  # half a character

"""What cannot be decoded is named with the reason."""

from __future__ import annotations

from pathlib import Path

from checked import found


def test_a_web_page_named_jpg_is_broken(folder: Path) -> None:
    (folder / "cat" / "page.jpg").write_bytes(b"<html>gone</html>")
    assert found(folder, "broken") == {"cat/page.jpg": "not a picture (it starts with '<html>gone</ht')"}


def test_a_photo_cut_in_half_is_broken(folder: Path) -> None:
    whole = (folder / "cat" / "1.jpg").read_bytes()
    (folder / "cat" / "half.jpg").write_bytes(whole[: len(whole) // 2])
    assert found(folder, "broken") == {"cat/half.jpg": "cut short: the end of the file is missing"}

"""A contact sheet shows up to sixty photos of a class, evenly from all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from whatsit.collecting.account.sheet import COLUMNS, GAP_PX, ROWS, TILE_PX, write_sheet
from whatsit.image import decode, encode_png

PITCH = TILE_PX + GAP_PX


def photos(folder: Path, count: int) -> list[Path]:
    """Photos of one shade each, the first darkest."""
    files = [folder / f"{number}.png" for number in range(count)]
    for number, file in enumerate(files):
        file.write_bytes(encode_png(np.full((2, 3, 3), number, np.uint8), 1))
    return files


def tiles(folder: Path, some: list[Path]) -> list[int]:
    """The shade of each tile that is not white."""
    write_sheet(folder / "sheet.png", some)
    sheet = decode((folder / "sheet.png").read_bytes())[:, :, 0]
    height, width = sheet.shape
    assert width == COLUMNS * PITCH + GAP_PX
    assert (sheet[:GAP_PX] == 255).all()
    assert (height - GAP_PX) % PITCH == 0
    found = []
    for top in range(GAP_PX, height - GAP_PX, PITCH):
        for left in range(GAP_PX, width - GAP_PX, PITCH):
            tile = sheet[top : top + TILE_PX, left : left + TILE_PX]
            assert (tile == tile[0, 0]).all()
            found.append(int(tile[0, 0]))
    while found and found[-1] == 255:
        found.pop()
    return found


@pytest.mark.parametrize("count", [1, COLUMNS, COLUMNS + 1, COLUMNS * ROWS])
def test_every_photo_is_shown_where_there_are_few_enough(tmp_path, count):
    assert tiles(tmp_path, photos(tmp_path, count)) == list(range(count))


@pytest.mark.parametrize(("count", "step"), [(61, 2), (120, 2), (121, 3)])
def test_of_more_photos_some_are_taken_evenly(tmp_path, count, step):
    assert tiles(tmp_path, photos(tmp_path, count)) == list(range(0, count, step))


def test_a_photo_that_has_gone_or_cannot_be_read_is_grey_and_no_photo_is_a_white_row(tmp_path):
    some = photos(tmp_path, 3)
    some[0].unlink()
    some[1].write_bytes(b"no photo")
    assert tiles(tmp_path, some) == [128, 128, 2]
    assert tiles(tmp_path, []) == []

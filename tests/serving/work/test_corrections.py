"""How corrections are kept: under their class, once, and as pixels alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from serving import photo
from whatsit.data.corrections import NONE, PROPOSED, class_of_folder, folder_of_class
from whatsit.serving.door.bodies.question import EncodedPhoto
from whatsit.serving.door.refusals import Refused
from whatsit.serving.work.corrections import Correction, Corrections, Room

RED, BLUE = (200, 60, 60), (60, 80, 200)


def wrong(is_class: str = "blue") -> Correction:
    return Correction(is_class, "red", 0.9, True, "f" * 64)


def files(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*.jpg"))


def test_a_photo_corrected_again_lies_in_its_last_class_only(tmp_path: Path) -> None:
    keeper = Corrections(tmp_path, Room())
    for is_class in ("blue", "green", "", "blue"):
        keeper.keep(EncodedPhoto(photo()), wrong(is_class))
    assert [Path(file).parent.name for file in files(keeper.folder)] == ["blue"]
    assert len((keeper.folder / "journal.jsonl").read_text().splitlines()) == 4


def test_a_photo_of_none_of_the_classes_lies_where_no_class_can(tmp_path: Path) -> None:
    keeper = Corrections(tmp_path, Room())
    keeper.keep(EncodedPhoto(photo()), wrong(""))
    assert [Path(file).parent.name for file in files(keeper.folder)] == [NONE]
    assert class_of_folder(NONE) not in ("blue", "green", "red")
    assert folder_of_class("%none") != NONE


def test_nothing_but_the_pixels_is_kept(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "my garden"  # what it shows
    exif[0x0112] = 6  # turned
    exif.get_ifd(0x8825)[1] = "N"  # where it was taken
    plain = Image.fromarray(np.full((40, 60, 3), RED, np.uint8))
    plain.save(tmp_path / "in.jpg", exif=exif, comment=b"by me")
    keeper = Corrections(tmp_path, Room())
    name = keeper.keep(EncodedPhoto((tmp_path / "in.jpg").read_bytes() + b"a trailer"), wrong())
    kept = (keeper.folder / PROPOSED / "blue" / name).read_bytes()
    for leak in (b"garden", b"by me", b"trailer", b"Exif"):
        assert leak not in kept
    with Image.open(keeper.folder / PROPOSED / "blue" / name) as opened:
        assert opened.size == (40, 60)  # upright


@pytest.mark.parametrize("label", ["a/b", "..", ".hidden", "50%", "%41", "naïve 猫", 'q"<b>', "a\\b", "%none"])
def test_any_class_name_has_a_folder_of_its_own(label: str, tmp_path: Path) -> None:
    name = folder_of_class(label)
    (tmp_path / name).mkdir()
    assert [entry.name for entry in tmp_path.iterdir()] == [name]
    assert class_of_folder(name) == label
    assert not name.startswith(".")


def test_what_is_there_is_counted_once_and_again_when_it_seems_full(tmp_path: Path, monkeypatch: Any) -> None:
    blue = EncodedPhoto(photo(BLUE))
    earlier = Corrections(tmp_path, Room())
    name = earlier.keep(EncodedPhoto(photo(RED)), wrong())
    keeper = Corrections(tmp_path, Room(photos=1))  # another process
    with pytest.raises(Refused):
        keeper.keep(blue, wrong())
    (keeper.folder / PROPOSED / "blue" / name).unlink()  # its owner has looked at it
    with pytest.raises(Refused):
        keeper.keep(blue, wrong())
    monkeypatch.setattr("whatsit.serving.work.corrections.RECOUNTED_S", 0.0)
    assert keeper.keep(blue, wrong()) != name

"""Archives of photos: what is in them, and what they may not do."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from drawing import drawn
from whatsit.errors import UserError
from whatsit.image import encode_jpeg
from whatsit.studio.photos.archives import unpack


def photo(seed: int) -> bytes:
    return encode_jpeg(drawn(seed=seed))


def packed(folder: Path, entries: Mapping[str, bytes]) -> Path:
    file = folder / "photos.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file


def found(folder: Path, entries: Mapping[str, bytes]) -> tuple[dict[str, str], dict[str, str]]:
    """The photos of an archive with their classes, and what was left out with the reason."""
    (folder / "out").mkdir()
    came = unpack(packed(folder, entries), folder / "out")
    return {name: label for name, label, _ in came.photos()}, dict(came.skipped)


def test_folders_are_classes_wrapped_or_not(tmp_path: Path) -> None:
    for place, start in enumerate(("", "my pets/")):
        (tmp_path / str(place)).mkdir()
        entries = {f"{start}cat/1.jpg": photo(1), f"{start}dog/1.jpg": photo(2)}
        photos, _ = found(tmp_path / str(place), entries)
        assert photos == {"cat/1.jpg": "cat", "dog/1.jpg": "dog"}


def test_a_table_of_photos_is_read_as_the_readers_read_it(tmp_path: Path) -> None:
    table = b"path,class\nx/1.jpg,cat\nx/2.jpg,dog\n"
    photos, _ = found(tmp_path, {"labels.csv": table, "x/1.jpg": photo(1), "x/2.jpg": photo(2)})
    assert photos == {"x/1.jpg": "cat", "x/2.jpg": "dog"}


def test_arrays_of_photos_become_files(tmp_path: Path) -> None:
    content = io.BytesIO()
    np.savez(content, x=np.stack([drawn(8, 8, seed) for seed in range(4)]), y=np.array(["cat", "dog"] * 2))
    photos, _ = found(tmp_path, {"set.npz": content.getvalue()})
    assert sorted(photos.values()) == ["cat", "cat", "dog", "dog"]
    assert all(name.endswith(".png") for name in photos)


def test_photos_without_classes_are_a_pile(tmp_path: Path) -> None:
    photos, _ = found(tmp_path, {"1.jpg": photo(1), "2.jpg": photo(2)})
    assert photos == {"1.jpg": "", "2.jpg": ""}


def test_what_is_no_photo_of_it_is_named(tmp_path: Path) -> None:
    entries = {"cat/1.jpg": photo(1), "dog/1.jpg": photo(2), "cat/more.zip": b"PK", "cat/.DS_Store": b"x"}
    _, skipped = found(tmp_path, entries | {"__MACOSX/cat/._1.jpg": b"x"})
    assert skipped["cat/more.zip"] == "an archive within the archive"
    assert skipped["cat/.DS_Store"].startswith("hidden")


def test_names_that_lead_elsewhere_lead_nowhere(tmp_path: Path) -> None:
    found(tmp_path, {"../../cat/1.jpg": photo(1), "/dog/1.jpg": photo(2), "c:\\fox\\1.jpg": photo(3)})
    outside = [file for file in tmp_path.rglob("*.jpg") if not file.is_relative_to(tmp_path / "out")]
    assert outside == []
    assert len(list((tmp_path / "out").rglob("*.jpg"))) == 3


def test_two_entries_of_one_name_are_not_written_over_each_other(tmp_path: Path) -> None:
    photos, skipped = found(tmp_path, {"cat/1.jpg": photo(1), "dog/1.jpg": photo(2), "./cat/1.jpg": photo(3)})
    assert len(photos) == 2
    assert "same name" in str(skipped)


def test_a_name_that_no_file_or_another_can_have_leaves_out_that_file_alone(tmp_path: Path) -> None:
    names = {"cat/1.jpg": 1, f"cat/{'x' * 300}.jpg": 2, "cat/a": 3, "cat/a/2.jpg": 4, "dog/b/1.jpg": 5, "dog/b": 6}
    photos, skipped = found(tmp_path, {name: photo(seed) for name, seed in names.items()})
    assert "cat/1.jpg" in photos
    assert skipped[f"cat/{'x' * 300}.jpg"] == "no file can have this name"
    assert all("same name" in skipped[name] for name in ("cat/a/2.jpg", "dog/b"))


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_archive_is_said_however_it_is_packed(tmp_path: Path, how: int) -> None:
    file = tmp_path / "photos.zip"
    with zipfile.ZipFile(file, "w", how) as archive:
        archive.writestr("cat/1.jpg", photo(1))
    content = bytearray(file.read_bytes())
    content[60:400] = b"\xff" * 340
    file.write_bytes(content)
    (tmp_path / "out").mkdir()
    with pytest.raises(UserError, match="The archive cannot be opened"):
        unpack(file, tmp_path / "out")


def test_a_bomb_is_refused_after_little(tmp_path: Path) -> None:
    bomb = {f"cat/{number}.bmp": bytes(30_000_000) for number in range(8)}
    with pytest.raises(UserError, match="far more than"):
        found(tmp_path, bomb)
    assert sum(file.stat().st_size for file in (tmp_path / "out").rglob("*.bmp")) < 100_000_000


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04" + bytes(40)])
def test_what_is_no_archive_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(UserError, match="cannot be opened"):
        unpack(tmp_path / "x.zip", tmp_path)


def test_an_archive_without_photos_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no photos in the archive"):
        found(tmp_path, {"readme.txt": b"hello"})

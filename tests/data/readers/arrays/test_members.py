"""Arrays by name: what is read of them, and what is refused before it could be taken for photos."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from whatsit.data.arrays import CHUNK
from whatsit.data.readers.arrays.members import (
    Folder,
    Member,
    check_photos,
    check_range,
    read_array,
    read_content,
    read_header,
    spell,
)
from whatsit.errors import UserError

PATH = Path("photos.npz")


def npy(values: Any, **options: Any) -> bytes:
    out = io.BytesIO()
    np.lib.format.write_array(out, np.asanyarray(values), **options)
    return out.getvalue()


def archive(**contents: bytes) -> zipfile.ZipFile:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in contents.items():
            made.writestr(f"{name}.npy", content)
    return zipfile.ZipFile(out)


def photos(shape: tuple[int, ...] = (2, 4, 4, 3), dtype: Any = np.uint8, name: str = "images.npy") -> Member:
    return Member(name, shape, np.dtype(dtype))


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
@pytest.mark.parametrize(
    "values", [np.arange(6).reshape(2, 3), np.array("one"), np.array([], "f4"), np.array(["é", "b"])]
)
def test_an_array_comes_back_as_it_was_saved(values, version):
    found = archive(x=npy(values, version=version))
    assert read_header(PATH, found, "x.npy") == Member("x.npy", values.shape, values.dtype)
    np.testing.assert_array_equal(read_array(PATH, found, "x.npy"), values)


def test_a_folder_of_files_is_an_archive_of_them_in_order(tmp_path):
    for name in ("b", "a"):
        np.save(tmp_path / f"{name}.npy", np.arange(3))
    (tmp_path / "c.txt").touch()
    folder = Folder(tmp_path)
    assert folder.namelist() == ["a.npy", "b.npy"]
    np.testing.assert_array_equal(read_array(tmp_path, folder, "b.npy"), [0, 1, 2])


class Harm:
    def __reduce__(self) -> Any:
        return (print, ("this must never be called",))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (npy(np.array([Harm()], object), allow_pickle=True), "holds Python objects, which are never unpickled"),
        (npy(np.asfortranarray(np.ones((2, 3)))), "is stored column by column"),
        (b"no array", "is damaged: "),
        (b"", "is damaged: "),
        (npy(np.arange(3)).replace(b"'shape'", b"'shame'"), "is damaged: "),
    ],
)
def test_what_is_no_plain_array_is_refused_by_its_name(content, why, capsys):
    with pytest.raises(UserError, match=rf"'x' in 'photos\.npz' {why}") as caught:
        read_header(PATH, archive(x=content), "x.npy")
    assert caught.value.hint
    assert capsys.readouterr().out == ""
    assert pickle  # what was refused would have been run by it


def test_a_row_stored_column_by_column_is_the_same_row():
    column = archive(x=npy(np.asfortranarray(np.arange(3))))
    np.testing.assert_array_equal(read_array(PATH, column, "x.npy"), [0, 1, 2])


@pytest.mark.parametrize("change", [lambda whole: whole[:-1], lambda whole: whole + b"x"])
def test_an_array_of_other_length_than_it_says_is_cut_short(change):
    with pytest.raises(UserError, match=r"'x' in 'photos\.npz' is cut short"):
        read_array(PATH, archive(x=change(npy(np.arange(3)))), "x.npy")


@pytest.mark.parametrize("shape", [(2, 4, 5), (2, 4, 5, 1), (2, 4, 5, 3), (2, 4, 5, 4), (2, 3, 5, 3), (1, 1, 1)])
@pytest.mark.parametrize("dtype", ["u1", "u2", "?", "f2", "f4", "f8"])
def test_arrays_of_pictures_in_any_type_that_holds_them_are_photos(shape, dtype):
    check_photos(PATH, photos(shape, dtype), photos((9, *shape[1:]), dtype))


@pytest.mark.parametrize(
    ("member", "why", "hint"),
    [
        (photos((2, 3, 8, 8)), "its channels come first", "photos.transpose(0, 2, 3, 1)"),
        (photos((2, 8)), "is not (photos, height, width", "one array"),
        (photos((2, 8, 8, 2)), "is not (photos, height, width", "one array"),
        (photos((2, 8, 8, 3, 1)), "is not (photos, height, width", "one array"),
        (photos((0, 8, 8)), "is not (photos, height, width", "one array"),
        (photos((2, 0, 8)), "is not (photos, height, width", "one array"),
        (photos(dtype="i8"), "holds int64 values", "From 0 to 255: save photos.astype('uint8')"),
        (photos(dtype="u4"), "holds uint32 values", "photos.astype('uint16')"),
        (photos(dtype="c8"), "holds complex64 values", "Save real numbers"),
        (photos(dtype="S3"), "holds |S3 values", "Save real numbers"),
        (photos(dtype=">u2"), "holds >u2 values", "save photos.astype('uint16')"),
        (photos(dtype=">f4"), "holds >f4 values", "save photos.astype('float32')"),
        (photos(dtype=">i4"), "holds >i4 values", "Look at photos.min()"),
        (photos((2, 5, 4, 3)), "of another size or type than 'images'", "same shape"),
        (photos((2, 4, 4, 1)), "of another size or type than 'images'", "same shape"),
        (photos(dtype="f4"), "of another size or type than 'images'", "same shape"),
    ],
)
def test_what_is_no_photos_or_not_like_the_first_is_refused_with_how_to_save_it(member, why, hint):
    with pytest.raises(UserError) as caught:
        check_photos(PATH, member, photos())
    assert why in str(caught.value)
    assert hint in caught.value.hint


def check(values: Any) -> None:
    found = archive(x=npy(values))
    check_range(PATH, found, [read_header(PATH, found, "x.npy")])


def test_floats_from_0_to_1_are_fine_also_where_there_are_none():
    check(np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 2, 2))
    check(np.zeros((1, 1, 1)))


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([0.0, 1.5], "outside 0 to 1 (0 to 1.5)"),
        ([-0.25, 1.0], "outside 0 to 1 (-0.25 to 1)"),
        ([np.nan, 0.5], "no numbers (NaN or infinite), 1 in"),
        ([np.inf, -np.inf], "no numbers (NaN or infinite), 2 in"),
    ],
)
def test_floats_outside_are_refused_with_their_range(values, why):
    with pytest.raises(UserError) as caught:
        check(np.array(values))
    assert why in str(caught.value)
    assert caught.value.hint


def test_a_value_at_the_far_end_of_many_is_seen():
    far = np.zeros(CHUNK // 4 + 5, np.float32)
    check(far)
    far[-1] = 2
    with pytest.raises(UserError, match="outside 0 to 1"):
        check(far)


def test_the_values_of_all_arrays_come_one_after_the_other_a_piece_at_a_time():
    large, small = np.arange(CHUNK + 7, dtype=np.uint8), np.array([9, 8], np.uint8)
    found = archive(a=npy(large), b=npy(small))
    pieces = list(read_content(PATH, found, [read_header(PATH, found, f"{name}.npy") for name in "ab"]))
    assert [len(one) for one in pieces] == [CHUNK, 7, 2]
    assert b"".join(pieces) == large.tobytes() + small.tobytes()


def test_a_name_is_spelt_without_its_end():
    assert spell("images.npy") == "images"
    assert spell("my.npy.images") == "my.npy.images"

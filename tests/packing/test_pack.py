from __future__ import annotations

import csv
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest

from photos import scene
from whatsit.cleaning.cleaning import clean
from whatsit.data.catalog import Decision, open_catalog
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.image import encode_jpeg
from whatsit.packing.packing import FORMATS, PackOptions, pack
from whatsit.packing.vary import VaryOptions, list_changes, vary_photo


@pytest.fixture
def pets(folder: Path) -> Path:
    for number in range(6, 14):
        (folder / "cat" / f"{number}.jpg").write_bytes(encode_jpeg(scene(seed=200 + number)))
    return folder


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as text:
        return list(csv.DictReader(text))


@pytest.mark.parametrize("to", FORMATS)
def test_every_format_holds_the_same_photos(pets: Path, tmp_path: Path, to: str) -> None:
    contents = pack(pets, tmp_path / "packed", PackOptions(to=to, size=32))  # type: ignore[arg-type]
    packed = rows(tmp_path / "packed" / "contents.csv")
    assert sorted(row["photo"] for row in packed) == sorted(read(pets).photos.names)
    assert {row["part"] for row in packed} == {"train", "val", "test"}
    assert contents.parts() == ["train", "val", "test"]


def test_the_npz_has_the_names_keras_uses_and_no_objects(pets: Path, tmp_path: Path) -> None:
    pack(pets, tmp_path / "packed", PackOptions(to="npz", size=32))
    with np.load(tmp_path / "packed" / "data.npz", allow_pickle=False) as data:
        assert set(data) == {"x_train", "y_train", "x_val", "y_val", "x_test", "y_test", "classes"}
        assert data["x_train"].dtype == np.uint8
        assert data["x_train"].shape[1:] == (32, 32, 3)
        assert len(data["x_train"]) == len(data["y_train"])
        assert list(data["classes"]) == ["cat", "dog"]


def test_what_was_packed_can_be_read_again(pets: Path, tmp_path: Path) -> None:
    pack(pets, tmp_path / "a", PackOptions(to="npz", size=32))
    pack(pets, tmp_path / "b", PackOptions(to="folders", size=32))
    npz, folders = read(tmp_path / "a" / "data.npz"), read(tmp_path / "b")
    assert npz.classes == folders.classes == ("cat", "dog")
    assert sorted(npz.parts) == sorted(folders.parts)


def test_shards_hold_a_photo_its_class_and_its_origin(pets: Path, tmp_path: Path) -> None:
    pack(pets, tmp_path / "packed", PackOptions(to="shards", size=32))
    with tarfile.open(tmp_path / "packed" / "train-00000.tar") as archive:
        assert archive.getnames()[:3] == ["000000.png", "000000.cls", "000000.json"]
        member = archive.extractfile("000000.json")
        assert member is not None
        assert json.load(member)["photo"] in set(read(pets).photos.names)


def test_only_the_training_part_is_balanced(pets: Path, tmp_path: Path) -> None:
    pack(pets, tmp_path / "plain", PackOptions(size=32))
    pack(pets, tmp_path / "even", PackOptions(size=32, per_class=9))
    plain, even = rows(tmp_path / "plain" / "contents.csv"), rows(tmp_path / "even" / "contents.csv")
    assert [row for row in even if row["part"] != "train"] == [row for row in plain if row["part"] != "train"]
    train = [row for row in even if row["part"] == "train"]
    assert [sum(row["class"] == name for row in train) for name in ("cat", "dog")] == [9, 9]


def test_copies_name_their_photo_and_none_of_it_is_in_another_part(pets: Path, tmp_path: Path) -> None:
    pack(pets, tmp_path / "packed", PackOptions(size=32, per_class=30))
    packed = rows(tmp_path / "packed" / "contents.csv")
    copied = {row["photo"] for row in packed if row["copy"] != "0"}
    assert copied
    assert not copied & {row["photo"] for row in packed if row["part"] != "train"}


def test_the_same_seed_packs_the_same_bytes(pets: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        pack(pets, tmp_path / name, PackOptions(to="npz", size=32, per_class=12))
    with np.load(tmp_path / "one" / "data.npz") as one, np.load(tmp_path / "two" / "data.npz") as two:
        assert all((one[name] == two[name]).all() for name in one)


def test_what_was_left_out_is_not_packed(pets: Path, tmp_path: Path) -> None:
    with open_catalog(pets) as catalog:
        catalog.decide(Decision("cat/0.jpg", "leave-out", by="review"))
        catalog.decide(Decision("cat/1.jpg", "relabel", "dog", by="review"))
    pack(pets, tmp_path / "packed", PackOptions(size=32))
    classes = {row["photo"]: row["class"] for row in rows(tmp_path / "packed" / "contents.csv")}
    assert "cat/0.jpg" not in classes
    assert classes["cat/1.jpg"] == "dog"


def test_duplicates_stay_in_one_part(pets: Path, tmp_path: Path) -> None:
    for number in range(5):
        copy = scene(seed=10 + number)[::2, ::2]
        (pets / "dog" / f"again{number}.jpg").write_bytes(encode_jpeg(copy))
    clean(pets)
    pack(pets, tmp_path / "packed", PackOptions(size=32))
    part = {row["photo"]: row["part"] for row in rows(tmp_path / "packed" / "contents.csv")}
    assert all(part[f"dog/again{number}.jpg"] == part[f"dog/{number}.jpg"] for number in range(5))


def test_credits_go_along_where_they_are_known(pets: Path, tmp_path: Path) -> None:
    with open_catalog(pets) as catalog:
        catalog.write(
            "INSERT INTO candidates (class, address, rank, source, host, state, kind, reason, photo)"
            " VALUES ('cat', 'https://photos.example/1.jpg', 1, '', 'photos.example', 'kept', '', '', 'cat/0.jpg')"
        )
        columns = ("page", "title", "author", "author_page", "licence", "licence_address", "licence_basis")
        columns += ("attribution", "restrictions", "thumbnail", "time", "source", "words")
        values = dict.fromkeys(columns, "") | {"author": "A. Nyman", "licence": "CC BY 4.0"}
        catalog.write(
            f"INSERT INTO sightings (candidate, {', '.join(columns)}) VALUES (1, {', '.join('?' * len(columns))})",
            *(values[name] for name in columns),
        )
    pack(pets, tmp_path / "packed", PackOptions(size=32))
    (credit,) = rows(tmp_path / "packed" / "attribution.csv")
    assert (credit["photo"], credit["author"], credit["licence"]) == ("cat/0.jpg", "A. Nyman", "CC BY 4.0")


def test_augmentations_are_drawn(pets: Path, tmp_path: Path) -> None:
    pack(pets, tmp_path / "packed", PackOptions(size=32, per_class=12))
    assert (tmp_path / "packed" / "augmentations.png").read_bytes().startswith(b"\x89PNG")


def test_a_folder_that_is_there_is_not_touched(pets: Path, tmp_path: Path) -> None:
    (tmp_path / "packed").mkdir()
    with pytest.raises(UserError, match="is there already"):
        pack(pets, tmp_path / "packed")


def test_a_pack_that_fails_leaves_nothing(pets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_folder: Path, _contents: object, _step: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(FORMATS, "folders", fail)
    with pytest.raises(UserError, match="disk is full"):
        pack(pets, tmp_path / "packed", PackOptions(size=32))
    assert list(tmp_path.glob("packed*")) == []


@pytest.mark.parametrize(
    "options",
    [
        PackOptions(to="zip"),  # type: ignore[arg-type]
        PackOptions(size=0),
        PackOptions(per_class=0),
        PackOptions(val=0.6, test=0.6),
        PackOptions(vary=VaryOptions(zoom=2)),
    ],
)
def test_options_that_make_no_sense_are_refused(pets: Path, tmp_path: Path, options: PackOptions) -> None:
    with pytest.raises(UserError):
        pack(pets, tmp_path / "packed", options)


def test_without_any_change_a_copy_is_the_photo() -> None:
    nothing = VaryOptions(mirror=False, turn=0, shift=0, zoom=0, light=0)
    assert (vary_photo(scene(), nothing, (0,)) == scene()).all()
    assert list_changes(nothing) == {}


def test_a_program_that_never_saw_whatsit_learns_from_the_npz(tmp_path: Path) -> None:
    packed = tmp_path / "packed"
    command = ("pack", "digits", "--into", str(packed), "--to", "npz", "--per-class", "300", "--size", "16")
    subprocess.run([sys.executable, "-m", "whatsit", *command, "--no-mirror"], check=True, capture_output=True)
    script = f"""
import numpy as np
d = np.load({str(packed / "data.npz")!r}, allow_pickle=False)
x, y, xv, yv = (d[name] for name in ("x_train", "y_train", "x_test", "y_test"))
flat = lambda a: np.c_[a[..., 0].reshape(len(a), -1) / 255, np.ones(len(a))]
weights = np.linalg.solve(flat(x).T @ flat(x) + np.eye(257), flat(x).T @ np.eye(10)[y])
print(np.mean((flat(xv) @ weights).argmax(1) == yv))
"""
    answer = subprocess.run([sys.executable, "-I", "-c", script], check=True, capture_output=True, text=True)
    assert float(answer.stdout) > 0.85


@pytest.mark.parametrize("name", [".hidden", "__MACOSX", "Thumbs.db", "desktop.ini", "@eaDir", "x" * 256, "a/b"])
def test_a_class_that_would_be_lost_as_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (40, 16, 16, 3), dtype=np.uint8)
    np.savez(tmp_path / "x.npz", images=pixels, labels=np.array([name, "dog"])[np.arange(40) % 2])
    with pytest.raises(UserError, match="folder") as refusal:
        pack(tmp_path / "x.npz", tmp_path / "out", PackOptions(size=16))
    assert "--to npz" in refusal.value.hint
    assert not (tmp_path / "out").exists()
    pack(tmp_path / "x.npz", tmp_path / "out", PackOptions(to="npz", size=16))
    assert set(read(tmp_path / "out" / "data.npz").classes) == {name, "dog"}


def test_no_photo_is_lost_by_its_name(tmp_path: Path) -> None:
    """Photos of a table may be called as class folders would hide or lose them."""
    lines = ["path,label"]
    for number in range(40):
        folder = tmp_path / f"f{number}"
        folder.mkdir()
        for name, label in ((".x.jpg", "cat"), ("é" * 120 + ".jpg", "dog")):
            (folder / name).write_bytes(encode_jpeg(scene(seed=2 * number + (label == "cat"))))
            lines.append(f"f{number}/{name},{label}")
    (tmp_path / "t.csv").write_text("\n".join(lines))
    pack(tmp_path / "t.csv", tmp_path / "out", PackOptions(size=16))
    again = read(tmp_path / "out")
    assert len(again) == 80
    assert not [one for one in again.skipped if one.name.endswith(".png")]


def grouped(folder: Path) -> Path:
    """A table of the folder's photos in which each three of a class are of one plant."""
    lines = ["path,label,group"]
    for photo in sorted(read(folder).photos.names):
        label, number = photo.split("/")[0], int(Path(photo).stem)
        lines.append(f"{photo},{label},{f'{label}{number // 3}' if number < 12 else ''}")
    (folder / "labels.csv").write_text("\n".join(lines))
    return folder / "labels.csv"


def together(names: list[str], groups: list[object]) -> set[frozenset[str]]:
    """The photos that lie in one group each, by their names."""
    found: dict[object, set[str]] = {}
    for name, group in zip(names, groups, strict=True):
        found.setdefault(group, set()).add(name)
    return {frozenset(some) for some in found.values() if len(some) > 1}


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.parametrize("per_class", [None, 9])
def test_what_belongs_together_is_written_and_read_back(pets: Path, tmp_path: Path, to: str, per_class) -> None:
    source = grouped(pets)
    wanted = together(list(read(source).photos.names), list(read(source).columns["group"]))
    wanted = {some for some in wanted if len(some) == 3}  # photos without a name of their group stand alone
    out = tmp_path / "packed"
    pack(source, out, PackOptions(to=to, size=32, per_class=per_class))  # type: ignore[arg-type]
    packed = rows(out / "contents.csv")
    said = [row["group"] or f"alone {place}" for place, row in enumerate(packed)]
    of_photos = together([row["photo"] for row in packed], list(said))
    assert of_photos == {some & {row["photo"] for row in packed} for some in wanted} - {frozenset()}
    assert {row["group"] for row in packed if row["photo"] in ("cat/12.jpg", "cat/13.jpg")} <= {""}
    if to == "shards":
        with tarfile.open(out / "train-00000.tar") as archive:
            for row in (row for row in packed if row["part"] == "train"):
                member = archive.extractfile(f"{int(row['place']):06}.json")
                assert member is not None
                assert str(json.load(member).get("group", "")) == row["group"]
        return
    if to == "coco":  # which has no word for it that its readers know
        images = json.loads((out / "annotations" / "labels_train.json").read_text(encoding="utf-8"))["images"]
        written = [row["group"] for row in packed if row["part"] == "train"]
        assert [str(image.get("group", "")) for image in images] == written
        return
    again = read(out / "data.npz" if to == "npz" else out)
    assert again.groups is not None
    assert sorted(again.parts) == sorted(row["part"] for row in packed)
    counts = sorted(np.unique(again.groups, return_counts=True)[1].tolist())
    assert counts == sorted(np.unique(said, return_counts=True)[1].tolist())
    if to == "npz":
        assert together(list(map(str, range(len(packed)))), again.groups.tolist()) == together(
            list(map(str, range(len(packed)))), list(said)
        )


def test_a_pack_of_a_pack_keeps_what_belongs_together(pets: Path, tmp_path: Path) -> None:
    pack(grouped(pets), tmp_path / "a", PackOptions(size=32))
    pack(tmp_path / "a", tmp_path / "b", PackOptions(to="npz", size=32))
    first, second = read(tmp_path / "a"), read(tmp_path / "b" / "data.npz")
    assert first.groups is not None
    assert second.groups is not None
    sizes = [sorted(np.unique(one.groups, return_counts=True)[1].tolist()) for one in (first, second)]
    assert sizes[0] == sizes[1]
    assert max(sizes[0]) == 3


def test_photos_that_stand_alone_need_no_groups(pets: Path, tmp_path: Path) -> None:
    pack(pets, tmp_path / "packed", PackOptions(size=32))
    assert {row["group"] for row in rows(tmp_path / "packed" / "contents.csv")} == {""}
    assert not (tmp_path / "packed" / "metadata.csv").exists()
    assert read(tmp_path / "packed").groups is None


@pytest.mark.skipif(sys.platform != "linux", reason="a folder that takes files from nobody, be it root")
def test_a_folder_that_cannot_be_made_is_said_before_photos_are_read(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="'/proc/x' could not be written"):
        pack(tmp_path / "no photos", Path("/proc/x"))

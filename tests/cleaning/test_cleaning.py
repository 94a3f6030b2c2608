from __future__ import annotations

import itertools
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from photos import scene
from whatsit import listening
from whatsit.cleaning.cleaning import clean, undo
from whatsit.data.catalog import Decision, catalog_path, open_catalog
from whatsit.data.decisions import apply_decisions
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.events import Stopped, stop
from whatsit.image import encode_jpeg


@pytest.fixture
def faulty(folder: Path) -> Path:
    """The folder with a copy, a broken photo and a near duplicate planted."""
    (folder / "cat" / "copy.jpg").write_bytes((folder / "cat" / "1.jpg").read_bytes())
    (folder / "dog" / "broken.jpg").write_bytes(b"\xff\xd8 no more")
    (folder / "dog" / "again.jpg").write_bytes(encode_jpeg(scene(seed=12)[::2, ::2]))
    return folder


def names(folder: Path) -> set[str]:
    return set(apply_decisions(read(folder)).photos.names)


def test_what_is_certain_is_left_out_and_the_rest_waits(faulty: Path) -> None:
    cleaned = clean(faulty)
    assert cleaned.left_out == {"cat/copy.jpg", "dog/broken.jpg"}
    assert cleaned.waiting == {"dog/again.jpg"}
    assert names(faulty) == set(read(faulty).photos.names) - cleaned.left_out


def test_the_files_stay_as_they_were(faulty: Path) -> None:
    before = {file: file.read_bytes() for file in faulty.rglob("*.jpg")}
    clean(faulty, accept=["near-duplicate"])
    assert {file: file.read_bytes() for file in faulty.rglob("*.jpg")} == before


def test_training_is_told_why_a_photo_is_left_out(faulty: Path) -> None:
    clean(faulty)
    reasons = {skipped.name: skipped.reason for skipped in apply_decisions(read(faulty)).skipped}
    assert reasons["cat/copy.jpg"] == "exact-duplicate: the same file as cat/1.jpg"


def test_an_accepted_check_leaves_its_photos_out_and_undo_brings_them_back(faulty: Path) -> None:
    clean(faulty)
    clean(faulty, accept=["near-duplicate"])
    assert "dog/again.jpg" not in names(faulty)
    assert undo(faulty) == 1
    assert "dog/again.jpg" in names(faulty)
    assert "cat/copy.jpg" not in names(faulty)


def test_what_was_undone_is_not_decided_again(faulty: Path) -> None:
    clean(faulty)
    undo(faulty)
    cleaned = clean(faulty)
    assert cleaned.decided == 0
    assert names(faulty) == set(read(faulty).photos.names)


def test_undo_says_which_photos_stay_out_all_the_same(faulty: Path) -> None:
    accepted = clean(faulty, ["near-duplicate"])
    broken = {one.photo: one.reason for one in accepted.findings if one.check == "broken"}
    with open_catalog(faulty) as catalog:
        photo = next(name for name, one in catalog.decisions().items() if one.check == "near-duplicate")
        catalog.decide(Decision(photo, "leave-out", by="review", why="by hand"))
    undone = undo(faulty)
    assert {one.name: one.reason for one in undone.out} == {**broken, photo: "by hand"}
    assert undone == undone.back + len(undone.out) == accepted.decided


def test_undo_with_nothing_to_undo_says_so(folder: Path) -> None:
    clean(folder)
    with pytest.raises(UserError, match="nothing to undo"):
        undo(folder)


def test_a_person_is_never_overruled(faulty: Path) -> None:
    with open_catalog(faulty) as catalog:
        catalog.decide(Decision("cat/copy.jpg", "keep", by="review"))
    clean(faulty)
    assert "cat/copy.jpg" in names(faulty)


def test_cleaning_twice_decides_once(faulty: Path) -> None:
    assert clean(faulty).decided == 2
    assert clean(faulty).decided == 0


def test_a_mended_photo_comes_back(faulty: Path) -> None:
    clean(faulty)
    (faulty / "dog" / "broken.jpg").write_bytes(encode_jpeg(scene(seed=77)))
    cleaned = clean(faulty)
    assert cleaned.withdrawn == 1
    assert "dog/broken.jpg" in names(faulty)


def test_decisions_follow_photos_whose_class_folder_was_renamed(faulty: Path) -> None:
    clean(faulty)
    with open_catalog(faulty) as catalog:
        catalog.decide(Decision("dog/3.jpg", "leave-out", by="review", why="by hand"))
    (faulty / "dog").rename(faulty / "hound")
    cleaned = clean(faulty)
    assert cleaned.moved == 8
    assert "hound/3.jpg" not in names(faulty)


def test_a_decision_about_a_photo_that_was_replaced_does_not_hold(faulty: Path) -> None:
    clean(faulty)
    with open_catalog(faulty) as catalog:
        catalog.decide(Decision("dog/3.jpg", "leave-out", by="review", why="by hand"))
    (faulty / "dog" / "3.jpg").write_bytes(encode_jpeg(scene(seed=78)))
    assert "dog/3.jpg" in names(faulty)


def test_a_touched_photo_is_the_same_photo(faulty: Path) -> None:
    clean(faulty)
    os.utime(faulty / "cat" / "copy.jpg")
    assert "cat/copy.jpg" not in names(faulty)


def test_relabelled_photos_change_class(folder: Path) -> None:
    with open_catalog(folder) as catalog:
        catalog.decide(Decision("cat/0.jpg", "relabel", "dog", by="review"))
        catalog.decide(Decision("cat/1.jpg", "relabel", "wolf", by="review"))
    dataset = apply_decisions(read(folder))
    label = dict(zip(dataset.photos.names, (dataset.classes[row] for row in dataset.labels), strict=True))
    assert dataset.classes == ("cat", "dog", "wolf")
    assert (label["cat/0.jpg"], label["cat/1.jpg"], label["cat/2.jpg"]) == ("dog", "wolf", "cat")


def test_duplicates_become_groups_for_the_split(faulty: Path) -> None:
    clean(faulty)
    dataset = apply_decisions(read(faulty))
    group = dict(zip(dataset.photos.names, dataset.groups, strict=True))
    assert group["dog/again.jpg"] == group["dog/2.jpg"]
    assert len(set(group.values())) == len(dataset) - 1


def test_a_folder_that_was_never_cleaned_is_read_as_it_is_and_gets_no_catalog(folder: Path) -> None:
    dataset = read(folder)
    assert apply_decisions(dataset) is dataset
    assert not (folder / ".whatsit").exists()


def test_a_read_only_folder_keeps_its_catalog_in_the_cache(faulty: Path, monkeypatch) -> None:
    monkeypatch.setattr("whatsit.data.catalog.opening._is_writable", lambda _path: False)
    cleaned = clean(faulty)
    assert faulty not in Path(cleaned.catalog).parents
    assert not (faulty / ".whatsit").exists()
    assert "cat/copy.jpg" not in names(faulty)


def test_a_photo_that_vanishes_while_cleaning_is_named(faulty: Path, monkeypatch) -> None:
    dataset = read(faulty)
    (faulty / "cat" / "5.jpg").unlink()
    monkeypatch.setattr("whatsit.cleaning.cleaning.read", lambda _data, **_how: dataset)
    broken = {finding.photo: finding.reason for finding in clean(faulty).findings if finding.check == "broken"}
    assert broken["cat/5.jpg"] == "could not be opened (No such file or directory)"


def test_a_photo_that_changes_while_cleaning_is_judged_as_it_is_in_the_end(folder: Path) -> None:
    photo, enough = folder / "cat" / "0.jpg", threading.Event()
    dark = encode_jpeg(scene(seed=99) // 8)

    def change() -> None:
        for number in itertools.cycle(range(3)):
            part = photo.with_suffix(".part")
            part.write_bytes((dark, photo.read_bytes()[:500], encode_jpeg(scene(seed=90)))[number])
            part.replace(photo)
            if enough.wait(0.002):
                return

    changing = threading.Thread(target=change)
    changing.start()
    try:
        clean(folder)
    finally:
        enough.set()
        changing.join()
    photo.write_bytes(dark)
    found = {finding.check for finding in clean(folder).findings if finding.photo == "cat/0.jpg"}
    assert "dark" in found
    assert "broken" not in found


def test_a_damaged_catalog_is_refused_with_a_sentence(faulty: Path) -> None:
    clean(faulty)
    file = catalog_path(faulty)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2 + 7])
    for side in ("-wal", "-shm"):
        file.with_name(file.name + side).unlink(missing_ok=True)
    with pytest.raises(UserError, match="damaged"):
        clean(faulty)


def test_two_at_once_do_not_mix(faulty: Path) -> None:
    from whatsit.cleaning import looks
    from whatsit.files import hold_lock
    from whatsit.store import lock_of

    lock = lock_of(looks.store_of(read(faulty)).folder)
    with hold_lock(lock, ""), listening(lambda _event: stop()), pytest.raises(Stopped):
        clean(faulty)  # waits, until who hears of it wants a stop
    assert clean(faulty).findings


def test_an_unknown_check_is_answered_with_the_known_ones(folder: Path) -> None:
    with pytest.raises(UserError, match="near-duplicate"):
        clean(folder, accept=["near-duplicates"])


def test_only_new_photos_are_looked_at_again(folder: Path, monkeypatch) -> None:
    clean(folder)
    (folder / "cat" / "new.jpg").write_bytes(encode_jpeg(scene(seed=70)))
    looked: list[bytes] = []
    from whatsit.cleaning import looks

    before = looks.look_at
    monkeypatch.setattr(looks, "look_at", lambda content: looked.append(content) or before(content))
    clean(folder)
    assert len(looked) == 1


def test_a_copy_of_the_folder_brings_its_decisions_along(faulty: Path, tmp_path: Path) -> None:
    clean(faulty)
    shutil.copytree(faulty, tmp_path / "elsewhere")
    assert "cat/copy.jpg" not in names(tmp_path / "elsewhere")


def test_arrays_are_cleaned_too(tmp_path: Path) -> None:
    photos = np.stack([scene(seed=seed) for seed in range(8)])
    photos[7] = photos[3]
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 0])
    np.savez(tmp_path / "set.npz", x_train=photos, y_train=labels)
    cleaned = clean(tmp_path / "set.npz")
    assert [finding.check for finding in cleaned.findings] == ["exact-duplicate"]
    assert len(apply_decisions(read(tmp_path / "set.npz"))) == 7

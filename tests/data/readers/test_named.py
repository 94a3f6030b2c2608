from __future__ import annotations

import numpy as np
import pytest

from drawing import class_folders
from idx_files import photos, put
from whatsit.data.readers import NAMED, read
from whatsit.errors import UserError


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    monkeypatch.delenv("WHATSIT_DATA", raising=False)
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("name", NAMED)
def test_every_named_set_says_where_it_comes_from_and_on_what_terms(name):
    known = NAMED[name]
    assert known.origin.title
    assert known.origin.licence not in ("", "unknown")
    assert known.origin.address.startswith("http")
    assert bool(known.files) == bool(known.folders)
    for archive in known.files:
        kind, digest = archive.digest.split(":")
        assert len(bytes.fromhex(digest)) == {"md5": 16, "sha256": 32}[kind]


def test_digits_are_always_there():
    data = read("digits")
    assert len(data) == 1797
    assert data.photos.size == (8, 8)
    assert data.photos.read(0).max() > 200


def test_a_set_is_looked_for_in_the_folder_named_first(tmp_path, monkeypatch):
    for place, count in (("mine", 2), ("shared", 4), ("cache/data", 6)):
        (tmp_path / place / "mnist").mkdir(parents=True)
        put(tmp_path / place / "mnist", "train", photos(count), np.arange(count, dtype=np.uint8) % 2)
    assert len(read("mnist")) == 6
    monkeypatch.setenv("WHATSIT_DATA", str(tmp_path / "shared"))
    assert len(read("mnist")) == 4
    assert len(read("mnist", tmp_path / "mine")) == 2


def test_a_part_of_a_published_set_says_so(tmp_path):
    class_folders(tmp_path / "cats-vs-dogs", "train/cats", "train/dogs", "test/cats", "test/dogs")
    data = read("cats-vs-dogs", tmp_path)
    assert (data.name, data.classes) == ("cats-vs-dogs", ("cat", "dog"))
    assert data.origin.note == "Read from a local folder 'cats-vs-dogs': 12 of the published 25,000 photos."


def test_imagenette_has_readable_names_a_test_part_and_a_warning(tmp_path):
    class_folders(
        tmp_path / "imagenette2-160", "train/n01440764", "train/n03028079", "val/n01440764", "val/n03028079"
    )
    data = read("imagenette", tmp_path)
    assert data.classes == ("church", "tench")
    assert set(data.parts) == {"train", "test"}
    assert data.photos.names[0] == "train/n01440764/0.png"
    assert data.classes[data.labels[0]] == "tench"
    assert "Backbones pretrained on ImageNet have seen these photos" in data.origin.note


def test_a_folder_of_that_name_here_goes_before_the_known_set(tmp_path, monkeypatch):
    class_folders(tmp_path / "digits", "a", "b")
    monkeypatch.chdir(tmp_path)
    assert read("digits").classes == ("a", "b")


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UserError) as refusal:
        read("cifar")
    assert "Did you mean 'cifar10'" in refusal.value.hint

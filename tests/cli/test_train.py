"""`whatsit train`, as it is typed: what it refuses, in which words, and that nothing is left of it."""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

import whatsit
from drawing import class_folders, put
from hubbing import Hub

pytest.importorskip("torch", reason="training needs the extra 'train'")

QUICK = ["--recipe=cnn", "--net=simple", "--depth=1", "--width=8", "--dense=16", "--size=16"]


def typed(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    source = str(Path(whatsit.__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-m", "whatsit", *words],
        cwd=place,
        env={**os.environ, "PYTHONPATH": source, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


class Bomb:
    def __reduce__(self):
        return os.system, ("touch OWNED",)


def put_data(place: Path) -> None:
    """One folder or file for each thing that is refused, named by what is wrong with it."""
    class_folders(place / "good", "cat", "dog", photos=12)
    class_folders(place / "one class", "cat")
    class_folders(place / "an empty class", "cat")
    (place / "an empty class" / "bird").mkdir()
    class_folders(place / "case", "Cat", "cat", "dog")
    for name in ("cat", "dog"):
        (place / "no photos" / name).mkdir(parents=True)
        (place / "no photos" / name / "notes.txt").write_text("none here")
    (place / "missing.csv").write_text("path,label\ngood/cat/0.png,cat\ngood/cat/lost.png,cat\n")
    (place / "columns.csv").write_text("picture of,kind\na,b\n")
    np.savez(place / "objects.npz", images=np.array([Bomb()] * 4, dtype=object), labels=np.array([0, 1, 0, 1]))
    bomb = place / "cifar-10-batches-py"
    bomb.mkdir()
    for name in ("data_batch_1", "test_batch", "batches.meta"):
        (bomb / name).write_bytes(pickle.dumps({b"data": Bomb(), b"labels": [0]}, protocol=2))


REFUSED = {
    "nowhere": "There is no folder, file or data set 'nowhere'.",
    "one class": "has only one class, 'cat'",
    "an empty class": "The class folder 'bird' of 'an empty class' has no photos.",
    "no photos": "The class folder 'cat' of 'no photos' has no photos.",
    "case": "The classes 'Cat' and 'cat' differ only by upper and lower case or spaces.",
    "missing.csv": "files named in 'missing.csv' is not there; the first is 'good/cat/lost.png' in line 3.",
    "columns.csv": "'columns.csv' has no column for the path of a photo",
    "objects.npz": "'images' in 'objects.npz' holds Python objects, which are never unpickled",
    "cifar-10-batches-py": "it is no CIFAR-10 batch, and was not run.",
    "good --epochs 0": "--epochs 0 makes no training.",
    "good --net fasst": "There is no net 'fasst'.",
    "good --time soon": "--time 'soon' is no length of time.",
    "good --from good": "There is no run in 'good'.",
    "good --val 2": "--val 2.0 is no share of the photos.",
    "good --val 0.6 --test 0.6": "--val 0.6 and --test 0.6 leave too little to train on.",
    "good --seed -1": "--seed -1 is no seed.",
    "good --backbone mobilenetv2": "--backbone mobilenetv2 does nothing in recipe cnn.",
    "good --no-learning-curve": "--no-learning-curve does nothing in recipe cnn.",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("typed")
    put_data(folder)
    return folder


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_in_a_sentence_with_a_hint_and_nothing_is_left_of_it(place: Path, what: str) -> None:
    data, *words = [what] if (place / what).exists() else what.split()
    usual = [flag for flag in QUICK if flag.split("=")[0] not in words]
    told = typed(place, "train", data, *usual, *words)
    assert told.returncode == 1, told.stderr
    sentence, hint = told.stderr.strip().splitlines()[-2:]
    assert REFUSED[what] in sentence
    assert hint
    assert "Traceback" not in told.stderr
    assert told.stdout == ""
    assert not (place / "runs").exists() or not any((place / "runs").iterdir())
    assert not (place / "OWNED").exists()


def test_an_option_of_other_recipes_is_refused_though_it_has_its_usual_value(place: Path) -> None:
    told = typed(place, "train", "good", "--recipe", "transfer", "--net", "fast")
    assert told.returncode == 1
    assert "--net fast does nothing in recipe transfer." in told.stderr
    assert "--backbone" in told.stderr


def test_a_word_that_is_no_choice_is_a_matter_of_usage(place: Path) -> None:
    told = typed(place, "train", "good", "--recipe", "cn")
    assert told.returncode == 2
    assert "cnn" in told.stderr + told.stdout


def test_bad_files_among_good_ones_are_named_and_training_goes_on(tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "pets", "cat", "dog", photos=14)
    put(folder / "cat" / "a pixel.png", 1, 1, seed=99)
    (folder / "cat" / "zero.jpg").write_bytes(b"")
    (folder / "dog" / "text.jpg").write_text("hello, I am no photo")
    (folder / "dog" / "huge.png").write_bytes(claimed(30_000, 30_000))
    for number in range(1_000):
        (folder / "dog" / f"z {number}.png").write_bytes(claimed(8, 8) + bytes([number % 256, number // 256]))
    told = typed(tmp_path, "train", "pets", *QUICK, "--epochs", "1", "--name", "pets")
    assert told.returncode == 0, told.stderr
    assert "1,003 files left out" in told.stderr
    report = (tmp_path / "runs" / "pets" / "report.html").read_text(encoding="utf-8")
    for name, reason in (
        ("zero.jpg", "an empty file"),
        ("text.jpg", "not a picture (it starts with"),
        ("huge.png", "too large: more than 100 megapixels"),
    ):
        assert name in report
        assert reason in report
    again = typed(tmp_path, "train", "pets", *QUICK, "--epochs", "1", "--name", "pets")
    assert again.returncode == 1
    assert "There is a finished run 'pets' already." in again.stderr


def claimed(height: int, width: int) -> bytes:
    """A PNG that says it has this size, with hardly any pixels in it."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0"))


def test_classes_may_have_any_names(tmp_path: Path) -> None:
    names = ("katze 'ä'", "кот <b>bold</b>", '猫 "q" & co')
    class_folders(tmp_path / "names", *names, photos=12)
    assert typed(tmp_path, "train", "names", *QUICK, "--epochs", "1", "--name", "n").returncode == 0
    report = (tmp_path / "runs" / "n" / "report.html").read_text(encoding="utf-8")
    assert "<b>bold" not in report
    assert "кот &lt;b&gt;bold" in report
    told = typed(tmp_path, "predict", "runs/n", "names/katze 'ä'/0.png")
    assert told.returncode == 0
    assert any(name in told.stdout for name in names)


def test_a_disk_that_may_not_be_written_is_named_before_anything_is_learnt(place: Path) -> None:
    told = typed(place, "train", "good", *QUICK, "--runs", "/proc/runs")
    assert told.returncode == 1
    assert "/proc/runs" in told.stderr
    assert "Traceback" not in told.stderr


def test_without_a_terminal_a_network_is_fetched_only_with_a_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("huggingface_hub")
    class_folders(tmp_path / "pets", "cat", "dog", photos=12)
    with Hub({"models/timm/mobilenetv2_100.ra_in1k": {"model.safetensors": b"no weights"}}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
        monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
        monkeypatch.delenv("WHATSIT_DATA", raising=False)
        words = ("train", "pets", "--recipe", "transfer", "--backbone", "mobilenetv2")
        refused = typed(tmp_path, *words)
        assert refused.returncode == 1
        assert "timm/mobilenetv2_100.ra_in1k was not fetched: nobody agreed to it (10 B from" in refused.stderr
        assert "Give --yes to fetch it." in refused.stderr
        assert hub.sent == []
        agreed = typed(tmp_path, *words, "--yes")
        assert hub.sent == ["model.safetensors"]
        assert "is damaged or was cut short" in agreed.stderr
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").iterdir())

"""`backbones --measure`: the networks that are here, on photos of a folder."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from photos import scene
from torchless import NO_TORCH
from whatsit import backbones
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.image import encode_jpeg
from whatsit.model.share import Share
from whatsit.road.backbones import LEAST_A_CLASS, MOST_PHOTOS, Backbones, MeasuredNetwork, _draw

WITHOUT_TORCH = f"{NO_TORCH}\nfrom whatsit.cli import main; main()"


@pytest.fixture(autouse=True)
def no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WHATSIT_DATA", raising=False)


@pytest.fixture
def shaded(tmp_path: Path) -> Path:
    """Twelve dark scenes and twelve light ones."""
    for place, label in enumerate(("dark", "light")):
        (tmp_path / "shaded" / label).mkdir(parents=True)
        for number in range(12):
            pixels = scene(64, 64, seed=20 * place + number) // 2 + 127 * place
            (tmp_path / "shaded" / label / f"{number}.jpg").write_bytes(encode_jpeg(pixels.astype(np.uint8)))
    return tmp_path / "shaded"


def rows(name: str, counts: list[int], folder: Path) -> Path:
    """A table whose rows name one photo each; that they are not there is no matter for drawing."""
    file = folder / f"{name}.npz"
    labels = np.repeat(np.arange(len(counts)), counts)
    pixels = np.random.default_rng(0).integers(0, 256, (len(labels), 4, 4, 3), dtype=np.uint8)
    np.savez(file, x=pixels, y=labels)
    return file


def typed(*words: str, program: str = "") -> subprocess.CompletedProcess[str]:
    how = ["-c", program] if program else ["-m", "whatsit"]
    return subprocess.run([sys.executable, *how, "backbones", *words], capture_output=True, text=True)


def test_networks_are_measured_without_torch(shaded: Path) -> None:
    (shaded / "dark" / "torn.jpg").write_bytes(b"no photo")
    done = typed("--measure", str(shaded), "--json", program=WITHOUT_TORCH)
    assert "1 file left out" in done.stderr
    found = json.loads(done.stdout)
    assert (found["data"], found["photos"], found["classes"]) == ("shaded", 24, 2)
    one = next(one for one in found["measured"] if one["name"] == "lite0")
    assert one["n"] == 24
    assert one["accuracy"] == one["right"] / 24 >= 0.9
    assert one["interval"][0] < one["accuracy"] <= one["interval"][1]
    assert one["seconds"] > 0


def test_the_list_names_every_network_and_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = typed()
    assert done.returncode == 0, done.stderr
    for one in backbones().networks:
        assert f"\n{one.name}: {one.where}\n" in done.stdout
    table = done.stdout.partition("\nlite0: ")[0]
    assert max(map(len, table.splitlines())) <= 80
    assert {name for name in ("lite0", "mobilenetv2", "Apache-2.0") if name not in table} == set()


def test_copies_are_never_on_both_sides(tmp_path: Path) -> None:
    """Every photo stands there twice, and labels are chance: who saw the copy would name all of them right."""
    labels = np.random.default_rng(0).permutation(np.repeat(["odd", "even"], 15))
    for number, label in enumerate(labels):
        (tmp_path / "twice" / label).mkdir(parents=True, exist_ok=True)
        for copy in "ab":
            (tmp_path / "twice" / label / f"{number}{copy}.jpg").write_bytes(encode_jpeg(scene(64, 64, number)))
    found = next(one for one in backbones(tmp_path / "twice").measured if one.name == "lite0")
    assert found.accuracy.n == 60
    assert found.accuracy.value < 0.8


@pytest.mark.parametrize("counts", [[400, 400], [5, 2000], [3, 9, 400], [10] * 70, [2] * 3])
def test_the_photos_drawn_are_few_the_same_and_of_every_class(counts: list[int], tmp_path: Path) -> None:
    dataset = read(str(rows("many", counts, tmp_path)))
    drawn, again = _draw(dataset), _draw(dataset)
    np.testing.assert_array_equal(drawn.labels, again.labels)
    kept = drawn.counts()
    assert kept.sum() <= MOST_PHOTOS
    assert kept.sum() >= min(sum(counts), MOST_PHOTOS) - len(counts)
    classes = min(len(counts), MOST_PHOTOS // LEAST_A_CLASS)
    assert np.count_nonzero(kept) == classes
    for count, was in zip(kept.tolist(), counts, strict=True):
        assert count == 0 or count >= min(was, LEAST_A_CLASS)


def test_what_cannot_be_measured_is_said(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "one" / "cat").mkdir(parents=True)
    (tmp_path / "one" / "cat" / "0.jpg").write_bytes(encode_jpeg(scene()))
    for data, words in (
        (tmp_path / "nothere", "nothere"),
        (tmp_path / "one", "only one class"),
        (folder, "too few photos to compare networks: 12 can be asked"),
    ):
        with pytest.raises(UserError, match=words) as caught:
            backbones(data)
        assert caught.value.hint
    done = typed("--measure", str(folder))
    assert (done.returncode, done.stdout) == (1, "")


def test_where_no_network_is_here_that_is_said(shaded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an installation whose packages of weights were taken away."""
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if "efficientnet" in name else find(name, *more)
    )
    with pytest.raises(UserError, match="nothing to measure") as caught:
        backbones(shaded)
    assert "whatsit backbones" in caught.value.hint


def test_networks_inside_each_other_s_intervals_are_named_in_pairs() -> None:
    def measured(name: str, right: int) -> MeasuredNetwork:
        from whatsit.model.share import wilson

        return MeasuredNetwork(name, Share(right, 200, *wilson(right, 200)), 0.1)

    found = Backbones((), (measured("a", 190), measured("b", 186), measured("c", 120)), "some", 200, 2)
    assert found.alike == (("a", "b"),)
    assert found.as_dict()["alike"] == [["a", "b"]]

"""Plug-ins: those of the example package do their work as installed, and broken ones are named and left out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from drawing import drawn
from whatsit.image import encode_jpeg
from whatsit.plugins import GROUPS, Registry, of_class

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "whatsit-example"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the example's wheel was installed."""
    place = tmp_path_factory.mktemp("example")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place, EXAMPLE]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = place.glob("*.whl")
    target = place / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", target]
    subprocess.run([*install, wheel], check=True, capture_output=True)
    return target


def run(site: Path, *words: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """`whatsit …` with what lies in `site` installed."""
    path = os.pathsep.join([str(site), str(ROOT / "src")])
    environment = os.environ | {"PYTHONPATH": path, "COLUMNS": "200", "WHATSIT_CACHE": str(folder / "cache")}
    command = [sys.executable, "-m", "whatsit", *map(str, words)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def photos(folder: Path, blue: int = 255) -> None:
    """Twenty drawn photos of each of two classes in one folder, the class in their names."""
    folder.mkdir()
    for number in range(20):
        for label, red in (("cat", 40), ("dog", 200)):
            pixels = drawn(64, 64, seed=number)
            pixels[..., 0] = red + number
            pixels[..., 2] = pixels[..., 2] // 2 if blue == 255 else blue
            (folder / f"{label}_{number}.jpg").write_bytes(encode_jpeg(pixels))


def broken_package(site: Path, **lines: str) -> None:
    """A package of plug-ins in a folder: group → its lines."""
    info = site / "broken-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    groups = "".join(f"[whatsit.{group}]\n{text}\n" for group, text in lines.items())
    (info / "entry_points.txt").write_text(groups)


def test_one_of_each_kind_is_there_once_the_example_is_installed(installed: Path, tmp_path: Path) -> None:
    done = run(installed, "doctor", "--json", folder=tmp_path)
    plugins = json.loads(done.stdout)["plugins"]
    assert {plugin["kind"] for plugin in plugins} == set(GROUPS)
    assert {plugin["package"] for plugin in plugins} == {"whatsit-example 0.1.0"}
    assert {plugin["problem"] for plugin in plugins} == {""}


def test_a_reader_a_check_a_recipe_a_backbone_and_an_export_do_their_work(installed: Path, tmp_path: Path) -> None:
    photos(tmp_path / "pets")
    (tmp_path / "pets" / "portrait.jpg").write_bytes(encode_jpeg(drawn(64, 64)))
    seen = json.loads(run(installed, "info", "pets", "--json", folder=tmp_path).stdout)
    assert {one["label"]: one["photos"] for one in seen["classes"]} == {"cat": 20, "dog": 20}
    trained = run(installed, "train", "pets", "--recipe", "colours", "--name", "colours", folder=tmp_path)
    assert trained.returncode == 0, trained.stderr
    words = ["--recipe", "transfer", "--backbone", "mosaic", "--name", "mosaic"]
    trained = run(installed, "train", "pets", *words, folder=tmp_path)
    assert trained.returncode == 0, trained.stderr
    refused = run(installed, "train", "pets", "--recipe", "finetune", "--backbone", "mosaic", folder=tmp_path)
    assert refused.returncode == 1
    assert "can be looked through, not trained on" in refused.stderr
    for name in ("colours", "mosaic"):
        photo = tmp_path / "pets" / "dog_3.jpg"
        asked = run(tmp_path, "predict", f"runs/{name}", photo, "--json", folder=tmp_path)  # without the example
        assert json.loads(asked.stdout)["label"] == "dog", asked.stderr
    words = ["--to", "plain-onnx", "--into", "out"]
    done = run(installed, "export", "runs/mosaic", *words, folder=tmp_path)
    assert (tmp_path / "out" / "use.py").is_file(), done.stderr


def test_a_check_measures_every_photo_and_records_without_it_stay(installed: Path, tmp_path: Path) -> None:
    photos(tmp_path / "prints", blue=10)
    data = tmp_path / "data"
    for label in ("cat", "dog"):
        (data / label).mkdir(parents=True)
        for photo in (tmp_path / "prints").glob(f"{label}_*.jpg"):
            photo.rename(data / label / photo.name)
    without = run(tmp_path, "clean", "data", folder=tmp_path)
    assert "yellowed" not in without.stdout
    found = run(installed, "clean", "data", folder=tmp_path)
    assert "yellowed" in found.stdout, found.stderr
    assert run(tmp_path, "clean", "data", folder=tmp_path).stdout == without.stdout


@pytest.mark.parametrize(
    ("group", "line", "reason"),
    [
        ("sources", "gone = nowhere_to_be_found:SOURCE", "cannot be loaded (ModuleNotFoundError"),
        ("exports", "wrong = json:dumps", "it is no whatsit.exporting.folder.ExportKind"),
        ("readers", "wrong = json", "has no `matches` and `read`"),
        ("recipes", "cnn = json:dumps", "whatsit has one of that name"),
        ("checks", "raises = broken_module:CHECK", "cannot be loaded (ZeroDivisionError"),
        ("backbones", "wrong = json:dumps", "it is no whatsit.model.backbones.known.Published"),
    ],
)
def test_a_broken_one_is_named_and_left_out(group: str, line: str, reason: str, tmp_path: Path) -> None:
    broken_package(tmp_path, **{group: line})
    (tmp_path / "broken_module.py").write_text("1 / 0\n")
    done = run(tmp_path, "doctor", folder=tmp_path)
    assert done.returncode == 0
    assert f"of broken 1.0 ({group}) is left out: " in done.stderr
    assert reason in done.stderr


def test_a_broken_one_ends_nobody_s_work(tmp_path: Path) -> None:
    broken_package(
        tmp_path / "site", readers="gone = nowhere:x", checks="gone = nowhere:x", recipes="gone = nowhere:x"
    )
    photos(tmp_path / "pile")
    for label in ("cat", "dog"):
        (tmp_path / "pets" / label).mkdir(parents=True)
        for photo in (tmp_path / "pile").glob(f"{label}_*.jpg"):
            photo.rename(tmp_path / "pets" / label / photo.name)
    for words in (["clean", "pets"], ["train", "pets", "--recipe", "classical", "--models", "logistic"]):
        done = run(tmp_path / "site", *words, folder=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "of broken 1.0 (readers) is left out" in done.stderr
    assert "Traceback" not in done.stderr


def test_ours_come_first_and_need_no_look_at_what_is_installed() -> None:
    registry: Registry[int] = Registry("sources", {"one": 1, "two": 2}, of_class(int))
    assert registry["two"] == 2
    assert registry._added is None
    assert list(registry)[:2] == ["one", "two"]

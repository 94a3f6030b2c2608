"""Where torch is not installed: train, evaluate, predict and serve all work by the classical recipe."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import textwrap
import tomllib
import venv
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from tasks import shapes

from whatsit.image import encode_png

ROOT = Path(__file__).parents[4]
REFUSED = ("torch", "torchvision", "transformers", "onnxscript", "safetensors", "h5py", "cv2")
TRAIN = ["--recipe", "classical", "--features", "raw+hog", "--models", "logistic,svm-rbf", "--search-folds", "3"]


def folder_of_shapes(place: Path) -> Path:
    """A folder with a folder of PNG files a class."""
    dataset = shapes()
    for name, label, picture in zip(dataset.photos.names, dataset.labels, dataset.photos.array, strict=True):
        file = place / dataset.classes[label] / f"{name.split('/')[1]}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encode_png(picture))
    return place


def test_it_trains_evaluates_and_predicts_where_importing_torch_fails(tmp_path: Path) -> None:
    data = folder_of_shapes(tmp_path / "photos")
    photos = [str(photo) for photo in sorted((data / "bar 0").iterdir())]
    script = f"""
        import sys

        class Refusing:
            def find_spec(self, name, path=None, target=None):
                if name.split(".")[0] in {REFUSED!r}:
                    raise ImportError(f"{{name}} is not installed here")

        sys.meta_path.insert(0, Refusing())
        from whatsit.cli import app
        for words in (["train", {str(data)!r}, "--name", "bars", *{TRAIN!r}],
                      ["evaluate", "runs/bars"], ["predict", "runs/bars", *{photos!r}, "--json"]):
            app()(words, result_action="return_value")
        assert not {{"torch", "transformers"}} & set(sys.modules)
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count('"label": "bar 0"') > 20


def needed() -> set[str]:
    """The distributions that a plain `pip install whatsit` brings, by the metadata of those installed here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    waiting = [Requirement(line) for line in project["dependencies"]]
    found: set[str] = set()
    while waiting:
        wanted = waiting.pop()
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        if name in found or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        extras = wanted.extras or {""}
        for line in metadata.requires(name) or []:
            part = Requirement(line)
            if part.marker is None or any(part.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(part)
    return found


def bare_venv(place: Path) -> Path:
    """A virtual environment with the base dependencies and nothing else, linked from where they are installed."""
    venv.create(place, with_pip=False, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = place / "lib" / version / "site-packages"
    for name in needed():
        distribution = metadata.distribution(name)
        tops = {file.parts[0] for file in distribution.files or [] if not file.parts[0].startswith("..")}
        for top in tops - {"__pycache__"}:
            source = Path(str(distribution.locate_file(top)))
            target = packages / top
            if not target.exists():
                target.symlink_to(source)
    return place / "bin" / "python"


@pytest.mark.slow
def test_a_plain_install_without_extras_trains_evaluates_predicts_and_serves(tmp_path: Path) -> None:
    python = bare_venv(tmp_path / "venv")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT / "src"),
        "WHATSIT_CACHE": str(tmp_path / "cache"),
    }

    def whatsit(*words: str) -> str:
        ended = subprocess.run(
            [python, "-m", "whatsit", *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    without = subprocess.run([python, "-c", "import torch"], env=environment, capture_output=True, check=False)
    assert b"No module named 'torch'" in without.stderr
    data = folder_of_shapes(tmp_path / "photos")
    photos = sorted((data / "bar 1").iterdir())
    assert "test photos right" in whatsit("train", str(data), "--name", "bars", *TRAIN)
    whatsit("evaluate", "runs/bars")
    answers = whatsit("predict", "runs/bars", *map(str, photos), "--json").splitlines()
    assert sum(json.loads(line)["label"] == "bar 1" for line in answers) > 20

    command = [python, "-m", "whatsit", "serve", "runs/bars", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            address = next(found for line in server.stderr if (found := re.search(r"http://([\d.]+):(\d+)", line)))
            connection = http.client.HTTPConnection(address[1], int(address[2]), timeout=30)
            connection.request("POST", "/api/predict", photos[0].read_bytes(), {"Content-Type": "image/png"})
            reply = connection.getresponse()
            body = reply.read()
            connection.close()
        finally:
            server.terminate()
    assert reply.status == 200, body
    assert set(json.loads(body)["probabilities"]) == {"bar 0", "bar 1", "bar 2"}

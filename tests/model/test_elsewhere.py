"""The model file away from whatsit: onnxruntime alone in Python, and in Node, give what `predict --json` gives."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import whatsit
from drawing import drawn
from whatsit.data.dataset import dataset_of
from whatsit.data.photos import Arrays
from whatsit.image import encode_jpeg, encode_png
from whatsit.model.run import Run
from whatsit.road.train import train
from whatsit.training.options import NetOptions, TrainOptions

pytest.importorskip("torch", reason="training needs the extra 'train'")

ROOT = Path(__file__).parents[2]
NODE_MODULES = ROOT / "tests" / "node_modules"
CLOSE = 1e-5


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two classes of drawn pictures of 16 × 12 pixels, told apart by net fast."""
    photos = np.stack([drawn(12, 16, seed) for seed in range(80)])
    photos[::2, :, :, 0] //= 3
    data = dataset_of("drawn", Arrays(photos, [str(seed) for seed in range(80)], "0"), ["dark", "light"] * 40)
    options = TrainOptions(recipe="cnn", net=NetOptions(net="fast", epochs=2, precision="fp32"))
    return train(data, options, "drawn", tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def photos(run: Run) -> list[Path]:
    """PNGs of the model's size."""
    files = [run.folder.parent / f"{seed}.png" for seed in range(100, 108)]
    for seed, file in enumerate(files):
        file.write_bytes(encode_png(drawn(*run.model().facts.size, seed)))
    return files


@pytest.fixture(scope="module")
def jpegs(run: Run) -> list[Path]:
    """JPEGs much larger than the model's size, of sides that no power of two divides, full of detail."""
    files = []
    for seed, (height, width) in enumerate([(901, 1203), (1203, 901), (333, 517), (40, 41)]):
        noise = np.random.default_rng(seed).integers(-90, 91, (height, width, 1))
        photo = np.clip(drawn(height, width, seed) + noise, 0, 255).astype(np.uint8)
        files.append(run.folder.parent / f"{height}x{width}.jpg")
        files[-1].write_bytes(encode_jpeg(photo))
    return files


@pytest.fixture(scope="module")
def answers(run: Run, photos: list[Path]) -> list[list[float]]:
    return predict(run, photos)


def predict(run: Run, photos: list[Path]) -> list[list[float]]:
    """The probabilities that `predict --json` prints, in the order of the classes."""
    source = str(Path(whatsit.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-m", "whatsit", "predict", str(run.folder), *map(str, photos), "--json"],
        env={**os.environ, "PYTHONPATH": source},
        capture_output=True,
        text=True,
        check=True,
    )
    named = [json.loads(line)["probabilities"] for line in done.stdout.splitlines()]
    return [[one[name] for name in run.model().classes] for one in named]


def run_lines(lines: str, photo: Path) -> list[float]:
    """The probabilities that lines of a page give, in a Python of their own that does not import whatsit."""
    program = lines.replace("photo.jpg", str(photo))
    program += "\nimport sys; assert 'whatsit' not in sys.modules; print(probabilities[0].tolist())"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: list[float] = json.loads(done.stdout)
    return found


def find_lines(page: Path) -> str:
    lines = re.search(r"```python\n(import numpy as np, onnxruntime\n.*?)```", page.read_text("utf-8"), re.DOTALL)
    assert lines
    return lines[1]


def test_the_lines_of_the_readme(run: Run, photos: list[Path], jpegs: list[Path]) -> None:
    lines = find_lines(ROOT / "README.md")
    height, width = run.model().facts.size
    lines = lines.replace("(8, 8)", f"({width}, {height})").replace("(16, 16)", f"({2 * width}, {2 * height})")
    lines = lines.replace("runs/by-python", str(run.folder))
    asked = [*photos, *jpegs]
    for photo, answer in zip(asked, predict(run, asked), strict=True):
        assert run_lines(lines, photo) == pytest.approx(answer, abs=CLOSE)


def test_the_lines_of_the_runs_own_readme(run: Run, photos: list[Path], jpegs: list[Path]) -> None:
    lines = find_lines(run.folder / "README.md").replace('"model.onnx"', f'"{run.folder / "model.onnx"}"')
    asked = [photos[0], *jpegs]
    for photo, answer in zip(asked, predict(run, asked), strict=True):
        assert run_lines(lines, photo) == pytest.approx(answer, abs=CLOSE)


def test_node_gives_the_same(run: Run, photos: list[Path], answers: list[list[float]]) -> None:
    node = shutil.which("node")
    if not node or not (NODE_MODULES / "onnxruntime-web").exists():
        pytest.skip("needs node, and onnxruntime-web: npm install --prefix tests")
    program = """
        import * as ort from "onnxruntime-web";
        import { readFileSync } from "node:fs";
        const [model, raw, height, width] = process.argv.slice(2);
        const session = await ort.InferenceSession.create(readFileSync(model));
        const bytes = readFileSync(raw);
        const count = bytes.length / (height * width * 3);
        const pixels = new ort.Tensor("uint8", bytes, [count, +height, +width, 3]);
        const { probabilities } = await session.run({ pixels }, ["probabilities"]);
        console.log(JSON.stringify(Array.from(probabilities.data)));
    """
    height, width = run.model().facts.size
    raw = run.folder.parent / "photos.raw"
    raw.write_bytes(b"".join(drawn(height, width, seed).tobytes() for seed in range(len(photos))))
    script = NODE_MODULES / f"answer-{os.getpid()}.mjs"  # there, so that the import finds its package
    script.write_text(program, encoding="utf-8")
    try:
        command = [node, str(script), str(run.folder / "model.onnx"), str(raw), str(height), str(width)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    finally:
        script.unlink()
    given = np.array(json.loads(done.stdout)).reshape(len(photos), -1)
    for row, answer in zip(given, answers, strict=True):
        assert row.tolist() == pytest.approx(answer, abs=CLOSE)

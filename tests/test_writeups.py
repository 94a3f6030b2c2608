"""The commands of the pages on write-ups 4 and 5, run as they stand there on small stand-ins for the data."""

from __future__ import annotations

import os
import pickle
import re
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import whatsit
from drawing import class_folders, drawn

pytest.importorskip("torch", reason="training needs the extra 'train'")

ROOT = Path(__file__).parents[1]
ELSEWHERE = ("serve",)  # the serving tests start servers


def commands(page: str) -> list[list[str]]:
    """The page's commands in their order, each once."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    found = re.findall(r"`whatsit ([^`]+)`", text) + re.findall(r"^whatsit (.+)$", text, re.MULTILINE)
    return [words for words in (line.split("#")[0].split() for line in dict.fromkeys(found)) if len(words) > 1]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `data/`, where the named data sets lie, much smaller than they are."""
    folder = tmp_path_factory.mktemp("writeups")
    data = folder / "data"
    digits = np.stack([drawn(28, 28, seed).mean(axis=2).astype(np.uint8) for seed in range(160)])
    (data / "mnist").mkdir(parents=True)
    for stem, rows in (("train", slice(0, 120)), ("t10k", slice(120, 160))):
        idx(data / "mnist" / f"{stem}-images-idx3-ubyte", digits[rows])
        idx(data / "mnist" / f"{stem}-labels-idx1-ubyte", np.arange(160, dtype=np.uint8)[rows] % 2)
    cifar = data / "cifar-10-batches-py"
    cifar.mkdir()
    (cifar / "batches.meta").write_bytes(pickle.dumps({"label_names": ["plane", "ship"]}, 0))
    for name, seeds in (("data_batch_1", range(160)), ("test_batch", range(160, 200))):
        photos = np.stack([drawn(32, 32, seed) for seed in seeds]).transpose(0, 3, 1, 2)
        content = {b"data": photos.reshape(len(photos), -1), b"labels": [seed % 2 for seed in seeds]}
        (cifar / name).write_bytes(pickle.dumps(content, 2))
    wordnet = ("n01440764", "n03028079")
    class_folders(
        data / "imagenette", *(f"{part}/{name}" for part in ("train", "val") for name in wordnet), photos=24
    )
    return folder


def idx(file: Path, array: np.ndarray) -> None:
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    file.write_bytes(header + array.tobytes())


@pytest.mark.slow
@pytest.mark.parametrize("page", ["writeup-4.md", "writeup-5.md"])
def test_each_command_of_the_page_does_what_it_says(page: str, place: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(whatsit.__file__).parents[1]), "WHATSIT_DATA": "data"}
    work = place / page
    work.mkdir()
    (work / "data").symlink_to(place / "data")
    ran = 0
    for words in commands(page):
        if words[0] in ELSEWHERE:
            continue
        done = subprocess.run(
            [sys.executable, "-m", "whatsit", *words],
            cwd=work,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"whatsit {' '.join(words)}\n{done.stderr}"
        ran += 1
    assert ran >= 2
    for run in (work / "runs").iterdir():
        assert (run / "model.onnx").exists()
        assert (run / "report.html").exists()

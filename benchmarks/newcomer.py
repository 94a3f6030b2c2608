"""What a newcomer gets: README's install line in a fresh environment, and a folder of 150 cats and 150 dogs.

    python benchmarks/newcomer.py [DRAWS]      (WHATSIT_DATA holds cats-vs-dogs/)

The environment has nothing but what `pip install .` brings: no torch, no folder of data or weights, a cache of its
own. Each draw takes its photos from the training part, trains with `whatsit train animals`, and is measured by
`whatsit evaluate` on the 2,000 photos of the test part.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

from record import record

DATA = Path(os.environ.get("WHATSIT_DATA", "data")) / "cats-vs-dogs"
ROOT = Path(__file__).parents[1]
CLASSES = ("cats", "dogs")
PHOTOS = 150  # a class


def main(draws: int = 5) -> None:
    """Install, then train and measure as many times."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        venv.create(place / "venv", with_pip=True)
        programs = place / "venv" / ("Scripts" if os.name == "nt" else "bin")
        begun = time.perf_counter()
        subprocess.run([programs / "pip", "install", "--quiet", ROOT], check=True)
        installed_s = time.perf_counter() - begun
        packages = subprocess.run([programs / "pip", "list"], capture_output=True, text=True, check=True).stdout
        rows = [measure(place, programs / "whatsit", draw) for draw in range(draws)]
    figures = {
        "has_torch": "\ntorch " in packages,
        "install_seconds": round(installed_s, 1),
        "accuracy": round(statistics.mean(row["accuracy"] for row in rows), 4),
        "train_seconds": round(statistics.median(row["train_seconds"] for row in rows), 1),
        "draws": rows,
    }
    record("newcomer", "animals", figures)


def measure(place: Path, whatsit: Path, draw: int) -> dict[str, Any]:
    """One draw's accuracy on the test part, and the seconds of its training from photos never seen."""
    name = f"animals-{draw}"
    for label in CLASSES:
        files = sorted((DATA / "train" / label).iterdir())
        (place / name / label).mkdir(parents=True)
        for file in random.Random(draw).sample(files, PHOTOS):
            shutil.copy(file, place / name / label)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("WHATSIT", "PYTHON"))}
    environment = kept | {"WHATSIT_CACHE": str(place / "cache")}
    begun = time.perf_counter()
    subprocess.run([whatsit, "train", name], cwd=place, env=environment, check=True)
    train_s = time.perf_counter() - begun
    (run,) = (place / "runs").glob(f"{name}-*")
    command = [whatsit, "evaluate", run, "--data", DATA / "test", "--json"]
    done = subprocess.run(command, cwd=place, env=environment, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    recipe = json.loads((run / "run.json").read_text(encoding="utf-8"))["recipe"]
    return {"accuracy": found["accuracy"], "n": found["n"], "recipe": recipe, "train_seconds": round(train_s, 1)}


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

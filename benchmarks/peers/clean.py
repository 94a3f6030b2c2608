"""imagededup's perceptual hash and CleanVision's checks, for benchmarks/clean.py, in an environment of their own:

python -m venv PEERS
PEERS/bin/pip install cleanvision scikit-learn PyWavelets
PEERS/bin/pip install --no-deps imagededup

imagededup imports torch for its network, which is not used here: an empty module stands in where it is missing.
Prints a line of JSON.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import sys
import time
from pathlib import Path
from unittest.mock import MagicMock

import scipy.fftpack  # noqa: F401 - before the stand-ins: scipy looks whether torch is imported
import sklearn.metrics.pairwise  # noqa: F401

STAND_INS = [
    f"torch{rest}"
    for rest in (
        *("", ".nn", ".nn.functional", ".utils", ".utils.data", "vision", "vision.transforms"),
        *("vision.models", "vision.models.vision_transformer", "vision.models.mobilenetv3"),
        "vision.models.efficientnet",
    )
]


def perceptual_hash() -> object:
    absent = [name for name in STAND_INS if importlib.util.find_spec("torch") is None]
    sys.modules.update({name: MagicMock() for name in absent})
    from imagededup.methods import PHash

    for name in absent:
        del sys.modules[name]
    return PHash(verbose=False)


def pairs(folder: Path) -> dict[str, object]:
    """The pairs that imagededup calls duplicates, at its usual distance of 10."""
    finder = perceptual_hash()
    encodings = {
        str(file.relative_to(folder)): finder.encode_image(str(file)) for file in sorted(folder.rglob("*.jpg"))
    }
    found = finder.find_duplicates(
        encoding_map=encodings, max_distance_threshold=10, search_method="bktree", num_dist_workers=0
    )
    return {"pairs": sorted({tuple(sorted((name, other))) for name, others in found.items() for other in others})}


def speed(folder: Path) -> dict[str, object]:
    """Seconds for hashing, and for CleanVision's checks, of all photos below a folder, one process each."""
    files = [str(file) for file in sorted(folder.rglob("*.jpg"))]
    finder = perceptual_hash()
    begun = time.perf_counter()
    for file in files:
        finder.encode_image(file)
    hashed = time.perf_counter()
    from cleanvision import Imagelab

    started = time.perf_counter()
    lab = Imagelab(filepaths=files)
    lab.find_issues(verbose=False, n_jobs=1)
    return {
        "photos": len(files),
        "imagededup_s": hashed - begun,
        "cleanvision_s": time.perf_counter() - started,
        "issues": {name: int(lab.issues[name].sum()) for name in lab.issues if name.startswith("is_")},
    }


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        answer = {"pairs": pairs, "speed": speed}[sys.argv[1]](Path(sys.argv[2]))
    print(json.dumps(answer))

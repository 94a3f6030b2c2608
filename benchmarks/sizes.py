"""What an installation weighs, on this system: all files that pip puts into a fresh environment.

    python benchmarks/sizes.py base      what `pip install whatsit` brings: serve, predict, classical, transfer
    python benchmarks/sizes.py serve     what a kit's server gets: serve.lock, and whatsit

Both are installed from the package index that pip is set to, in the versions that are tested.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from record import record

from whatsit.deploying.lock import LOCK
from whatsit.deploying.wheel import build_wheel, wheel_name

ROOT = Path(__file__).parents[1]
SHOWN = 12  # packages that are named


def main(which: str) -> None:
    """Install one of the two and weigh it."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        subprocess.run([sys.executable, "-m", "venv", place / "venv"], check=True)
        pip = [str(place / "venv/bin/python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        begun = time.monotonic()
        if which == "base":
            subprocess.run([*pip, "install", "--constraint", str(ROOT / "constraints.txt"), str(ROOT)], check=True)
        else:
            install_served(pip, place)
        seconds = time.monotonic() - begun
        whole = subprocess.run([*pip, "check"], check=False).returncode == 0
        record("sizes", which, {**weigh(place / "venv"), "seconds": round(seconds, 1), "requirements_met": whole})


def install_served(pip: list[str], place: Path) -> None:
    """serve.lock and the wheel, as a release installs them."""
    (place / wheel_name()).write_bytes(build_wheel())
    hashed = ["--require-hashes", "--only-binary=:all:", "--no-deps", "-r", str(LOCK)]
    subprocess.run([*pip, "install", *hashed], check=True)
    subprocess.run([*pip, "install", "--no-index", "--no-deps", str(place / wheel_name())], check=True)


def weigh(environment: Path) -> dict[str, Any]:
    """Megabytes of all packages but pip, and of the largest."""
    (library,) = environment.glob("lib/python*/site-packages")
    sizes = {one.metadata["Name"]: size_of(one) / 1e6 for one in distributions(path=[str(library)])}
    for own in ("pip", "setuptools"):  # of every environment
        sizes.pop(own, None)
    largest = sorted(sizes, key=lambda name: -sizes[name])[:SHOWN]
    return {
        "megabytes": round(sum(sizes.values()), 1),
        "packages": len(sizes),
        "largest": {name: round(sizes[name], 1) for name in largest},
    }


def size_of(package: Distribution) -> int:
    """The bytes of a package's files, with what Python compiled of them."""
    files = {Path(str(file.locate())) for file in package.files or ()}
    return sum(file.stat().st_size for file in files if file.exists())


if __name__ == "__main__":
    main(sys.argv[1])

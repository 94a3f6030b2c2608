"""The wheel of the installed files, and the lock beside it."""

from __future__ import annotations

import subprocess
import sys
from email.parser import Parser
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import whatsit
from whatsit.deploying.lock import PACKAGES
from whatsit.deploying.wheel import build_wheel, wheel_name

ROOT = Path(__file__).parents[2]


def test_a_wheel_installs_and_its_command_runs(tmp_path: Path) -> None:
    (tmp_path / wheel_name()).write_bytes(build_wheel())
    target = tmp_path / "there"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", target]
    subprocess.run([*map(str, install), str(tmp_path / wheel_name())], check=True)
    done = subprocess.run(
        [sys.executable, "-m", "whatsit", "--version"],
        env={"PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == whatsit.__version__
    assert (target / "whatsit/deploying/serve.lock").exists()
    assert (target / "whatsit/web/static/whatsit.css").exists()


def test_a_wheel_is_the_same_bytes_each_time() -> None:
    assert build_wheel() == build_wheel()


def test_a_wheel_asks_for_what_the_lock_has() -> None:
    with ZipFile(BytesIO(build_wheel())) as archive:
        text = archive.read(f"whatsit-{whatsit.__version__}.dist-info/METADATA").decode()
    assert tuple(Parser().parsestr(text).get_all("Requires-Dist", [])) == PACKAGES

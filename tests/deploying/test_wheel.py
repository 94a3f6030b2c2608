"""The wheel of the installed files, and the lock beside it."""

from __future__ import annotations

import re
import subprocess
import sys
from email.parser import Parser
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import whatsit
from whatsit.data.faces.face import FACE
from whatsit.deploying.lock import FACES_PACKAGES, LOCK, MACHINES, PACKAGES, PYTHONS, lock_of, locked_versions
from whatsit.deploying.wheel import wheel, wheel_name

ROOT = Path(__file__).parents[2]


def test_a_wheel_installs_and_its_command_runs(tmp_path: Path) -> None:
    (tmp_path / wheel_name()).write_bytes(wheel())
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
    assert wheel() == wheel()


def test_a_wheel_asks_for_what_the_lock_has() -> None:
    with ZipFile(BytesIO(wheel())) as archive:
        text = archive.read(f"whatsit-{whatsit.__version__}.dist-info/METADATA").decode()
    assert tuple(Parser().parsestr(text).get_all("Requires-Dist", [])) == PACKAGES


def test_the_lock_pins_everything_with_a_hash() -> None:
    text = LOCK.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z])", text.split("\n\n", 1)[1].strip())
    versions = locked_versions(text)
    assert len(entries) == len(versions)
    assert set(PACKAGES) <= set(versions)
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", entry) for entry in entries)


def test_the_lock_has_a_wheel_of_every_python_and_machine() -> None:
    entry = next(part for part in LOCK.read_text().split("\n\n")[1].split("\nnumpy==")[1:])
    hashes = re.findall(r"--hash", re.split(r"\n(?=[a-z])", entry)[0])
    assert len(hashes) == len(PYTHONS) * len(MACHINES)


def test_the_lock_keeps_to_the_versions_we_test_with() -> None:
    constraints = {
        name.lower().replace("_", "-"): version
        for name, version in re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    }
    locked = locked_versions(LOCK.read_text(encoding="utf-8"))
    assert {name: version for name, version in locked.items() if constraints.get(name, version) != version} == {}


def test_a_model_of_faces_gets_what_finds_them_and_another_does_not() -> None:
    versions = [locked_versions(lock_of(crop).decode()) for crop in ("", FACE)]
    assert set(versions[1]) - set(versions[0]) == set(FACES_PACKAGES)
    assert int(versions[1]["opencv-python-headless"].split(".")[0]) < 5  # later ones have no cascades


def test_nothing_that_trains_is_locked() -> None:
    assert not {"torch", "onnx", "scikit-learn", "matplotlib", "scipy"} & set(locked_versions(LOCK.read_text()))

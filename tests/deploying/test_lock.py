"""What a server is installed from: pinned, hashed, for every machine, and without what trains."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from whatsit.data.faces.face import FACE
from whatsit.deploying.lock import (
    CERTBOT_LOCK,
    FACES_PACKAGES,
    LOCK,
    MACHINES,
    PACKAGES,
    PYTHONS,
    lock_of,
    read_locked_versions,
)

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("lock", "packages"), [(LOCK, PACKAGES), (CERTBOT_LOCK, ("certbot", "acme", "josepy"))])
def test_the_lock_pins_everything_with_a_hash(lock: Path, packages: tuple[str, ...]) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z])", text.split("\n\n", 1)[1].strip())
    versions = read_locked_versions(text)
    assert len(entries) == len(versions)
    assert set(packages) <= set(versions)
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
    locked = read_locked_versions(LOCK.read_text(encoding="utf-8"))
    assert {name: version for name, version in locked.items() if constraints.get(name, version) != version} == {}


def test_a_model_of_faces_gets_what_finds_them_and_another_does_not() -> None:
    versions = [read_locked_versions(lock_of(crop).decode()) for crop in ("", FACE)]
    assert set(versions[1]) - set(versions[0]) == set(FACES_PACKAGES)
    assert int(versions[1]["opencv-python-headless"].split(".")[0]) < 5  # later ones have no cascades


def test_nothing_that_trains_is_locked() -> None:
    assert not {"torch", "onnx", "scikit-learn", "matplotlib", "scipy"} & set(
        read_locked_versions(LOCK.read_text())
    )


def test_versions_are_read_from_what_pip_reads() -> None:
    text = (
        "# a lock\n\nattrs==26.1.0 \\\n    --hash=sha256:00\npython-multipart==0.0.20 \\\n    --hash=sha256:11\n"
    )
    assert read_locked_versions(text) == {"attrs": "26.1.0", "python-multipart": "0.0.20"}


def test_everything_that_the_server_imports_is_locked() -> None:
    import subprocess

    code = "import whatsit.cli.serve, whatsit.serving.server, sys; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    from importlib.metadata import packages_distributions

    owners = packages_distributions()
    ours = {owner.lower().replace("_", "-") for name in loaded for owner in owners.get(name, ())} - {"whatsit"}
    # a development install's own hooks; what aiohttp and anyio import where it is there, and starlette, for forms,
    # which we read; and what else lies in the namespace `backports`, where libraries look for what newer Pythons
    # have
    allowed_here = {"setuptools", "pip", "python-multipart", "backports.tarfile", "brotli", "sniffio"}
    assert ours - set(read_locked_versions(LOCK.read_text(encoding="utf-8"))) - allowed_here == set()

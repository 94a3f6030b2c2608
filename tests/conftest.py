"""What every test shares: a cache of its own, and one thread for training (many small steps, a busy machine)."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from models import Tiny
    from postgres import Postgres

os.environ.setdefault("OMP_NUM_THREADS", "1")
# Where tests run as a job in the background, the shell has them ignore Ctrl-C, and so would all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests take minutes by themselves, and several times that where others work beside them."""
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(1200))


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Class folders `cat` and `dog` with six sharp photos each, all different."""
    from photos import scene
    from whatsit.image import encode_jpeg

    root = tmp_path / "pets"
    for place, label in enumerate(("cat", "dog")):
        (root / label).mkdir(parents=True)
        for number in range(6):
            (root / label / f"{number}.jpg").write_bytes(encode_jpeg(scene(seed=10 * place + number)))
    return root


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """A finished run of a tiny model that tells drawn colours apart."""
    from models import tiny_run

    return tiny_run(tmp_path_factory.mktemp("runs") / "colours")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of the tests' own; skipped where it is not installed."""
    from postgres import running_postgres

    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from web.server import Authority

    if not shutil.which("openssl"):
        pytest.skip("openssl, which makes the test certificates, is not installed")
    return Authority(tmp_path_factory.mktemp("certificates")).make()


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """A folder of real data by name; the test is skipped where it is not on this machine."""

    def find(name: str) -> Path:
        place = os.environ.get("WHATSIT_DATA")
        if not place or not (Path(place) / name).is_dir():
            pytest.skip(f"needs {name} in $WHATSIT_DATA")
        return Path(place) / name

    return find


@pytest.fixture(scope="session")
def portrait() -> bytes:
    """A photo with one face in it that nobody minds: astronaut Eileen Collins, by NASA."""
    from whatsit.image import encode_jpeg

    data = pytest.importorskip("skimage.data", reason="needs scikit-image, which brings the photo")
    return encode_jpeg(data.astronaut())


@pytest.fixture(scope="session")
def yunet_file() -> Path:
    """The published file of YuNet; the test is skipped where it is not on this machine."""
    place = os.environ.get("WHATSIT_YUNET")
    if not place or not Path(place).is_file():
        pytest.skip("needs face_detection_yunet_2023mar.onnx, named by $WHATSIT_YUNET")
    return Path(place)


@pytest.fixture(scope="session")
def face_network_file() -> Path:
    """The published file of the face network; the test is skipped where it is not on this machine."""
    place = os.environ.get("WHATSIT_FACE_NETWORK")
    if not place or not Path(place).is_file():
        pytest.skip("needs face_recognition_model.bin, named by $WHATSIT_FACE_NETWORK")
    return Path(place)

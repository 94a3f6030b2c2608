"""A web with certificates, for the tests of fetching."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from web.server import Authority, Web
from whatsit.image import encode_jpeg

NAMES = ("example.com", "*.example.com", "example.org", "*.example.org", "*.example.net", "xn--bcher-kva.example")


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("openssl"):
        pytest.skip("openssl, which makes the test certificates, is not installed")
    return Authority(tmp_path_factory.mktemp("certificates"), NAMES).make()


@pytest.fixture
def web(certificates: Path) -> Iterator[Web]:
    with Web(certificates) as running:
        yield running


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    drawn = np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8)
    return encode_jpeg(drawn)

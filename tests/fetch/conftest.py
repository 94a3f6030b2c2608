"""A web with certificates, for the tests of fetching."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from web.server import Web
from whatsit.image import encode_jpeg


@pytest.fixture
def web(certificates: Path) -> Iterator[Web]:
    with Web(certificates) as running:
        yield running


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    drawn = np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8)
    return encode_jpeg(drawn)

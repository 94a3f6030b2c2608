"""What every test shares: a cache of its own."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # `from models import …` in every folder of tests


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from web.server import Authority

    if not shutil.which("openssl"):
        pytest.skip("openssl, which makes the test certificates, is not installed")
    return Authority(tmp_path_factory.mktemp("certificates")).make()

"""Kits of a tiny model, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import Tiny, tiny_run
from whatsit.deploy.kit import DeployOptions
from whatsit.road import kit


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny_run(tmp_path_factory.mktemp("runs") / "colours")


@pytest.fixture(scope="session")
def ec2(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("kits") / "ec2"
    kit(tiny.run, out, "ec2", DeployOptions())
    return out

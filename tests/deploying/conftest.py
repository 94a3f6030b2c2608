"""Kits of a tiny model, made once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models import Tiny, tiny_run
from whatsit.deploying.kit import DeployOptions
from whatsit.deploying.ort_web import fetch_runtime
from whatsit.errors import UserError
from whatsit.road.deploy import deploy


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny_run(tmp_path_factory.mktemp("runs") / "colours")


@pytest.fixture(scope="session")
def ec2(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("kits") / "ec2"
    deploy(tiny.run, out, "ec2", DeployOptions())
    return out


@pytest.fixture(scope="session")
def ort_web() -> Path:
    """A folder with the npm package onnxruntime-web: $WHATSIT_ORT_WEB, or tests/, where npm puts it."""
    folder = Path(os.environ.get("WHATSIT_ORT_WEB", Path(__file__).parents[1]))
    try:
        fetch_runtime(folder)
    except UserError as error:
        pytest.skip(f"{error} `npm ci --prefix tests` brings it.")
    return folder

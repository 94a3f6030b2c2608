"""Kits of a tiny model, made once."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from models import Tiny, tiny_run
from whatsit.deploy.kit import DeployOptions
from whatsit.deploy.ort_web import VERSION
from whatsit.road import kit


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny_run(tmp_path_factory.mktemp("runs") / "colours")


@pytest.fixture(scope="session")
def ec2(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("kits") / "ec2"
    kit(tiny.run, out, "ec2", DeployOptions())
    return out


@pytest.fixture(scope="session")
def ort_web(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The npm package onnxruntime-web: $WHATSIT_ORT_WEB, or fetched by npm."""
    if named := os.environ.get("WHATSIT_ORT_WEB"):
        return Path(named)
    if not shutil.which("npm"):
        pytest.skip("no npm, which fetches onnxruntime-web")
    folder = tmp_path_factory.mktemp("npm")
    command = ["npm", "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run([*command, f"onnxruntime-web@{VERSION}"], capture_output=True, text=True, timeout=200)
    if done.returncode:
        pytest.skip("npm cannot fetch onnxruntime-web here")
    return folder

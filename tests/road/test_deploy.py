from __future__ import annotations

import json
from pathlib import Path

import pytest

from models import Tiny
from whatsit.deploying.kit import DeployOptions
from whatsit.errors import UserError
from whatsit.road.deploy import deploy


def test_a_browser_kit_has_the_page_of_serve_without_what_needs_a_server(tiny: Tiny, tmp_path: Path) -> None:
    if not any((Path("tests") / "node_modules" / "onnxruntime-web").glob("dist")):
        pytest.skip("needs onnxruntime-web from npm ci --prefix tests")
    options = DeployOptions(title="Which colour?", ort_web=Path("tests/node_modules/onnxruntime-web").resolve())
    deploy(tiny.run, tmp_path / "kit", "browser", options)
    page = (tmp_path / "kit" / "index.html").read_text(encoding="utf-8")
    assert "Which colour?" in page
    assert json.loads((tmp_path / "kit" / "kit.json").read_text())["kit"] == "browser"


def test_a_kit_carries_the_run_s_model(tiny: Tiny, tmp_path: Path) -> None:
    deploy(tiny.run, tmp_path / "kit", "docker", DeployOptions())
    models = list((tmp_path / "kit").rglob("model.onnx"))
    assert [file.read_bytes() for file in models] == [(tiny.run.folder / "model.onnx").read_bytes()]


def test_a_kit_is_not_written_into_its_own_run(tiny: Tiny) -> None:
    with pytest.raises(UserError, match="lies in the run's own folder"):
        deploy(tiny.run, tiny.run.folder / "kit", "docker", DeployOptions())
    assert not (tiny.run.folder / "kit").exists()

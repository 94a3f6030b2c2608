"""Draws depend on the seed and on what they are for, and on nothing of the machine or the Python that draws."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import whatsit
from whatsit.training.draws import LARGEST_SEED, generator_for, seed_for

PACKAGE = Path(whatsit.__file__).parent
TRAINING = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from models import colours
from whatsit.road.train import train
from whatsit.training.options import AugmentOptions, NetOptions, TrainOptions
net = NetOptions(net="simple", epochs=1, width=4, depth=1, dense=8, batch=20, precision="fp32")
options = TrainOptions(recipe="cnn", seed=5, net=net, augment=AugmentOptions("photo", noise=0.1))
train(colours(90), options, "run", Path(sys.argv[1]))
"""


def test_the_numbers_are_these_on_every_machine_and_python():
    assert seed_for(0, "weights") == 253_353_096_769_569_633
    assert generator_for(7, "order", 3).integers(0, 1000, 5).tolist() == [746, 223, 345, 223, 846]


def test_each_purpose_epoch_and_seed_has_numbers_of_its_own():
    seeds = {
        seed_for(seed, what, *numbers)
        for seed in (0, 1, 12)
        for what in ("weights", "changes", "12")
        for numbers in ((), (1,), (1, 2), (12,))
    }
    assert len(seeds) == 3 * 3 * 4
    assert all(0 <= seed < LARGEST_SEED for seed in seeds)


def test_nothing_in_the_package_asks_pythons_hash():
    asked = [
        f"{file.relative_to(PACKAGE)}:{node.lineno}"
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hash"
    ]
    assert asked == []


@pytest.mark.slow
def test_two_processes_that_hash_otherwise_give_the_same_file_to_the_byte(tmp_path):
    pytest.importorskip("torch", reason="training needs the extra 'train'")
    script = tmp_path / "script.py"
    script.write_text(TRAINING.format(tests=str(Path(__file__).parents[1])))
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONPATH": str(PACKAGE.parent), "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, script, tmp_path / seed], env=environment, check=True, capture_output=True)
    one, two = ((tmp_path / seed / "run" / "model.onnx").read_bytes() for seed in ("1", "2"))
    assert one == two

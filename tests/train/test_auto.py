"""Which recipe is taken where none is named."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from models import colours
from whatsit.data.dataset import Arrays, Dataset, dataset_of
from whatsit.files import cache_dir
from whatsit.train.auto import FEW, chosen_recipe
from whatsit.train.options import TrainOptions


@pytest.fixture(autouse=True)
def no_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("WHATSIT_DATA", raising=False)
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path))


def photos(count: int, side: int) -> Dataset:
    array = np.broadcast_to(np.uint8(0), (count, side, side, 3))
    labels = ["a", "b"] * (count // 2)
    return dataset_of("photos", Arrays(array, [str(row) for row in range(count)], "x"), labels)


def put_weights() -> None:
    file = cache_dir() / "weights" / "mobilenetv2.safetensors"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"weights")


def test_without_torch_it_is_classical(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else real(name))
    assert chosen_recipe(photos(FEW, 100), TrainOptions())[0] == "classical"


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="training needs the extra 'train'")
class TestWithTorch:
    def test_photos_and_a_backbone_at_hand_make_transfer(self) -> None:
        put_weights()
        assert chosen_recipe(photos(40, 100), TrainOptions())[0] == "transfer"

    def test_small_pictures_never_go_through_a_backbone(self) -> None:
        put_weights()
        assert chosen_recipe(photos(FEW, 32), TrainOptions())[0] == "cnn"

    def test_few_photos_without_a_backbone_are_classical(self) -> None:
        name, reason = chosen_recipe(colours(120), TrainOptions())
        assert name == "classical"
        assert "120 photos are few" in reason

    def test_many_photos_without_a_backbone_train_a_network(self) -> None:
        assert chosen_recipe(photos(FEW, 100), TrainOptions())[0] == "cnn"

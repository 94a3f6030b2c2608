"""What an epoch leaves on disk: gone on from by the version that wrote it, set aside by another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from whatsit.training.loop.checkpoint import CHECKPOINT, Progress  # noqa: E402
from whatsit.training.loop.network import Network  # noqa: E402


def progress(value: float = 0.0) -> Progress:
    """A network of one number, `value`, nothing learnt yet."""
    net = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(net.weight, value)
    network = Network(net, torch.zeros(3), torch.ones(3))
    return Progress(network, [torch.optim.SGD(network.parameters(), 0.1, momentum=0.9)])


def row(accuracy: float, loss: float = 1.0) -> dict[str, Any]:
    return {"val_accuracy": accuracy, "val_loss": loss}


def weight(of: Progress) -> float:
    return float(of.network.net.weight.detach())


def test_what_was_saved_is_gone_on_from(tmp_path: Path, told: list[str]) -> None:
    first = progress(3.0)
    first.add(row(0.5))
    first.save(tmp_path)
    second = progress()
    second.load(tmp_path)
    assert weight(second) == 3.0
    assert second.history == [row(0.5)]
    assert second.best.keys() == first.best.keys()
    assert told == ["Going on after epoch 1."]


def test_a_checkpoint_of_another_version_is_set_aside_and_the_training_starts_anew(
    tmp_path: Path, told: list[str]
) -> None:
    first = progress(3.0)
    first.add(row(0.5))
    first.save(tmp_path)
    content = torch.load(tmp_path / CHECKPOINT, weights_only=True)
    del content["format"]  # as 0.1.0 wrote it
    torch.save(content, tmp_path / CHECKPOINT)
    second = progress()
    second.load(tmp_path)
    assert weight(second) == 0.0
    assert second.history == []
    assert len(told) == 1
    assert "is of another version of whatsit" in told[0]
    assert "it starts anew" in told[0]
    assert [file.name for file in tmp_path.iterdir()] == [CHECKPOINT + ".aside"]


def test_where_nothing_was_saved_nothing_changes(tmp_path: Path, told: list[str]) -> None:
    fresh = progress(2.0)
    fresh.load(tmp_path)
    assert (weight(fresh), fresh.history, told) == (2.0, [], [])


def test_the_best_epochs_weights_come_back_and_of_equals_those_of_the_lower_loss() -> None:
    going = progress()
    for value, accuracy, loss in ((1.0, 0.8, 0.5), (2.0, 0.8, 0.4), (3.0, 0.8, 0.6), (4.0, 0.7, 0.1)):
        torch.nn.init.constant_(going.network.net.weight, value)
        going.add(row(accuracy, loss))
    going.restore_best()
    assert weight(going) == 2.0

"""The layers of a network in numbers, against numbers worked by hand."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from whatsit.training.loop.network import Network  # noqa: E402
from whatsit.training.loop.summary import summarise  # noqa: E402


def test_parameters_and_multiply_adds_are_those_worked_by_hand():
    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3, stride=2, padding=1), torch.nn.Flatten(), torch.nn.Linear(4 * 4 * 3, 5)
    )
    network = Network(net, torch.zeros(3), torch.ones(3)).train()
    found = summarise(network, (8, 6))
    assert found.parameters == (3 * 4 * 9 + 4) + (48 * 5 + 5)
    assert found.layers == 2  # what has nothing to learn is none
    assert found.multiply_adds == 3 * 4 * 9 * (4 * 3) + 48 * 5
    assert [line.split()[0] for line in found.text.splitlines()[1:4]] == ["Conv2d", "Flatten", "Linear"]
    assert "4 × 4 × 3" in found.text
    assert network.training  # it is left as it was

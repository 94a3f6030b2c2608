"""Optimisers and schedules."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from whatsit.training.loop.optimise import _orthogonal, build_optimisers, down_to_nothing, one_cycle  # noqa: E402


@pytest.mark.parametrize("shape", [(8, 40), (40, 8), (16, 16)])
def test_a_muon_step_is_near_the_orthogonal_factor(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    values = torch.linalg.svdvals(_orthogonal(matrix))
    u, _s, vh = torch.linalg.svd(matrix, full_matrices=False)
    assert values.min() > 0.4
    assert values.max() < 1.4
    assert torch.nn.functional.cosine_similarity(_orthogonal(matrix).flatten(), (u @ vh).flatten(), 0) > 0.9


def test_every_parameter_that_learns_has_one_optimiser() -> None:
    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Flatten(), torch.nn.Linear(4, 2)
    )
    for name in ("fast", "simple"):
        held = [
            id(parameter)
            for optimiser in build_optimisers(net, name, 1e-3, 32)
            for group in optimiser.param_groups
            for parameter in group["params"]
        ]
        assert sorted(held) == sorted(id(parameter) for parameter in net.parameters())


def test_schedules_run_from_high_to_nothing() -> None:
    cycle = one_cycle(0.1)
    assert cycle(0.1) == pytest.approx(1.0)
    assert cycle(0.05) < cycle(0.1) > cycle(0.5) > cycle(0.9)
    assert cycle(1.0) == pytest.approx(0.0)
    assert [down_to_nothing(done) for done in (0.0, 0.25, 1.0)] == [1.0, 0.75, 0.0]

"""Pretrained networks as bodies: what they give in torch, and the graph made of them."""

from __future__ import annotations

import numpy as np
import pytest

from whatsit.model.backbones.chain import IMAGENET, PLUS_MINUS_ONE, Normalisation

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from whatsit.model.graph.session import Session  # noqa: E402
from whatsit.training.backbones.body import Body, Chain, export_body  # noqa: E402


class Traced(Body):
    """A body that is no chain: the mean colour, and no map."""

    def __init__(self, normalisation: Normalisation) -> None:
        super().__init__()
        self.normalisation = normalisation

    def forward(self, photos: torch.Tensor) -> tuple[torch.Tensor, None]:
        return photos.mean((2, 3)), None


def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2, 8, 6, 3), np.uint8)


def normalised(normalisation: Normalisation) -> torch.Tensor:
    whole = (pixels() - np.array(normalisation.mean)) / np.array(normalisation.spread)
    return torch.from_numpy(whole).float().permute(0, 3, 1, 2)


def test_a_chain_gives_its_map_and_the_mean_over_it_and_so_does_its_graph():
    torch.manual_seed(0)
    body = Chain(torch.nn.Sequential(torch.nn.Conv2d(3, 5, 3, padding=1), torch.nn.ReLU()), IMAGENET).eval()
    with torch.inference_mode():
        features, map_ = body(normalised(IMAGENET))
    assert map_ is not None
    np.testing.assert_allclose(features, map_.mean((2, 3)), rtol=1e-5)
    found = Session(export_body(body, (8, 6))).run(pixels(), ("features", "map"))
    np.testing.assert_allclose(found[0], features, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found[1], map_, rtol=1e-4, atol=1e-5)


def test_any_other_body_is_traced_with_its_own_normalisation_and_without_a_map():
    content = export_body(Traced(PLUS_MINUS_ONE), (8, 6))
    session = Session(content)
    assert list(session.outputs) == ["features"]
    np.testing.assert_allclose(
        session.run(pixels(), ("features",))[0], normalised(PLUS_MINUS_ONE).mean((2, 3)), atol=1e-5
    )

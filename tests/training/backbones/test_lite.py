"""EfficientNet-Lite as modules of torch: what is trained on is what the graph without torch computes."""

from __future__ import annotations

import numpy as np
import pytest

from whatsit.model.backbones.find import find_backbone
from whatsit.model.graph.session import Session
from whatsit.training.backbones.convert import load_body, make_graph

torch = pytest.importorskip("torch")
from whatsit.training.backbones.body import Chain, export_body  # noqa: E402


@pytest.mark.parametrize("side", [64, 72])
def test_the_modules_and_the_graph_give_the_same(side):
    backbone = find_backbone("lite0")
    pixels = np.random.default_rng(0).integers(0, 256, (2, side, side, 3), np.uint8)
    body = load_body(backbone)
    assert isinstance(body, Chain)
    assert not body.layers.training
    photos = (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() - 127.5) / 127.5
    with torch.inference_mode():
        expected = body(photos)[0].numpy()
    for graph in (make_graph(backbone, (side, side)), export_body(body, (side, side))):
        (features,) = Session(graph).run(pixels, ("features",))
        np.testing.assert_allclose(features[:, : expected.shape[1]], expected, atol=1e-4)


def test_it_has_the_published_parameters():
    """4.65 million with the 1,000-way top (its 1,281,000 are not built)."""
    body = load_body(find_backbone("lite0"))
    assert sum(value.numel() for value in body.parameters()) == 4_652_008 - 1_281_000

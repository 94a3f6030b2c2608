"""A chain of layers written as a graph gives what torch gives."""

from __future__ import annotations

import numpy as np
import pytest

from whatsit.image import Size
from whatsit.model.backbones.chain import IMAGENET, PLUS_MINUS_ONE, Normalisation, write_chain
from whatsit.model.graph.session import Session

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from whatsit.training.backbones.chain import Block, SameConvolution, layers_of  # noqa: E402
from whatsit.training.backbones.mobilenetv2 import MobileNetV2  # noqa: E402
from whatsit.training.backbones.vgg16 import VGG16  # noqa: E402

PIXELS = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), np.uint8)


def lively(net: nn.Module) -> nn.Module:
    """The network with normalisations that do something."""
    torch.manual_seed(0)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.1, 0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1)
            nn.init.uniform_(module.bias, -0.1, 0.1)
        elif isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
    return net.eval()


def graph(layers: nn.Sequential, normalisation: Normalisation, size: Size = (64, 64)) -> bytes:
    return write_chain(layers_of(layers), normalisation, size).SerializeToString()


def by_torch(net: nn.Module, normalisation: Normalisation) -> np.ndarray:
    photos = torch.from_numpy(PIXELS).permute(0, 3, 1, 2).float()
    mean, spread = (
        torch.tensor(values).reshape(1, 3, 1, 1) for values in (normalisation.mean, normalisation.spread)
    )
    with torch.inference_mode():
        return net((photos - mean) / spread).numpy()


@pytest.mark.parametrize(
    ("net", "normalisation"),
    [(MobileNetV2(), IMAGENET), (MobileNetV2("tensorflow", 1e-3), PLUS_MINUS_ONE), (VGG16(), IMAGENET)],
    ids=["mobilenetv2", "mobilenetv2 of TensorFlow", "vgg16"],
)
def test_the_graph_gives_what_torch_gives(net, normalisation):
    net = lively(net)
    session = Session(graph(net.features, normalisation))
    features, map_ = session.run(PIXELS, ("features", "map"))
    expected = by_torch(net, normalisation)
    assert map_.shape == expected.shape
    np.testing.assert_allclose(map_, expected, atol=5e-4 * np.abs(expected).max())
    np.testing.assert_allclose(features, expected.mean((2, 3)), atol=5e-4 * np.abs(expected).max())


def test_an_odd_layout_gives_what_torch_gives():
    net = nn.Sequential(
        SameConvolution(3, 8, 3, 2),
        nn.ReLU(),
        Block(nn.Sequential(nn.Conv2d(8, 8, 3, padding=1, groups=4), nn.BatchNorm2d(8)), adds=True),
        Block(nn.Sequential(nn.Conv2d(8, 6, 1)), adds=False),
        nn.MaxPool2d(2),
    )
    net = lively(net)
    (map_,) = Session(graph(net, IMAGENET)).run(PIXELS, ("map",))
    np.testing.assert_allclose(map_, by_torch(net, IMAGENET), atol=1e-3)


def test_the_same_network_gives_the_same_bytes():
    net = lively(MobileNetV2())
    first, second = (graph(net.features, IMAGENET) for _ in range(2))
    assert first == second


def test_a_layer_nobody_knows_is_an_error_of_ours():
    with pytest.raises(TypeError, match="Softmax"):
        layers_of(nn.Sequential(nn.Softmax()))

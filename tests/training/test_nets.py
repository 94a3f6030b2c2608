"""Networks: shapes for every photo size, the counts that can be worked by hand, first-layer whitening."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from whatsit.errors import UserError  # noqa: E402
from whatsit.model.graph.session import Session  # noqa: E402
from whatsit.training.loop.network import Network, export_network  # noqa: E402
from whatsit.training.nets import NETS, fill_defaults, find_net  # noqa: E402
from whatsit.training.options import NetOptions  # noqa: E402


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("size", [(2, 2), (8, 8), (28, 28), (33, 47), (96, 96)])
def test_every_net_answers_for_every_photo_size(name: str, size: tuple[int, int]) -> None:
    options = fill_defaults(NetOptions(net=name, width=8), size)
    net = NETS[name].build(size, 5, options).eval()
    photos = torch.zeros((2, 3, *size))
    features = net.features(photos)
    assert features.ndim == 2
    assert torch.equal(net.head(features), net(photos))
    assert net(photos).shape == (2, 5)


def test_the_simple_net_has_the_layers_that_its_options_say() -> None:
    net = NETS["simple"].build((32, 32), 10, NetOptions("simple", depth=2, width=16, dropout=0.2, dense=64))
    convolutions = [module for module in net.modules() if isinstance(module, torch.nn.Conv2d)]
    assert [layer.out_channels for layer in convolutions] == [16, 16, 32, 32]
    assert sum(isinstance(module, torch.nn.MaxPool2d) for module in net.modules()) == 2
    assert any(isinstance(module, torch.nn.AvgPool2d) for module in net.modules())
    assert net.head.in_features == 64


def test_an_unknown_net_names_the_nearest() -> None:
    with pytest.raises(UserError, match="Did you mean 'simple'"):
        find_net("simpel")


def test_the_fast_nets_first_layer_whitens_the_photos_it_saw() -> None:
    torch.manual_seed(0)
    net = NETS["fast"].build((16, 16), 3, fill_defaults(NetOptions("fast"), (16, 16)))
    smooth = torch.nn.functional.avg_pool2d(torch.randn(200, 3, 20, 20), 5, 1)
    net.set_first_layer(smooth)
    out = net.whiten(smooth)[:, :12].permute(0, 2, 3, 1).reshape(-1, 12)
    covariance = out.T @ out / len(out)
    off_diagonal = covariance - torch.diag(covariance.diag())
    assert off_diagonal.abs().max() < 0.02
    assert covariance.diag().max() < 1.02


def test_the_first_layer_of_grey_photos_holds_no_blown_up_rounding() -> None:
    torch.manual_seed(0)
    net = NETS["fast"].build((16, 16), 3, fill_defaults(NetOptions("fast"), (16, 16)))
    grey = torch.randn(100, 1, 16, 16).repeat(1, 3, 1, 1)
    net.set_first_layer(grey)
    out = net.whiten(grey)
    assert out.std(dim=(0, 2, 3)).min() > 0.5  # no filter is left without a signal


def test_defaults_stand_aside_for_what_is_given() -> None:
    options = fill_defaults(NetOptions("simple", depth=5), (32, 32))
    assert options.depth == 5
    assert options.width == 32


@pytest.mark.parametrize("net", ["fast", "simple"])
def test_a_mirrored_network_answers_a_photo_and_its_mirror_image_the_same(net: str) -> None:
    size = (16, 12)
    options = fill_defaults(NetOptions(net=net), size)
    torch.manual_seed(0)
    built = Network(find_net(net).build(size, 3, options), torch.full((3,), 120.0), torch.full((3,), 60.0)).eval()
    photos = np.random.default_rng(0).integers(0, 256, (5, *size, 3), dtype=np.uint8)
    floats = torch.from_numpy(photos).permute(0, 3, 1, 2).float()
    with torch.inference_mode():
        expected = ((built(floats) + built(floats.flip(3))) / 2).numpy()
    session = Session(export_network(built, size, mirrored=True).SerializeToString())
    logits, features = session.run(photos, ["logits", "features"])
    assert np.allclose(logits, expected, atol=1e-4)
    for given, mirror in zip(
        (logits, features), session.run(photos[:, :, ::-1], ["logits", "features"]), strict=True
    ):
        assert np.allclose(given, mirror, atol=1e-5)
    plain = Session(export_network(built, size).SerializeToString()).run(photos, ["logits"])[0]
    assert not np.allclose(plain, expected, atol=1e-4)

"""A net with its normalisation in front: what is trained, and what is exported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from whatsit.data.pixels import Decoded
from whatsit.image import Size
from whatsit.training.export import export_module

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray

LOOKED_AT = 5_000  # photos that mean, spread and the first layer of net fast are taken from


class Network(nn.Module):
    """(n, 3, h, w) float photos in 0..255 → (n, classes) scores. `net` has `features` and `head`."""

    mean: torch.Tensor
    spread: torch.Tensor

    def __init__(self, net: nn.Module, mean: torch.Tensor, spread: torch.Tensor) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("mean", mean.reshape(1, 3, 1, 1))
        self.register_buffer("spread", spread.reshape(1, 3, 1, 1))

    def normalised(self, photos: torch.Tensor) -> torch.Tensor:
        """Photos as the net sees them: mean nothing and spread one over the training photos."""
        out: torch.Tensor = (photos - self.mean) / self.spread
        return out

    def forward(self, photos: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.net(self.normalised(photos))
        return scores


def build_network(net: nn.Module, decoded: Decoded, train: NDArray[np.int64]) -> Network:
    """`net` with the normalisation of the training photos; its first layer set from them where it wants that."""
    some = train[np.linspace(0, len(train) - 1, min(LOOKED_AT, len(train))).astype(np.int64)]
    photos = torch.from_numpy(decoded.take(some)).permute(0, 3, 1, 2).float()
    mean, spread = photos.mean((0, 2, 3)), photos.std((0, 2, 3)).clamp_min(1.0)
    network = Network(net, mean, spread)
    first_layer = getattr(net, "set_first_layer", None)
    if first_layer is not None:
        first_layer(network.normalised(photos))
    return network


def place(module: nn.Module, where: torch.device, layout: torch.memory_format = torch.channels_last) -> None:
    """Move a module to a device and a memory layout (channels last is the faster for convolutions everywhere)."""
    module.to(where, memory_format=layout)  # type: ignore[call-overload]  # torch's stub lacks it


class _Answering(nn.Module):
    """(n, h, w, 3) uint8 pixels → logits, features; where `mirrored`, features are the mean over both ways."""

    def __init__(self, network: Network, mirrored: bool) -> None:
        super().__init__()
        self.network = network
        self.mirrored = mirrored

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        photos = self.network.normalised(pixels.permute(0, 3, 1, 2).to(torch.float32))
        if self.mirrored:
            photos = torch.cat([photos, photos.flip(3)])
        features: torch.Tensor = self.network.net.features(photos)  # type: ignore[operator]
        if self.mirrored:
            features = features.reshape(2, -1, features.shape[1]).mean(dim=0)
        return self.network.net.head(features), features  # type: ignore[operator]


def export_network(network: Network, size: Size, mirrored: bool = False) -> onnx.ModelProto:
    """The network as an ONNX graph, `pixels` → `logits`, `features`, the batch free.

    mirrored: it looks at each photo and at its mirror image, and answers from the mean of both features
    """
    place(network, torch.device("cpu"), torch.contiguous_format)
    answering = _Answering(network, mirrored).eval()
    return export_module(answering, size, ("logits", "features"))

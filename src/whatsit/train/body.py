"""A pretrained network with its normalisation in front and the mean over its last map behind."""

from __future__ import annotations

import torch
from torch import nn

from whatsit.image import Size
from whatsit.train.nets.chain import chain_graph
from whatsit.train.weights import Normalisation


class Body(nn.Module):
    """(n, 3, h, w) photos in 0..255 → features (n, d), and the map (n, d, h', w') they are the mean of."""

    mean: torch.Tensor
    spread: torch.Tensor

    def __init__(self, layers: nn.Sequential, normalisation: Normalisation) -> None:
        super().__init__()
        self.layers = layers
        self.normalisation = normalisation
        self.register_buffer("mean", torch.tensor(normalisation.mean).reshape(1, 3, 1, 1))
        self.register_buffer("spread", torch.tensor(normalisation.spread).reshape(1, 3, 1, 1))

    def forward(self, photos: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        found = self.layers((photos - self.mean) / self.spread)
        return found.mean((2, 3)), found


def exported(body: Body, size: Size) -> bytes:
    """The network as an ONNX model, `pixels` → `features`, `map`, the batch free."""
    content: bytes = chain_graph(body.layers, body.normalisation, size).SerializeToString(deterministic=True)
    return content

"""A pretrained network without its top: what all of them give, and their export."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from whatsit.image import Size
from whatsit.model.backbones.chain import Normalisation, write_chain
from whatsit.model.graph.write import FEATURES, model_of
from whatsit.training.backbones.chain import layers_of
from whatsit.training.export import export_module

if TYPE_CHECKING:
    import onnx

MAP = "map"


class Body(nn.Module):
    """(n, 3, h, w) normalised photos → features (n, d), and the map (n, d, h', w') they average, or None."""

    normalisation: Normalisation


class Chain(Body):
    """A network that is a chain of layers (see chain.py)."""

    def __init__(self, layers: nn.Sequential, normalisation: Normalisation) -> None:
        super().__init__()
        self.layers = layers
        self.normalisation = normalisation

    def forward(self, photos: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        found = self.layers(photos)
        return found.mean((2, 3)), found


def export_body(body: Body, size: Size) -> bytes:
    """The network with its normalisation as an ONNX model: `pixels` → `features`, and `map` if it has one."""
    if isinstance(body, Chain):
        model = write_chain(layers_of(body.layers), body.normalisation, size)
    else:
        model = _trace(body, size)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


class _FromPixels(nn.Module):
    """(n, h, w, 3) uint8 pixels → features[, map]."""

    mean: torch.Tensor
    spread: torch.Tensor

    def __init__(self, body: Body) -> None:
        super().__init__()
        self.body = body
        self.register_buffer("mean", torch.tensor(body.normalisation.mean).reshape(1, 3, 1, 1))
        self.register_buffer("spread", torch.tensor(body.normalisation.spread).reshape(1, 3, 1, 1))

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, ...]:
        photos = pixels.permute(0, 3, 1, 2).to(torch.float32)
        features, map_ = self.body((photos - self.mean) / self.spread)
        return (features,) if map_ is None else (features, map_)


def _trace(body: Body, size: Size) -> onnx.ModelProto:
    whole = _FromPixels(body).eval()
    with torch.inference_mode():
        outputs = [FEATURES, MAP][: len(whole(torch.zeros((1, *size, 3), dtype=torch.uint8)))]
    return model_of(export_module(whole, size, outputs).graph)

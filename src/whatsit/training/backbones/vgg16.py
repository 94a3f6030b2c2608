"""VGG16 without its top: 14.7 million parameters, 15.3 billion multiply-adds, 512 features.

Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015, table 1,
column D. The names of the parameters are those of the published weights (`features.0.weight` …).
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from whatsit.model.backbones.chain import IMAGENET, Normalisation
from whatsit.training.backbones.weights import Tensors, fill

BLOCKS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))  # each ends in 2 × 2 pooling

# Keras keeps the Caffe weights: blue first, and only the mean subtracted.
CAFFE = Normalisation((123.68, 116.779, 103.939), (1.0, 1.0, 1.0))


# torchvision has them too, red first and without a top (IMAGENET1K_FEATURES), under the names of its other
# weights, which want another normalisation: mean and spread are as it states them.
FEATURES = Normalisation((0.48235 * 255, 0.45882 * 255, 0.40784 * 255), (1.0, 1.0, 1.0))
FEATURES_FILE = "vgg16_features"  # how the name of its file begins


class VGG16(nn.Module):
    """(n, 3, h, w) normalised photos → the last map, (n, 512, h/32, w/32)."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for block in BLOCKS:
            for wide in block:
                layers += [nn.Conv2d(channels, wide, 3, padding=1), nn.ReLU(inplace=True)]
                channels = wide
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)

    def forward(self, photos: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.features(photos)
        return out


def load(tensors: Tensors, file: Path) -> tuple[VGG16, Normalisation]:
    """The network with published weights, by torchvision's names (timm's are the same) or Keras', and the
    normalisation they were trained with."""
    net = VGG16()
    if "block1_conv1.weight" not in tensors:
        fill(net, tensors, file)
        return net, FEATURES if _has_features_alone(tensors, file) else IMAGENET
    places = [f"features.{at}" for at, layer in enumerate(net.features) if isinstance(layer, nn.Conv2d)]
    layers = [f"block{b}_conv{c}" for b, block in enumerate(BLOCKS, 1) for c in range(1, len(block) + 1)]
    renamed = {
        f"{place}.{part}": tensors[f"{layer}.{part}"]
        for place, layer in zip(places, layers, strict=True)
        for part in ("weight", "bias")
        if f"{layer}.{part}" in tensors
    }
    if renamed["features.0.weight"].shape[1:2] == (3,):
        renamed["features.0.weight"] = renamed["features.0.weight"].flip(1)  # from blue first to red first
    fill(net, renamed, file)
    return net, CAFFE


def _has_features_alone(tensors: Tensors, file: Path) -> bool:
    """Whether the top of these was never trained: by their file's name, or as it is of no numbers."""
    top = [tensor for name, tensor in tensors.items() if name.startswith("classifier.")]
    return file.name.startswith(FEATURES_FILE) or any(bool(tensor.isnan().all()) for tensor in top)

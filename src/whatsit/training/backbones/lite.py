"""EfficientNet-Lite as modules of torch, for training all of it; see `model/backbones/lite.py` for what it is."""

from __future__ import annotations

import torch
from torch import nn

from whatsit.model.backbones.lite import BLOCKS, EPSILON, Tensors
from whatsit.training.backbones.chain import Block, SameConvolution


def build_lite(name: str, tensors: Tensors) -> nn.Sequential:
    """The network with published weights: (n, 3, h, w) photos in -1..1 → the last map (n, 1280, h/32, w/32)."""
    strides = [stride if block == 0 else 1 for count, stride in BLOCKS[name] for block in range(count)]
    return nn.Sequential(
        *_convolution(tensors, "_conv_stem", "_bn0", 2),
        nn.ReLU6(inplace=True),
        *(_block(tensors, f"_blocks.{place}", stride) for place, stride in enumerate(strides)),
        *_convolution(tensors, "_conv_head", "_bn1"),
        nn.ReLU6(inplace=True),
    )


def _block(tensors: Tensors, at: str, stride: int) -> Block:
    layers: list[nn.Module] = []
    if f"{at}._expand_conv.weight" in tensors:
        layers += [*_convolution(tensors, f"{at}._expand_conv", f"{at}._bn0"), nn.ReLU6(inplace=True)]
    layers += [*_convolution(tensors, f"{at}._depthwise_conv", f"{at}._bn1", stride), nn.ReLU6(inplace=True)]
    layers += _convolution(tensors, f"{at}._project_conv", f"{at}._bn2")
    first, last = layers[0], layers[-2]
    assert isinstance(first, nn.Conv2d)
    assert isinstance(last, nn.Conv2d)
    return Block(nn.Sequential(*layers), adds=stride == 1 and first.in_channels == last.out_channels)


def _convolution(tensors: Tensors, at: str, norm: str, stride: int = 1) -> list[nn.Module]:
    weights = torch.from_numpy(tensors[f"{at}.weight"])
    out, inner, side, _ = weights.shape
    groups = out if at.endswith("_depthwise_conv") else 1
    convolution = SameConvolution(inner * groups, out, side, stride, groups=groups, bias=False)
    normalisation = nn.BatchNorm2d(out, EPSILON)
    with torch.no_grad():
        convolution.weight.copy_(weights)
        parts = (normalisation.weight, normalisation.bias, normalisation.running_mean, normalisation.running_var)
        for place, part in zip(parts, ("weight", "bias", "running_mean", "running_var"), strict=True):
            assert place is not None
            place.copy_(torch.from_numpy(tensors[f"{norm}.{part}"]))
    return [convolution, normalisation]

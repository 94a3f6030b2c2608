"""Chains of plain layers in torch, and the same as records that are written into a graph without it.

Both give the same numbers within rounding (tests/training/backbones/test_chain.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from torch import nn

from whatsit.model.backbones import chain
from whatsit.model.backbones.chain import BatchNorm, Layer, pad_same


class SameConvolution(nn.Conv2d):
    """A convolution whose photos are padded as TensorFlow's "same" does (see `pad_same`)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        height, width = (
            pad_same(side, kernel, stride)
            for side, kernel, stride in zip(x.shape[2:], self.kernel_size, self.stride, strict=True)
        )
        return super().forward(nn.functional.pad(x, (*width, *height)))


class Block(nn.Module):
    """Layers, called `conv` as in the published weights, whose result may be added to what came in."""

    def __init__(self, conv: nn.Sequential, adds: bool) -> None:
        super().__init__()
        self.conv = conv
        self.adds = adds

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.conv(x)
        return x + out if self.adds else out


def layers_of(modules: Iterable[nn.Module]) -> list[Layer]:
    """Modules one after the other as records, normalisations folded into the convolutions before them."""
    waiting = list(_flat(modules))
    found: list[Layer] = []
    while waiting:
        module = waiting.pop(0)
        if isinstance(module, nn.Conv2d):
            norm = waiting.pop(0) if waiting and isinstance(waiting[0], nn.BatchNorm2d) else None
            found.append(_convolution(module, norm))
        else:
            found.append(_layer(module))
    return found


def _flat(modules: Iterable[nn.Module]) -> Iterator[nn.Module]:
    for module in modules:
        if isinstance(module, nn.Sequential):
            yield from _flat(module)
        else:
            yield module


def _layer(module: nn.Module) -> Layer:
    if isinstance(module, Block):
        return chain.Block(tuple(layers_of(module.conv)), module.adds)
    if isinstance(module, nn.ReLU6):
        return chain.Activation(6)
    if isinstance(module, nn.ReLU):
        return chain.Activation()
    if isinstance(module, nn.MaxPool2d):
        assert isinstance(module.kernel_size, int)
        return chain.MaxPool(module.kernel_size)
    raise TypeError(f"no node is known for {type(module).__name__}")


def _convolution(module: nn.Conv2d, norm: nn.Module | None) -> Layer:
    weights = module.weight.detach().cpu().numpy()
    bias = np.zeros(len(weights), np.float32) if module.bias is None else module.bias.detach().cpu().numpy()
    if isinstance(norm, nn.BatchNorm2d):
        assert norm.running_mean is not None
        assert norm.running_var is not None
        scale, shift, mean, variance = (
            part.detach().cpu().numpy() for part in (norm.weight, norm.bias, norm.running_mean, norm.running_var)
        )
        weights, bias = BatchNorm(scale, shift, mean, variance, norm.eps).fold_into(weights, bias)
    assert not isinstance(module.padding, str)
    padding = "same" if isinstance(module, SameConvolution) else int(module.padding[0])
    return chain.Convolution(weights, bias, int(module.stride[0]), module.groups, padding)  # type: ignore[arg-type]

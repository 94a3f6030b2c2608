"""MobileNet V2 without its top: 2.2 million parameters, 300 million multiply-adds, 1,280 features.

Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018, table 2. The names of the
parameters are those of the published weights (`features.0.0.weight` … `features.18.1.running_var`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import nn

from whatsit.model.backbones.chain import IMAGENET, PLUS_MINUS_ONE, Normalisation
from whatsit.training.backbones.chain import Block, SameConvolution
from whatsit.training.backbones.weights import COUNTERS, Tensors, fill

# (expansion, channels, blocks, stride of the first block): table 2 of the paper
BLOCKS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
STEM, WIDTH = 32, 1280

Padding = Literal["symmetric", "tensorflow"]


@dataclass(frozen=True)
class _Manner:
    """How every convolution is padded and normalised, which is how the weights were trained."""

    padding: Padding
    epsilon: float


class MobileNetV2(nn.Module):
    """(n, 3, h, w) normalised photos → the last map, (n, 1280, h/32, w/32).

    padding: "tensorflow" puts what a stride of two needs on even sides to the right and below only. Weights that
             were trained so lose accuracy when they are run the other way.
    epsilon: of the batch normalisations, 1e-3 in weights from TensorFlow and 1e-5 in those from PyTorch.
    """

    def __init__(self, padding: Padding = "symmetric", epsilon: float = 1e-5) -> None:
        super().__init__()
        manner = _Manner(padding, epsilon)
        layers: list[nn.Module] = [_convolution(manner, 3, STEM, 3, 2)]
        channels = STEM
        for expansion, wide, count, stride in BLOCKS:
            for block in range(count):
                step = stride if block == 0 else 1
                layers.append(_block(manner, channels, wide, expansion, step))
                channels = wide
        layers.append(_convolution(manner, channels, WIDTH, 1, 1))
        self.features = nn.Sequential(*layers)

    def forward(self, photos: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.features(photos)
        return out


def _block(manner: _Manner, channels: int, wide: int, expansion: int, stride: int) -> Block:
    """Widen, look at each channel by itself, narrow again without a nonlinearity; add what came in."""
    inner = channels * expansion
    layers: list[nn.Module] = []
    if expansion > 1:
        layers.append(_convolution(manner, channels, inner, 1, 1))
    layers.append(_convolution(manner, inner, inner, 3, stride, inner))
    layers += [nn.Conv2d(inner, wide, 1, bias=False), nn.BatchNorm2d(wide, manner.epsilon)]
    return Block(nn.Sequential(*layers), adds=stride == 1 and channels == wide)


def _convolution(
    manner: _Manner, channels: int, wide: int, side: int, stride: int, groups: int = 1
) -> nn.Sequential:
    if manner.padding == "tensorflow" and stride == 2:
        layer: nn.Conv2d = SameConvolution(channels, wide, side, stride, groups=groups, bias=False)
    else:
        layer = nn.Conv2d(channels, wide, side, stride, side // 2, groups=groups, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(wide, manner.epsilon), nn.ReLU6(inplace=True))


def load(tensors: Tensors, file: Path) -> tuple[MobileNetV2, Normalisation]:
    """The network with published weights, and the normalisation they were trained with.

    Known are the names of torchvision, timm, d-li14 and Keras. Weights from TensorFlow, which are those of Keras
    and files called as TensorFlow's own (`mobilenet_v2_1.0_224`), want its padding and pixels in -1..1.
    """
    scheme = next((names for names in SCHEMES if f"{names(LAST)[0]}.weight" in tensors), _torchvision)
    is_tensorflow = scheme is _keras or file.stem.casefold().startswith("mobilenet_v2_1.0")
    net = MobileNetV2("tensorflow" if is_tensorflow else "symmetric", 1e-3 if scheme is _keras else 1e-5)
    names = dict(_renamings(scheme))
    fill(net, {names.get(name, name): tensor for name, tensor in tensors.items()}, file)
    return net, PLUS_MINUS_ONE if is_tensorflow else IMAGENET


@dataclass(frozen=True)
class _Layer:
    """A convolution with its normalisation: what it does, in which block (from 1; `stage` and `place` from 0)."""

    role: str  # stem, expand, depthwise, project or last
    block: int = 0
    stage: int = 0
    place: int = 0
    is_wide: bool = False  # the block widens first

    def of(self, *roles: str) -> int:
        """Where this layer stands in its block."""
        return roles.index(self.role) - (0 if self.is_wide else 1)


LAST = _Layer("last", 18)


def _layers() -> Iterator[_Layer]:
    yield _Layer("stem")
    places = [(stage, place, row[0] > 1) for stage, row in enumerate(BLOCKS) for place in range(row[2])]
    for block, (stage, place, is_wide) in enumerate(places, 1):
        for role in ("expand", "depthwise", "project") if is_wide else ("depthwise", "project"):
            yield _Layer(role, block, stage, place, is_wide)
    yield LAST


Names = Callable[[_Layer], tuple[str, str]]  # a layer → the names of its convolution and its normalisation


def _torchvision(layer: _Layer) -> tuple[str, str]:
    if layer.role in ("stem", "last"):
        return f"features.{layer.block}.0", f"features.{layer.block}.1"
    at = layer.of("expand", "depthwise", "project")
    here = f"features.{layer.block}.conv"
    return (
        (f"{here}.{at}", f"{here}.{at + 1}") if layer.role == "project" else (f"{here}.{at}.0", f"{here}.{at}.1")
    )


def _li(layer: _Layer) -> tuple[str, str]:
    """github.com/d-li14/mobilenetv2.pytorch: a block's layers in one row, activations counted."""
    if layer.role == "stem":
        return "features.0.0", "features.0.1"
    if layer.role == "last":
        return "conv.0", "conv.1"
    at = 3 * layer.of("expand", "depthwise", "project")
    return f"features.{layer.block}.conv.{at}", f"features.{layer.block}.conv.{at + 1}"


def _timm(layer: _Layer) -> tuple[str, str]:
    if layer.role in ("stem", "last"):
        return ("conv_stem", "bn1") if layer.role == "stem" else ("conv_head", "bn2")
    wide, plain = ("conv_pw", "conv_dw", "conv_pwl"), ("conv_dw", "conv_pw")
    at = layer.of("expand", "depthwise", "project")
    here = f"blocks.{layer.stage}.{layer.place}"
    return f"{here}.{(wide if layer.is_wide else plain)[at]}", f"{here}.bn{at + 1}"


def _keras(layer: _Layer) -> tuple[str, str]:
    if layer.role in ("stem", "last"):
        return ("Conv1", "bn_Conv1") if layer.role == "stem" else ("Conv_1", "Conv_1_bn")
    name = f"{'expanded_conv' if layer.block == 1 else f'block_{layer.block - 1}'}_{layer.role}"
    return name, f"{name}_BN"


SCHEMES: tuple[Names, ...] = (_torchvision, _li, _timm, _keras)


def _renamings(scheme: Names) -> Iterator[tuple[str, str]]:
    """Each parameter's name in a scheme, and ours."""
    for layer in _layers():
        for theirs, ours in zip(scheme(layer), _torchvision(layer), strict=True):
            for part in ("weight", "bias", "running_mean", "running_var", COUNTERS):
                yield f"{theirs}.{part}", f"{ours}.{part}"

"""A network that reaches high accuracy in few epochs.

After K. Jordan, "94% on CIFAR-10 in 3.29 seconds on a single GPU" (arXiv:2404.00498): a first layer that whitens
small patches of the training photos and is not trained, then three blocks of convolution, pooling, batch norm,
GELU, convolution, batch norm, GELU, a global maximum and a linear layer. For larger photos the first blocks are
preceded by strided ones, so that the map that is pooled stays about as wide.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from whatsit.training.options import NetOptions

if TYPE_CHECKING:
    import torch

    from whatsit.image import Size

WIDENING = (1, 4, 4)  # filters of the blocks, in widths
IGNORES = ("dropout", "dense", "optimiser", "schedule")
PATCH = 2  # side of the whitened patches
EVENS_OUT = 5e-4  # added to the variances, so that the faintest direction is not blown up
NOTHING = 1e-5  # a direction with less of the largest variance has none
BN_MOMENTUM = 0.4  # of the new statistics: short trainings need fresh ones


def defaults(size: Size) -> NetOptions:
    """Few epochs, large batches."""
    return NetOptions(
        net="fast",
        depth=3,
        width=64 if min(size) >= 24 else 32,
        dropout=0.0,
        dense=0,
        epochs=8,
        batch=500,
        learning_rate=1.0,
    )


def build(size: Size, classes: int, options: NetOptions) -> torch.nn.Module:
    """The network for photos of `size` (height, width)."""
    import torch
    from torch import nn

    width = options.width or 64
    shrinking = max(0, round(math.log2(min(size) / 32)))  # halvings before the map is as wide as CIFAR's

    def convolution(channels: int, filters: int, stride: int = 1) -> nn.Conv2d:
        layer = nn.Conv2d(channels, filters, 3, stride=stride, padding=1, bias=False)
        nn.init.dirac_(layer.weight[: min(channels, filters)])  # starts as the identity where it can
        return layer

    class Norm(nn.BatchNorm2d):
        def __init__(self, channels: int) -> None:
            super().__init__(channels, momentum=BN_MOMENTUM)
            self.weight.requires_grad_(False)

    class Block(nn.Module):
        def __init__(self, channels: int, filters: int, pool: bool) -> None:
            super().__init__()
            steps: list[nn.Module] = [convolution(channels, filters)]
            if pool:
                steps.append(nn.MaxPool2d(2))
            steps += [Norm(filters), nn.GELU(), convolution(filters, filters), Norm(filters), nn.GELU()]
            self.steps = nn.Sequential(*steps)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.steps(x)
            return out

    class Fast(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.whiten = nn.Conv2d(3, 2 * 3 * PATCH**2, PATCH, bias=True)
            self.whiten.weight.requires_grad_(False)
            channels, side = 2 * 3 * PATCH**2, min(size) - PATCH + 1
            stem: list[nn.Module] = [nn.GELU()]
            for _ in range(shrinking):
                stem += [convolution(channels, width // 2, stride=2), Norm(width // 2), nn.GELU()]
                channels, side = width // 2, (side + 1) // 2
            self.stem = nn.Sequential(*stem)
            blocks: list[nn.Module] = []
            for widening in WIDENING[: options.depth or 3]:
                blocks.append(Block(channels, width * widening, pool=side >= 2))
                channels, side = width * widening, max(1, side // 2)
            self.blocks = nn.Sequential(*blocks)
            self.head = nn.Linear(channels, classes, bias=False)
            with torch.no_grad():
                self.head.weight /= self.head.weight.std()

        def features(self, photos: torch.Tensor) -> torch.Tensor:
            x = self.blocks(self.stem(self.whiten(photos)))
            pooled: torch.Tensor = torch.amax(x, dim=(2, 3)) / x.shape[1]
            return pooled

        def forward(self, photos: torch.Tensor) -> torch.Tensor:
            scores: torch.Tensor = self.head(self.features(photos))
            return scores

        @torch.no_grad()
        def set_first_layer(self, photos: torch.Tensor) -> None:
            """Set the first layer from normalised training photos, (n, 3, h, w)."""
            patches = photos.unfold(2, PATCH, 1).unfold(3, PATCH, 1)  # (n, 3, h', w', p, p)
            patches = patches.permute(0, 2, 3, 1, 4, 5).reshape(-1, 3 * PATCH**2)
            covariance = patches.T @ patches / len(patches)
            values, vectors = torch.linalg.eigh(covariance)
            filters = (vectors / (values + EVENS_OUT).sqrt()).T  # a row a direction
            # Grey photos have eight directions without variance. Whitened they would be rounding noise, and as
            # zeros they would make batch norm divide by nothing: mixtures of the others stand in their place.
            alive = filters[values > NOTHING * values.max()]
            mixtures = torch.nn.functional.normalize(torch.randn(len(filters) - len(alive), len(alive)), dim=1)
            filters = torch.cat([alive, mixtures @ alive]).reshape(-1, 3, PATCH, PATCH)
            self.whiten.weight.copy_(torch.cat([filters, -filters]))
            self.whiten.bias.zero_()  # type: ignore[union-attr]

    return Fast()

"""The textbook network: blocks of convolutions and max pooling, average pooling, dense, softmax.

`depth` blocks of two 3×3 convolutions and a 2×2 max pooling, filters doubling from `width`, dropout behind each
block; then average pooling to at most 2×2, one dense layer, dropout, and the linear layer whose softmax answers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from whatsit.training.options import NetOptions

if TYPE_CHECKING:
    import torch

    from whatsit.image import Size

WIDEST = 256


def defaults(size: Size) -> NetOptions:
    """Blocks until the map is about 4 pixels wide."""
    depth = max(1, min(6, round(math.log2(min(size) / 4))))
    return NetOptions(
        net="simple",
        depth=depth,
        width=32,
        dropout=0.25,
        dense=256,
        epochs=20,
        batch=64,
        optimiser="adam",
        schedule="one-cycle",
    )


def build(size: Size, classes: int, options: NetOptions) -> torch.nn.Module:
    """The network for photos of `size` (height, width)."""
    from torch import nn

    class Simple(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            layers: list[nn.Module] = []
            channels, (height, width) = 3, size
            for block in range(options.depth or 1):
                filters = min(WIDEST, (options.width or 32) * 2**block)
                layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU()]
                layers += [nn.Conv2d(filters, filters, 3, padding=1), nn.ReLU()]
                if min(height, width) >= 2:
                    layers += [nn.MaxPool2d(2)]
                    height, width = height // 2, width // 2
                layers += [nn.Dropout(options.dropout or 0.0)]
                channels = filters
            pooled = max(1, min(height, width) // 2)
            if pooled < min(height, width):
                layers += [nn.AvgPool2d(min(height, width) // pooled)]
                step = min(height, width) // pooled
                height, width = height // step, width // step
            layers += [nn.Flatten(), nn.Linear(channels * height * width, options.dense or 256), nn.ReLU()]
            layers += [nn.Dropout(min(0.5, 2 * (options.dropout or 0.0)))]
            self.features = nn.Sequential(*layers)
            self.head = nn.Linear(options.dense or 256, classes)
            for module in self.modules():
                if isinstance(module, (nn.Conv2d, nn.Linear)):
                    nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")
                    nn.init.zeros_(module.bias)  # type: ignore[arg-type]
            nn.init.xavier_uniform_(self.head.weight)

        def forward(self, photos: torch.Tensor) -> torch.Tensor:
            scores: torch.Tensor = self.head(self.features(photos))
            return scores

    return Simple()

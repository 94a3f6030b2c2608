"""The ways to train, by name: one file a recipe."""

from __future__ import annotations

import math

from whatsit.plugins import Registry, of_class
from whatsit.training.recipes import cnn, finetune, transfer
from whatsit.training.recipes.classical import recipe as classical
from whatsit.training.task import Recipe

RECIPES = Registry(
    "recipes",
    {
        "cnn": Recipe(
            cnn.fit,
            "a convolutional network trained from nothing",
            cnn.size,
            cnn.USES,
            cnn.find_idle,
            in_ranks=True,
            torch_for=lambda _options: "Training a network",
        ),
        "classical": Recipe(
            classical.fit,
            "a grid search over simple models on computed features",
            classical.size,
            classical.USES,
            classical.find_idle,
            classical.MOST_CROSSED,
        ),
        "transfer": Recipe(
            transfer.fit,
            "a head on a pretrained network: few photos, seconds",
            transfer.size,
            transfer.USES,
            transfer.find_idle,
            math.inf,
            torch_for=transfer.find_torch_use,
        ),
        "finetune": Recipe(
            finetune.fit,
            "a pretrained network, all of it trained on: minutes",
            finetune.size,
            finetune.USES,
            finetune.find_idle,
            in_ranks=True,
            torch_for=lambda _options: "Training a network",
        ),
    },
    of_class(Recipe),
)

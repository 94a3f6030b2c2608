"""Which recipe to take where none is named, and why."""

from __future__ import annotations

import importlib.util

from whatsit.data.dataset import Arrays, Dataset
from whatsit.errors import UserError
from whatsit.train.backbones import found
from whatsit.train.options import RecipeName, TrainOptions

# Pictures smaller than this show a backbone nothing it has learnt: it was trained on photos of 224 pixels.
SMALLEST_PHOTO = 64
# Below this many photos a network trained from nothing learns them by heart; computed features do better.
FEW = 2_000


def chosen_recipe(dataset: Dataset, options: TrainOptions) -> tuple[RecipeName, str]:
    """A recipe's name, and the reason in a clause."""
    if importlib.util.find_spec("torch") is None:
        return "classical", "torch is not installed"
    photos = dataset.photos
    are_small = isinstance(photos, Arrays) and min(photos.size) < SMALLEST_PHOTO
    if not are_small:
        try:
            backbone = found(options.transfer, may_fetch=False)
        except UserError:
            pass
        else:
            return "transfer", f"the pretrained network {backbone.name} is on this machine"
    if len(dataset) < FEW:
        return "classical", f"{len(dataset):,} photos are few for a network trained from nothing"
    return "cnn", "the pictures are small" if are_small else "no pretrained network is on this machine"
